import type { Command } from 'commander'
import { columnAdvice, driftAdvice } from '../../pipeline/drift/advice.ts'
import type { ModelDrift } from '../../pipeline/drift/drift.ts'
import type { ColumnDrift } from '../../schema/drift.ts'
import type { Cli } from '../cli.ts'
import { facts, number, percent, table } from '../format.ts'
import { examples, parseTime } from '../options.ts'
import type { Shell } from '../shell.ts'

export function defineModelDrift({ run }: Cli, models: Command): void {
  const command = models
    .command('drift')
    .summary('how far the log has moved away from what a model was trained on')
    .description(
      'Compares the token-hours of a period with those of training: population stability index (PSI) and largest gap of the\n' +
        'distributions (KS), with what chance gives at this number of token-days, and what single days of training gave, taken\n' +
        'out. Those come first that weigh in the score. Without a period: the last week scored.',
    )
    .argument('[name[@version]]', 'model (default: the one that score uses)')
    .option('--from <time>', 'compare from this day on, UTC (default: a week before the end)', parseTime)
    .option(
      '--to <time>',
      'compare the days that begin before this, UTC (default: to the last day scored)',
      parseTime,
    )
    .option(
      '--all',
      'also what asks for nothing: features that are stable, or moved where they add to no score',
    )
    .addHelpText(
      'after',
      examples([
        ['Does the model still fit the log?', 'keyhound models drift'],
        ['A month, every feature', 'keyhound models drift default@2 --from 2026-10-01 --to 2026-11-01 --all'],
        ['For a script', 'keyhound models drift --json | jq .weighted'],
      ]),
    )
  command.action((model: string | undefined, options: { from?: Date; to?: Date; all?: boolean }) =>
    run(command, async shell => {
      const { modelDrift } = await import('../../pipeline/drift/drift.ts')
      const { all = false, ...period } = options
      const drift = await modelDrift(await shell.context({ mustExist: true }), {
        ...period,
        ...(model !== undefined && { model }),
      })
      const advised = drift.columns.map(column => ({ ...column, advice: columnAdvice(column).text }))
      await shell.result({ ...drift, columns: advised, advice: driftAdvice(drift) }, () =>
        driftText(drift, all, shell.colors),
      )
      return undefined
    }),
  )
}

function driftText(drift: ModelDrift, all: boolean, colors: Shell['colors']): string {
  const shown = drift.columns.filter(column => all || columnAdvice(column).isDue)
  const head = facts(
    [
      ['model', `${drift.model}, trained on ${number(drift.trainingRows)} token-hours`],
      ['period', `${drift.from} to ${drift.to} (${number(drift.periodRows)} token-hours)`],
      [
        'score',
        drift.score === null
          ? '-'
          : `${drift.score.level}, ${drift.score.upperLevel} where it counts; ${tail(drift.score)} of token-hours above the 99th percentile of training`,
      ],
      ['what weighs', `${number(drift.weighted, 3)}: ${driftAdvice(drift) ?? 'within bounds'}`],
    ],
    colors,
  )
  const rest = drift.columns.length - shown.length
  const more = rest === 0 ? '' : `\n\n${number(rest)} more ask for nothing: --all shows them`
  if (shown.length === 0) return `${head}${more}`
  const right = (name: string) => ({ name, align: 'right' as const })
  return `${head}\n\n${table(
    [
      'what',
      'drift',
      'where it counts',
      right('weight'),
      right('PSI'),
      right('by chance'),
      right('KS'),
      right('median'),
      right('tail'),
      'what to do',
    ],
    shown.map(column => [
      column.name,
      column.level,
      column.upperLevel,
      percent(column.weight),
      number(column.psi, 2),
      number(column.psiByChance, 2),
      number(column.ks, 2),
      `${number(column.trainingMedian, 2)} -> ${number(column.periodMedian, 2)}`,
      tail(column),
      columnAdvice(column).text,
    ]),
    colors,
  )}${more}`
}

function tail({ trainingTail, periodTail }: ColumnDrift): string {
  return `${percent(trainingTail)} -> ${percent(periodTail)}`
}
