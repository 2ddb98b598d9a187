import type { Moment } from '../../pipeline/moments.ts'
import type { TrainSummary } from '../../pipeline/train.ts'
import type { Cli } from '../cli.ts'
import { facts, minute, number, percent } from '../format.ts'
import { examples, MOMENT_HELP, parseCount, parseMoment, waitOption } from '../options.ts'
import type { Shell } from '../shell.ts'

interface Options {
  wait?: number
  from?: Moment
  until?: Moment
  labels?: string
  name?: string
  seed?: number
}

export function defineTrain({ program, run }: Cli): void {
  const command = program
    .command('train')
    .summary('learn what is usual, and save it as a model')
    .description(
      'Trains the detectors on the events of a period, no labels needed, and publishes a new version of the model under\n' +
        'models/<name>/<version>/. With labels or verdicts it also learns which alerts are not worth an analyst; a filter that\n' +
        'would order held-out alerts worse than the score alone is not used.',
    )
    .option('--from <time>', 'use events from here on (default: the first)', parseMoment)
    .option('--until <time>', 'use events before this (default: all)', parseMoment)
    .option(
      '--labels <file>',
      'known misuse (CSV, Parquet, JSONL): kept out of what is usual, teaches the filter',
    )
    .option('--name <name>', 'name of the model')
    .option('--seed <n>', 'seed of every random choice', parseCount(0, 2 ** 32 - 1))
    .addOption(waitOption())
    .addHelpText(
      'after',
      MOMENT_HELP +
        examples([
          ['On everything before October', 'keyhound train --until 2026-10-01'],
          ['On all but the last week of the log', 'keyhound train --until -7d'],
          [
            'With known incidents, so that the filter for false alarms learns too',
            'keyhound train --until 2026-10-08 --labels incidents.csv',
          ],
          ['A second model beside the first, to compare', 'keyhound train --name trial --seed 7'],
        ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const { train } = await import('../../pipeline/train.ts')
      const { timesOf } = await import('../../pipeline/moments.ts')
      const { wait, from, until, ...rest } = options
      const context = await shell.context({ mustExist: true, ...(wait !== undefined && { wait }) })
      const summary = await train(context, {
        ...rest,
        ...(await timesOf(context, { from, until })),
        ...(options.labels && { labels: shell.path(options.labels) }),
        seed: options.seed ?? context.config.seed,
      })
      await shell.result(summary, () => trainText(summary, shell.colors))
      return undefined
    }),
  )
}

export function trainText(summary: TrainSummary, colors: Shell['colors']): string {
  const { filter } = summary
  return facts(
    [
      ['model', summary.model],
      [
        'trained on',
        `${minute(summary.from)} to ${minute(summary.until)} UTC (${number(summary.days)} days)`,
      ],
      ['token-hours', `${number(summary.windows)} of ${number(summary.tokens)} tokens`],
      ['left out', `${number(summary.excludedWindows)} token-hours known to be misuse`],
      ['held', `${number(summary.heldWindows)} token-hours under alerts that no verdict cleared`],
      ['permission clusters', number(summary.clusters)],
      [
        'filter',
        filter.trained
          ? `${LEARNERS[filter.champion.learner]}, learnt from ${number(filter.alerts)} alerts, ${number(filter.positives)} of them misuse; out of fold it keeps ${percent(filter.recall)} of misuse at ${percent(filter.precision)} precision, holds back ${percent(filter.suppressed)} of the rest`
          : `none: ${filter.because}`,
      ],
      ...(filter.trained && filter.leaks.length > 0
        ? [
            [
              'WARNING',
              `${filter.leaks.join(', ')} alone decides the labels: they may have been made from it`,
            ] as const,
          ]
        : []),
      ['labels', labelsText(filter)],
    ],
    colors,
  )
}

const LEARNERS = {
  score: 'a learned line',
  alike: 'a learned line and the verdicts on alike alerts',
  net: 'a net beside the verdicts on alike alerts',
} as const

/** Where the labels come from, and what verdicts there are. */
function labelsText({ labels }: TrainSummary['filter']): string {
  const told = (counts: Partial<Record<string, number>> = {}) =>
    Object.entries(counts)
      .map(([name, count]) => `${number(count)} ${name}`)
      .join(', ')
  const origins = told(labels?.origins)
  const verdicts = told(labels?.verdicts)
  return (
    [origins && `by origin: ${origins}`, verdicts && `verdicts: ${verdicts}`].filter(Boolean).join('; ') ||
    '-'
  )
}
