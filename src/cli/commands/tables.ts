import { Argument } from 'commander'
import type { Moment } from '../../pipeline/moments.ts'
import type { TableFile } from '../../pipeline/tables.ts'
import { MADE_TABLES, type MadeTable } from '../../schema/tables.ts'
import type { Cli } from '../cli.ts'
import { facts, number } from '../format.ts'
import { examples, MOMENT_HELP, parseMoment } from '../options.ts'
import type { Shell } from '../shell.ts'

interface Options {
  from?: Moment
  to?: Moment
  out: string
}

/** `keyhound tables`: what the engine makes of events, as one file for other tools. */
export function defineTables({ program, run }: Cli): void {
  const command = program
    .command('tables')
    .summary('features, activity, facets or history of a period as one Parquet file')
    .description(
      'Writes a table to one file, for pandas, polars, R or a notebook. Features, activity and history are as of the days that\n' +
        'train and score have made; facets are made when asked for.\n' +
        '  features  one row a token and hour: every feature, and the facts that reasons quote\n' +
        '  activity  one row a token and hour: counts\n' +
        '  facets    one row a token, hour and value: addresses, clients, operations, objects and more\n' +
        '  history   one row a token and day: what later days are judged by',
    )
    .addArgument(new Argument('<table>', 'what to write').choices([...MADE_TABLES]))
    .option('--from <time>', 'rows from here on (default: the first)', parseMoment)
    .option('--to <time>', 'rows before this (default: all)', parseMoment)
    .requiredOption('-o, --out <file>', 'the Parquet file to write; one that is there is replaced')
    .addHelpText(
      'after',
      MOMENT_HELP +
        examples([
          ['The last week, for a notebook', 'keyhound tables features --from -7d --out features.parquet'],
          [
            'What each token did in October, value by value',
            'keyhound tables facets --from 2026-10-01 --to 2026-11-01 --out facets.parquet',
          ],
          ['What the days of each token left behind', 'keyhound tables history --out history.parquet'],
        ]),
    )
  command.action((name: MadeTable, { from, to, out }: Options) =>
    run(command, async shell => {
      const { writeTable } = await import('../../pipeline/tables.ts')
      const { timesOf } = await import('../../pipeline/moments.ts')
      const context = await shell.context({ mustExist: true })
      const written = await writeTable(context, name, shell.path(out), {
        ...(await timesOf(context, { from, to })),
        scratch: shell.scratch(),
      })
      const { behind } = written
      if (behind.length > 0)
        shell.note(
          `from ${behind[0]} on features are not up to date with the events: keyhound score brings them up to date`,
        )
      await shell.result(written, () => writtenText(written, shell.colors))
      return undefined
    }),
  )
}

function writtenText({ file, rows, days }: TableFile, colors: Shell['colors']): string {
  const period = days.length === 0 ? '0' : `${number(days.length)}, ${days[0]} to ${days.at(-1)}`
  return facts(
    [
      ['file', file],
      ['rows', number(rows)],
      ['days', period],
    ],
    colors,
  )
}
