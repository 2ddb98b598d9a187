import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf } from '../../lib/errors.ts'
import type { SinkOf } from '../../schema/sinks.ts'
import { toCef } from '../cef.ts'
import { toDetectionFinding } from '../ocsf.ts'
import { failure, type Outcome, type Outside } from '../outside.ts'
import { alertRecord } from '../record.ts'
import type { Attempt, OutgoingAlert, Sink } from '../sink.ts'
import { renderTemplate, templateValues } from '../template.ts'

const ENDINGS = { json: 'jsonl', ocsf: 'jsonl', cef: 'cef', text: 'log' } as const

const DEFAULT_LINE =
  '{{lastSeen}} {{severity}} {{title}} tenant={{tenant}} token={{token}} risk={{risk}} alert={{alertId}}'

/** A line an alert, a file a day (UTC, of the moment that the message was made): `alerts-2026-10-05.jsonl`. */
export function openFileSink(config: SinkOf<'file'>, outside: Outside): Sink {
  const folder = resolve(outside.root, config.folder)
  return {
    render: outgoing => lineOf(outgoing, config, outside),
    send: attempt => Promise.resolve(append(folder, ENDINGS[config.format], attempt)),
  }
}

function lineOf(outgoing: OutgoingAlert, { format, template }: SinkOf<'file'>, outside: Outside): string {
  const { alert, events } = outgoing
  if (format === 'json') return JSON.stringify(alertRecord(outgoing))
  if (format === 'ocsf') return JSON.stringify(toDetectionFinding(alert, events, outside.productVersion))
  if (format === 'cef') return toCef(outgoing, outside.productVersion)
  const text = renderTemplate(template?.text ?? DEFAULT_LINE, templateValues(alert))
  // The id makes every line one of its own, whatever a template says: doubles are found by it.
  return `${text.trim().replace(/[\r\n]+/g, '; ')} delivery=${outgoing.deliveryId}`
}

/**
 * Adds the line in one write at the end of the file, which whoever follows the file sees whole, and waits until the disk has it. A
 * line that is there already, since we were killed before it could be noted, is not added again; half a line that a power cut
 * left is ended first.
 */
function append(folder: string, ending: string, { payload, createdAt }: Attempt): Outcome {
  const file = join(folder, `alerts-${createdAt.toISOString().slice(0, 10)}.${ending}`)
  try {
    mkdirSync(folder, { recursive: true })
    const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
    if (before.startsWith(`${payload}\n`) || before.includes(`\n${payload}\n`)) return { ok: true }
    const isTorn = before !== '' && !before.endsWith('\n')
    const handle = openSync(file, 'a', 0o640)
    try {
      writeSync(handle, `${isTorn ? '\n' : ''}${payload}\n`)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    return { ok: true }
  } catch (error) {
    return failure(messageOf(error))
  }
}
