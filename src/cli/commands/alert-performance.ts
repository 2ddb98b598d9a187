import type { Command } from 'commander'
import type { Estimate } from '../../schema/evaluation.ts'
import type { Performance, PerformancePeriod } from '../../schema/performance.ts'
import type { Cli } from '../cli.ts'
import { number, percent, table } from '../format.ts'
import { examples, parseTime } from '../options.ts'
import type { Shell } from '../shell.ts'

export function defineAlertPerformance({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('performance')
    .summary('how alerts fared, week by week')
    .description(
      'Counts the alerts of each week (Monday to Sunday, UTC) and what analysts said of them since: confirmed alerts a day,\n' +
        "precision with Wilson's 95 % interval, and the share that nobody judged, without which precision means little. Recall\n" +
        'is stated where suppressed alerts were judged (of the misuse among all alerts raised), or with labels (of those). Alerts\n' +
        'marked sampled count as suppressed, which is what their verdicts tell of; those marked explored are left out.',
    )
    .option('--from <time>', 'alerts first seen at or after this, UTC', parseTime)
    .option('--to <time>', 'alerts first seen before this, UTC', parseTime)
    .option('--labels <file>', 'known misuse: CSV, Parquet or JSONL')
    .addHelpText(
      'after',
      examples([
        ['Every week so far', 'keyhound alerts performance'],
        [
          'This autumn, with what is known by now',
          'keyhound alerts performance --from 2026-09-01 --labels incidents.csv',
        ],
        ['For a dashboard', 'keyhound alerts performance --json | jq .weeks[].precision'],
      ]),
    )
  command.action((options: { from?: Date; to?: Date; labels?: string }) =>
    run(command, async shell => {
      const { alertPerformance } = await import('../../pipeline/performance.ts')
      const found = await alertPerformance(await shell.context({ mustExist: true }), {
        ...options,
        ...(options.labels !== undefined && { labels: shell.path(options.labels) }),
      })
      await shell.result(found, () => performanceText(found, shell.colors))
      return undefined
    }),
  )
}

function performanceText({ weeks, whole }: Performance, colors: Shell['colors']): string {
  if (weeks.length === 0) return 'nothing was scored in that period'
  const right = (name: string) => ({ name, align: 'right' as const })
  const hasLabels = whole.recallOfLabels !== null
  const row = (name: string, week: PerformancePeriod) => [
    name,
    number(week.alerts),
    number(week.alertsPerDay, 1),
    number(week.verdicts.true_positive),
    number(week.verdicts.false_positive),
    number(week.verdicts.benign_trigger),
    number(week.verdicts.duplicate),
    percent(week.unjudgedShare, 0),
    number(week.confirmedPerDay, 1),
    estimate(week.precision),
    number(week.suppressed),
    estimate(week.recallAmongRaised),
    ...(week.recallOfLabels === null
      ? []
      : [`${estimate(week.recallOfLabels)} of ${number(week.labelledTokenDays)}`]),
  ]
  const columns = [
    'week of',
    right('alerts'),
    right('a day'),
    right('true'),
    right('false'),
    right('benign'),
    right('duplicate'),
    right('unjudged'),
    right('confirmed a day'),
    right('precision'),
    right('suppressed'),
    right('recall among raised'),
    ...(hasLabels ? [right('recall of labelled token-days')] : []),
  ]
  return table(columns, [...weeks.map(week => row(week.start, week)), row('all', whole)], colors)
}

/** 62 % (41-79). */
function estimate({ value, low, high }: Estimate): string {
  if (value === null) return '-'
  return `${percent(value, 0)} (${number(100 * (low ?? 0))}-${number(100 * (high ?? 1))})`
}
