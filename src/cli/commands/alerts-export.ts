import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'

import { ALERT_STATUS_FILTERS, type AlertStatusFilter } from '../../schema/labels.ts'
import type { Severity } from '../../schema/scores.ts'
import { SEVERITIES } from '../../schema/scores.ts'
import type { Cli } from '../cli.ts'
import { number } from '../format.ts'
import { choice, examples, parseTime } from '../options.ts'

const FORMATS = ['ocsf'] as const

interface ExportOptions {
  format: (typeof FORMATS)[number]
  out: string
  from?: Date
  to?: Date
  severity?: Severity
  status: AlertStatusFilter
}

export function defineExport({ program, run }: Cli, alerts: Command): void {
  const command = alerts
    .command('export')
    .summary('write alerts for another system')
    .description(
      'Writes alerts to a file, one JSON object a line, oldest first: OCSF Detection Findings (class 2004) with the\n' +
        'anomalies and baselines behind each, the events that show them, and their ATT&CK techniques.',
    )
    .requiredOption('--out <file>', 'file to write; an old one is replaced')
    .addOption(choice('--format <format>', 'what to write', FORMATS, 'ocsf'))
    .option('--from <time>', 'last seen at or after this, UTC', parseTime)
    .option('--to <time>', 'first seen before this, UTC', parseTime)
    .addOption(choice('--severity <severity>', 'at least this severe', SEVERITIES))
    .addOption(choice('--status <status>', 'which alerts', ALERT_STATUS_FILTERS, 'open'))
    .addHelpText(
      'after',
      examples([
        ['The open queue', 'keyhound alerts export --format ocsf --out findings.jsonl'],
        [
          'Everything of a day, judged or held back as well',
          'keyhound alerts export --out day.jsonl --status all --from 2026-10-05 --to 2026-10-06',
        ],
      ]),
    )
  command.action((options: ExportOptions) =>
    run(command, async shell => {
      const { listAlerts } = await import('../../pipeline/triage.ts')
      const { readEventsOfTenants } = await import('../../pipeline/example-events.ts')
      const { toDetectionFinding } = await import('../../respond/ocsf.ts')
      const { publish } = await import('../../sql/workspace.ts')
      const context = await shell.context({ mustExist: true })
      const found = await listAlerts(context, options)
      found.sort((a, b) => a.firstSeen.getTime() - b.firstSeen.getTime() || (a.alertId < b.alertId ? -1 : 1))
      const days = [...new Set(found.map(alert => alert.firstSeen.toISOString().slice(0, 10)))]
      const named = found.map(({ tenantId, reasons }) => ({
        tenantId,
        eventIds: reasons.flatMap(reason => reason.events ?? []),
      }))
      const events = await readEventsOfTenants(context, days, named)
      const lines = found.map(alert =>
        JSON.stringify(
          toDetectionFinding(alert, events.get(alert.tenantId)!, program.version() ?? 'unknown'),
        ),
      )
      const file = shell.path(options.out)
      await publish(file, temporary => writeFileSync(temporary, lines.map(line => `${line}\n`).join('')))
      await shell.result(
        { file, alerts: found.length, format: options.format },
        () => `${number(found.length)} alerts written to ${file}`,
      )
      return undefined
    }),
  )
}
