import type { Command } from 'commander'
import type { CheckLabelsReport } from '../../pipeline/check-labels.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { number, printable, table } from '../format.ts'
import { examples, parseList } from '../options.ts'
import type { Shell } from '../shell.ts'

interface Options {
  label: string
  positive?: string[]
  ignore?: string[]
}

/** Columns shown of those that do not leak: enough to see what comes next. */
const SHOWN_COLUMNS = 10

export function defineCheckLabels({ run }: Cli, models: Command): void {
  const command = models
    .command('check-labels')
    .summary('find columns that alone decide a label')
    .description(
      'Judges every column of a labelled table by itself, cross-validated. A column that decides the label alone is what the\n' +
        'label was made from: a model trained on it learns that rule, and its figures prove nothing. Exits with 1 when there is one.',
    )
    .argument('<file>', 'table with a label column: Parquet, CSV or JSONL')
    .requiredOption('--label <column>', 'column that holds the label')
    .option(
      '--positive <list>',
      'values of the label that are positive, separated by commas (default: 1, true...)',
      parseList,
    )
    .option('--ignore <list>', 'columns to leave out, separated by commas', parseList)
    .addHelpText(
      'after',
      examples([
        ['Can this data set be trusted?', 'keyhound models check-labels behaviour.parquet --label label'],
        [
          'With a label in words, and without the ids',
          'keyhound models check-labels rows.csv --label verdict --positive attack,bot --ignore row_id',
        ],
      ]),
    )
  command.action((file: string, options: Options) =>
    run(command, async shell => {
      const { checkLabels } = await import('../../pipeline/check-labels.ts')
      const { engine } = await shell.context()
      const report = await checkLabels(engine, { ...options, path: shell.path(file) })
      await shell.result(report, () => reportText(report, shell.colors))
      return report.columns.some(column => column.leaks) ? EXIT.failed : EXIT.good
    }),
  )
}

function reportText(report: CheckLabelsReport, colors: Shell['colors']): string {
  const leaks = report.columns.filter(column => column.leaks)
  const shown = report.columns.slice(0, Math.max(SHOWN_COLUMNS, leaks.length))
  const verdict =
    leaks.length === 0
      ? 'no column decides the label alone'
      : `${leaks.length} of ${report.columns.length} columns decide the label alone: do not train on this table, nor believe figures measured on it`
  return [
    table(
      ['column', 'kind', { name: 'AUROC', align: 'right' }, { name: 'accuracy', align: 'right' }, ''],
      shown.map(column => [
        printable(column.column),
        column.kind,
        number(column.auroc, 3),
        number(column.balancedAccuracy, 3),
        column.leaks ? 'decides the label' : '',
      ]),
      colors,
    ),
    `${number(report.positives)} of ${number(report.rows)} rows are positive; ${verdict}`,
  ].join('\n\n')
}
