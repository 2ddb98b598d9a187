import type { Command } from 'commander'
import type { PlotFormat } from '../../report/plots.ts'
import type { ModelComparison } from '../../schema/promotion.ts'
import type { Cli } from '../cli.ts'
import { number, printable, table } from '../format.ts'
import { examples, parseTime } from '../options.ts'
import { plotsOption, savePlots } from '../plots.ts'
import { replayText } from '../replay-text.ts'
import type { Shell } from '../shell.ts'

interface PeriodOptions {
  from?: Date
  to?: Date
  labels?: string
}

interface CompareOptions extends PeriodOptions {
  out?: string
  plots?: PlotFormat[]
}

/** What compare and promote know of the period that models are held against each other in. */
function periodOptions(command: Command): Command {
  return command
    .option('--from <time>', 'from here on, UTC (default: the first hour scored)', parseTime)
    .option('--to <time>', 'before this, UTC (default: the last hour scored)', parseTime)
    .option('--labels <file>', 'known misuse (default: alerts that were judged)')
}

function comparing(shell: Shell, { from, to, labels }: PeriodOptions) {
  return {
    scratch: shell.scratch(),
    owner: shell.effects.user,
    ...(from && { from }),
    ...(to && { to }),
    ...(labels && { labels: shell.path(labels) }),
  }
}

export function defineModelCompare({ run }: Cli, models: Command): void {
  const command = periodOptions(
    models
      .command('compare')
      .summary('champion and challenger over the same stored hours')
      .description(
        'Scores the stored history with both models, on the way that scoring takes, and shows alerts, precision, order, known\n' +
          'incidents and drift side by side, and what the promotion gate would say. Nothing is published.',
      )
      .argument('<champion>', 'model: name, name@version, or the start of a content id')
      .argument('<challenger>', 'the one that would take its place'),
  )
    .option('-o, --out <dir>', 'folder for report.html and report.json')
    .addOption(plotsOption())
    .addHelpText(
      'after',
      examples([
        ['Is the new version better?', 'keyhound models compare default@1 default@2 --labels incidents.csv'],
        ['On a page to send on', 'keyhound models compare default@1 default@2 --out comparison'],
        [
          'By the verdicts of a week',
          'keyhound models compare default@1 default@2 --from 2026-10-05 --to 2026-10-12',
        ],
      ]),
    )
  command.action((champion: string, challenger: string, options: CompareOptions) =>
    run(command, async shell => {
      const { KeyhoundError } = await import('../../lib/errors.ts')
      const { compareModels } = await import('../../pipeline/compare-models.ts')
      const { out, plots } = options
      if (plots !== undefined && out === undefined)
        throw new KeyhoundError('usage', '--plots writes beside the report: name its folder with --out')
      const context = await shell.context({ mustExist: true })
      const comparison = await compareModels(context, { ...comparing(shell, options), champion, challenger })
      if (out !== undefined) {
        const { writeComparison } = await import('../../report/comparison-html.ts')
        const { comparisonCharts } = await import('../../report/plots.ts')
        await writeComparison(comparison, shell.path(out), shell.effects.now())
        if (plots !== undefined) await savePlots(shell, comparisonCharts(comparison), plots, shell.path(out))
      }
      const wrote = out === undefined ? '' : `\n\nreport: ${shell.path(out)}/report.html`
      await shell.result(comparison, () => comparisonText(comparison, shell.colors) + wrote)
      return undefined
    }),
  )
}

export function defineModelPromote({ run }: Cli, models: Command): void {
  const command = periodOptions(
    models
      .command('promote')
      .summary('make a version the one that is used')
      .description(
        'Compares the version with the one in use over the stored history and, if the gate (promotion.* of the configuration)\n' +
          'lets it pass, makes it the one that score uses. Who, when and why are kept. Going back is promoting the earlier one.',
      )
      .argument('<name@version>', 'the version to use from now on')
      .option('--force', 'promote without the gate; needs --because')
      .option('--because <reason>', 'why the gate is overruled'),
  ).addHelpText(
    'after',
    examples([
      ['If it is no worse', 'keyhound models promote default@2 --labels incidents.csv'],
      ['Back at once', 'keyhound models promote default@1 --force --because "default@2 floods the queue"'],
    ]),
  )
  command.action((model: string, options: PeriodOptions & { force?: boolean; because?: string }) =>
    run(command, async shell => {
      const { KeyhoundError } = await import('../../lib/errors.ts')
      const { promoteModel } = await import('../../pipeline/promote.ts')
      const { force = false, because } = options
      if (force && because === undefined)
        throw new KeyhoundError('usage', '--force needs --because "...": it is kept with the promotion')
      if (!force && because !== undefined)
        throw new KeyhoundError('usage', '--because says something only with --force')
      const context = await shell.context({ mustExist: true })
      const promoted = await promoteModel(context, {
        ...comparing(shell, options),
        model,
        who: shell.effects.user,
        ...(because !== undefined && { force: { because } }),
      })
      const { name, version, replaced, how } = promoted.promotion
      await shell.result(promoted, () =>
        [
          ...(promoted.comparison === null ? [] : [findingTable(promoted.comparison, shell.colors)]),
          `${name}@${version} is used from now on (${how}; before: ${name}@${replaced})`,
        ].join('\n\n'),
      )
      return undefined
    }),
  )
}

function comparisonText(comparison: ModelComparison, colors: Shell['colors']): string {
  const { champion, challenger, passes } = comparison
  const verdict = passes
    ? `the gate would let ${challenger} take the place of ${champion}`
    : `the gate would refuse ${challenger} the place of ${champion}`
  const sides = `before: ${champion}, after: ${challenger}`
  return [sides, replayText(comparison.replay, colors), findingTable(comparison, colors), verdict].join(
    '\n\n',
  )
}

function findingTable({ findings, scoreDrift }: ModelComparison, colors: Shell['colors']): string {
  const rows = findings.map(({ rule, verdict, text }) => [
    rule,
    verdict === 'fails' ? colors.red(verdict) : verdict,
    printable(text),
  ])
  const drift = `drift of the scores, champion ${number(scoreDrift.champion, 3)}, challenger ${number(scoreDrift.challenger, 3)}`
  return `${table(['gate', '', ''], rows, colors)}\n${drift}`
}
