import { driftAdvice } from '../../pipeline/drift/advice.ts'
import type { Moment } from '../../pipeline/moments.ts'
import type { ScoreSummary } from '../../pipeline/score.ts'
import { SEVERITIES, type Severity } from '../../schema/scores.ts'
import { budgetText } from '../budget-text.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { facts, minute, number, severity } from '../format.ts'
import { choice, examples, MOMENT_HELP, parseMoment, parseOneBudget, waitOption } from '../options.ts'
import { deliveryOptionsOf } from '../outside.ts'
import type { Shell } from '../shell.ts'
import { deliveryText } from '../sink-text.ts'
import { saveMetrics } from './runs.ts'

interface Options {
  wait?: number
  from?: Moment
  to?: Moment
  model?: string
  failOn?: Severity
  budget?: number
  metricsFile?: string
  deliver?: boolean
}

export function defineScore({ program, run }: Cli): void {
  const command = program
    .command('score')
    .summary('score token-hours and raise alerts')
    .description(
      'Scores every token-hour with traffic in a period and raises explained alerts, within the alert budget. Scoring the\n' +
        'same period again replaces it: nothing is counted twice. Without --from it goes on after the last hour scored, up to where\n' +
        'events may still come late (scoring.latenessMinutes), and scores again days that events came to since. Exit codes: 0 good,\n' +
        '1 failed, 2 bad usage or input, 3 alerts at or above --fail-on, 4 another run is at work.',
    )
    .option('--from <time>', 'score from here on (default: after the last hour scored)', parseMoment)
    .option('--to <time>', 'score before this (default: to the last event)', parseMoment)
    .option(
      '--model <name[@version]>',
      'model to use (default: the version of the default model that is promoted, else the newest)',
    )
    .option(
      '--budget <rate>',
      'alert budget: 10/day, 70/week (default: from the configuration, 10/day)',
      parseOneBudget,
    )
    .addOption(
      choice('--fail-on <severity>', 'exit with code 3 when an alert is at least this severe', SEVERITIES),
    )
    .option('--metrics-file <file>', 'write figures for the Prometheus textfile collector afterwards')
    .addOption(waitOption())
    .option('--deliver', 'then tell the sinks of the configuration, as `keyhound sinks deliver` does')
    .addHelpText(
      'after',
      MOMENT_HELP +
        examples([
          ['What came after the training period', 'keyhound score --from 2026-10-05'],
          ['The last week of the log', 'keyhound score --from -7d'],
          [
            'Each hour from a scheduler: resumes by itself, and wakes somebody up',
            'keyhound score --fail-on high',
          ],
          ['For a team that takes three alerts a day', 'keyhound score --from 2026-10-05 --budget 3/day'],
          ['With an older version of the model', 'keyhound score --from 2026-10-05 --model default@1'],
        ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const { score } = await import('../../pipeline/score.ts')
      const { timesOf } = await import('../../pipeline/moments.ts')
      const { failOn, budget, wait, metricsFile, deliver, from, to, model } = options
      const context = await shell.context({ mustExist: true, ...(wait !== undefined && { wait }) })
      const summary = await score(context, {
        ...(await timesOf(context, { from, to })),
        ...(model !== undefined && { model }),
        ...(budget !== undefined && { budgetPerDay: budget }),
      })
      if (metricsFile !== undefined) await saveMetrics(shell, metricsFile)
      await shell.result(summary, () => scoreText(summary, shell.colors))
      noteFindings(shell, summary)
      if (deliver) {
        const { deliverAlerts } = await import('../../respond/deliver.ts')
        const given = await deliveryOptionsOf(shell, program.version() ?? 'unknown')
        shell.note(deliveryText(await deliverAlerts(context, given)))
      }
      return failOn !== undefined && reaches(summary.severities, failOn) ? EXIT.alerts : EXIT.good
    }),
  )
}

/** Whether any alert is at or above a severity. */
export function reaches(counts: Partial<Record<Severity, number>>, threshold: Severity): boolean {
  return SEVERITIES.slice(SEVERITIES.indexOf(threshold)).some(one => (counts[one] ?? 0) > 0)
}

/** What a run found beside its scores and alerts. */
export function noteFindings(shell: Shell, { reopened, drift }: ScoreSummary): void {
  for (const alertId of reopened) shell.note(`${alertId} is open again: its evidence has grown`)
  const warning = drift && driftAdvice(drift)
  if (warning !== null) shell.note(`warning: ${warning}`)
}

export function scoreText(summary: ScoreSummary, colors: Shell['colors']): string {
  const bySeverity = SEVERITIES.toReversed()
    .filter(one => summary.severities[one] !== undefined)
    .map(one => `${number(summary.severities[one])} ${severity(one, colors)}`)
  const perDay = summary.days === 0 ? 0 : summary.alerts / summary.days
  return facts(
    [
      ['model', summary.model],
      ['scored', `${minute(summary.from)} to ${minute(summary.to)} UTC (${number(summary.days)} days)`],
      ['token-hours', `${number(summary.windows)} of ${number(summary.tokens)} tokens`],
      [
        'alerts',
        `${number(summary.alerts)} in ${number(summary.incidents)} incidents, ${number(perDay, 1)} a day; ${number(summary.folded)} more repeat an open one`,
      ],
      ['budget', budgetText(summary.budget)],
      ['by severity', bySeverity.join(', ') || '-'],
      [
        'held back',
        `${number(summary.suppressed)}; kept with the reason: keyhound alerts list --status suppressed`,
      ],
      [
        'shown beside',
        `${number(summary.sampled)} sampled of those held back, ${number(summary.explored)} explored below the line`,
      ],
      [
        'scored again',
        `${number(summary.skew.compared)} token-hours, ${number(summary.skew.changed)} of them to another score${summary.skew.changed === 0 ? '' : `, by ${number(summary.skew.largest, 3)} at most`}`,
      ],
      ['filter', summary.filter.because],
    ],
    colors,
  )
}
