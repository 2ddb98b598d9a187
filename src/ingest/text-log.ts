import type { OpenLog } from './log.ts'
import { fileSources } from './source-file.ts'
import { isAccessLine } from './sources/nginx.ts'
import { FIELDS_LINE } from './sources/w3c.ts'
import { findPrefix, sampleLines, shareOf } from './text-form.ts'

/** Lines of a file's beginning that are looked at. */
const LOOKED_AT = 50

/** Is the text of a log whose lines are of a form we know, with or without the head of another program before them? */
export function isTextLog(head: string): boolean {
  if (FIELDS_LINE.test(head)) return true
  const lines = head.split(/\r?\n/).slice(0, LOOKED_AT)
  const log = { format: 'lines' as const, sample: lines.map(line => ({ line })) }
  const records = sampleLines(log)
  return shareOf(records, { test: isKnownLine }) >= 0.5 || findPrefix(records, isRecord) !== null
}

/** What stands before each line of a log of lines; null where they are of a form we know as they are. */
export function prefixOf(log: OpenLog): string | null {
  const records = sampleLines(log).slice(0, LOOKED_AT)
  if (shareOf(records, { test: isKnownLine }) >= 0.5) return null
  return findPrefix(records, isRecord)
}

/** Is the text a line of a text log, of a form we know? */
export const isRecordLine = (line: string) => isKnownLine(line)

const isRecord = (line: string) => isKnownLine(line) || isObject(line)

function isKnownLine(line: string): boolean {
  return isAccessLine(line) || fileSources().some(source => source.takes?.(line) === true)
}

function isObject(line: string): boolean {
  if (!line.startsWith('{')) return false
  try {
    return typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}
