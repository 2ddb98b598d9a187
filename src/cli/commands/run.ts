import type { Moment } from '../../pipeline/moments.ts'
import type { TriagedAlert } from '../../pipeline/triage.ts'
import { SEVERITIES, type Severity } from '../../schema/scores.ts'
import { alertTable } from '../alert-text.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { number } from '../format.ts'
import {
  choice,
  examples,
  MOMENT_HELP,
  parseCount,
  parseMoment,
  parseOneBudget,
  waitOption,
} from '../options.ts'
import type { Shell } from '../shell.ts'
import { addIngestOptions, type IngestFlags, ingestOptionsOf, ingestText, showKept } from './ingest.ts'
import { noteFindings, reaches, scoreText } from './score.ts'
import { trainText } from './train.ts'

/** Alerts in the table at the end, as many as `alerts list` shows. */
const LISTED_ALERTS = 50

interface Options extends IngestFlags {
  wait?: number
  until?: Moment
  from?: Moment
  to?: Moment
  labels?: string
  name?: string
  seed?: number
  budget?: number
  failOn?: Severity
}

export function defineRun({ program, run }: Cli): void {
  const command = program
    .command('run')
    .summary('from logs to alerts in one go: ingest, train, score')
    .description(
      'Reads logs, learns what is usual from the days before --until, scores from --from on, and lists the open alerts: what\n' +
        'ingest, train, score and alerts list do, in one process. Scores are of the model just trained, whichever is promoted. A step\n' +
        'that fails ends the run, and what the steps before it stored stays. Exit codes are those of score.',
    )
    .argument('<path...>', 'files, folders or quoted globs')
  addIngestOptions(command)
    .option('--until <time>', 'learn from events before this (default: all)', parseMoment)
    .option(
      '--labels <file>',
      'known misuse (CSV, Parquet, JSONL): kept out of what is usual, teaches the filter',
    )
    .option('--name <name>', 'name of the model')
    .option('--seed <n>', 'seed of every random choice', parseCount(0, 2 ** 32 - 1))
    .option('--from <time>', 'score from here on (default: after the last hour scored)', parseMoment)
    .option('--to <time>', 'score before this (default: to the last event)', parseMoment)
    .option(
      '--budget <rate>',
      'alert budget: 10/day, 70/week (default: from the configuration, 10/day)',
      parseOneBudget,
    )
    .addOption(
      choice('--fail-on <severity>', 'exit with code 3 when an alert is at least this severe', SEVERITIES),
    )
    .addOption(waitOption())
    .addHelpText(
      'after',
      MOMENT_HELP +
        examples([
          ['Learn from all but the last week, score that week', 'keyhound run logs/ --until -7d --from -7d'],
          [
            'By dates, with ids that are no secrets, and roles and scopes from a list',
            'keyhound run events.csv --inventory tokens.csv --tokens identifier --until 2026-10-05 --from 2026-10-05',
          ],
          [
            'In a script: one JSON object, and exit code 3 for what should wake somebody',
            'keyhound run logs/ --until -1d --from -1d --fail-on high --json',
          ],
        ]),
    )
  command.action((paths: string[], options: Options) =>
    run(command, async shell => {
      const { logsToAlerts } = await import('../../pipeline/logs-to-alerts.ts')
      const { until, from, to, labels, name, budget, failOn, wait } = options
      const context = await shell.context(wait === undefined ? {} : { wait })
      const summary = await logsToAlerts(
        context,
        {
          ingest: ingestOptionsOf(shell, paths, options),
          train: {
            until,
            name,
            labels: labels && shell.path(labels),
            seed: options.seed ?? context.config.seed,
          },
          score: { from, to, budgetPerDay: budget },
        },
        {
          ingested: ended => showStep(shell, 'ingest', () => ingestText(ended, shell.colors)),
          trained: ended => showStep(shell, 'train', () => trainText(ended, shell.colors)),
          async scored(ended) {
            await showStep(shell, 'score', () => scoreText(ended, shell.colors))
            noteFindings(shell, ended)
          },
        },
      ).catch(async error => {
        await showKept(shell, error)
        throw error
      })
      await shell.result(summary, () => `${shell.colors.bold('alerts')}\n${queueText(shell, summary.alerts)}`)
      return failOn !== undefined && reaches(summary.score.severities, failOn) ? EXIT.alerts : EXIT.good
    }),
  )
}

/** A step's result below its name; under --json all of them come as one object at the end. */
async function showStep(shell: Shell, step: string, text: () => string): Promise<void> {
  if (!shell.json) await shell.result(null, () => `${shell.colors.bold(step)}\n${text()}\n`)
}

function queueText(shell: Shell, alerts: readonly TriagedAlert[]): string {
  if (alerts.length === 0) return 'none is open'
  const more = alerts.length - LISTED_ALERTS
  const rest = more > 0 ? `\n... and ${number(more)} more: keyhound alerts list --limit ${alerts.length}` : ''
  return alertTable(alerts.slice(0, LISTED_ALERTS), shell.colors) + rest
}
