import { Argument, type Command } from 'commander'
import { VERDICTS, type Verdict } from '../../schema/labels.ts'
import { SEVERITIES, type Severity } from '../../schema/scores.ts'
import { alertTable, alertText } from '../alert-text.ts'
import type { Cli } from '../cli.ts'
import { choice, examples, parseCount, parseTime } from '../options.ts'
import { defineAlertPerformance } from './alert-performance.ts'
import { defineSuppress, defineUnsuppress } from './suppressions.ts'

export function defineAlerts(cli: Cli): void {
  const alerts = cli.program
    .command('alerts')
    .summary('triage: list, show, judge and suppress alerts')
    .description(
      'Works on the queue of alerts. A verdict teaches the filter at the next training; a suppression holds back alike\n' +
        'alerts from the next scoring on, until it expires. Suppressed alerts are kept and can be listed.',
    )
    .addHelpText(
      'after',
      examples([
        ['The open queue, worst first', 'keyhound alerts list'],
        ['One alert with its reasons; the first characters of the id do', 'keyhound alerts show 3fk2'],
        ['Judge it', 'keyhound alerts verdict 3fk2 false_positive --note "monthly export"'],
      ]),
    )
  defineList(cli, alerts)
  defineShow(cli, alerts)
  defineVerdict(cli, alerts)
  defineAlertPerformance(cli, alerts)
  defineSuppress(cli, alerts)
  defineUnsuppress(cli, alerts)
}

interface ListOptions {
  from?: Date
  to?: Date
  severity?: Severity
  status: 'open' | 'judged' | 'suppressed' | 'all'
  limit: number
}

function defineList({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('list')
    .summary('the queue, worst first')
    .description('Lists alerts, highest risk first. Open ones are neither judged nor suppressed.')
    .option('--from <time>', 'last seen at or after this, UTC', parseTime)
    .option('--to <time>', 'first seen before this, UTC', parseTime)
    .addOption(choice('--severity <severity>', 'at least this severe', SEVERITIES))
    .addOption(choice('--status <status>', 'which alerts', ['open', 'judged', 'suppressed', 'all'], 'open'))
    .option('--limit <n>', 'at most so many', parseCount(1), 50)
    .addHelpText(
      'after',
      examples([
        ['What is open', 'keyhound alerts list'],
        ['Severe ones of a day', 'keyhound alerts list --severity high --from 2026-10-05 --to 2026-10-06'],
        ['What was held back, and why', 'keyhound alerts list --status suppressed'],
      ]),
    )
  command.action((options: ListOptions) =>
    run(command, async shell => {
      const { listAlerts } = await import('../../pipeline/triage.ts')
      const context = await shell.context({ mustExist: true })
      const found = await listAlerts(context, options)
      await shell.result(found, () =>
        found.length === 0 ? 'no alert matches' : alertTable(found, shell.colors),
      )
      return undefined
    }),
  )
}

function defineShow({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('show')
    .summary('one alert with its reasons and evidence')
    .description(
      'Shows an alert: what was seen beside what is usual, the events behind it, and how it was judged.',
    )
    .argument('<alert>', 'alert id, or the first characters of it')
    .addHelpText(
      'after',
      examples([
        ['By the start of its id', 'keyhound alerts show 3fk2'],
        ['The events behind it', 'keyhound alerts show 3fk2 --json | jq -r .evidence[]'],
      ]),
    )
  command.action((id: string) =>
    run(command, async shell => {
      const { findAlert } = await import('../../pipeline/triage.ts')
      const alert = await findAlert(await shell.context({ mustExist: true }), id)
      await shell.result(alert, () => alertText(alert, shell.colors))
      return undefined
    }),
  )
}

function defineVerdict({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('verdict')
    .summary('judge an alert')
    .description(
      'Records a judgement. true_positive: misuse. false_positive: nothing happened that should have been flagged.\n' +
        'benign_trigger: unusual indeed, and fine. duplicate: already known from another alert. A later verdict replaces\n' +
        'an earlier one.',
    )
    .argument('<alert>', 'alert id, or the first characters of it')
    .addArgument(new Argument('<verdict>', 'what it was').choices([...VERDICTS]))
    .option('--note <text>', 'why')
    .option('--who <name>', 'who judges (default: your login)')
    .addHelpText(
      'after',
      examples([
        [
          'It was theft',
          'keyhound alerts verdict 3fk2 true_positive --note "key found in a public repository"',
        ],
        ['It was the quarterly export', 'keyhound alerts verdict 3fk2 benign_trigger'],
      ]),
    )
  command.action((id: string, verdict: Verdict, options: { note?: string; who?: string }) =>
    run(command, async shell => {
      const { judgeAlert } = await import('../../pipeline/triage.ts')
      const record = await judgeAlert(await shell.context({ mustExist: true }), id, {
        verdict,
        note: options.note ?? null,
        who: options.who ?? shell.effects.user,
      })
      await shell.result(record, () => `${record.alertId}: ${record.verdict}`)
      return undefined
    }),
  )
}
