import { createReadStream, createWriteStream, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { KeyhoundError } from '../../lib/errors.ts'
import type { Engine } from '../../sql/duckdb.ts'
import type { Cli } from '../cli.ts'
import { type Output, write } from '../effects.ts'
import { printable, table } from '../format.ts'
import { choice, examples } from '../options.ts'
import type { Sink } from '../query/text-formats.ts'
import type { Shell } from '../shell.ts'

const FORMATS = ['table', 'json', 'csv', 'parquet', 'arrow'] as const
type Format = (typeof FORMATS)[number]

/** Rows of a table: more than anybody reads, few enough to align in memory. */
const TABLE_ROWS = 1000

interface Options {
  format?: Format
  out?: string
}

export function defineQuery({ program, run }: Cli): void {
  const command = program
    .command('query')
    .summary('read-only SQL over the workspace')
    .description(
      'Runs one reading SQL statement (DuckDB) over the tables events, activity, facets, features, scores, alerts and\n' +
        'rejects. It can read nothing outside the workspace and change nothing. Times are UTC, in ISO 8601.',
    )
    .argument('<sql>', 'one SELECT, WITH, FROM, DESCRIBE, SHOW or SUMMARIZE statement')
    .addOption(
      choice('-f, --format <format>', 'form of the result (default: table, or json with --json)', FORMATS),
    )
    .option('-o, --out <file>', 'write to a file instead of standard output')
    .addHelpText(
      'after',
      examples([
        ['What is there', 'keyhound query "describe scores"'],
        [
          'The worst hours',
          'keyhound query "select token_id, window_start, score from scores order by score desc limit 10"',
        ],
        ['A table for a notebook', 'keyhound query "from features" --format parquet --out features.parquet'],
      ]),
    )
  command.action((sql: string, options: Options) =>
    run(command, async shell => {
      const format = options.format ?? (shell.json ? 'json' : 'table')
      const isBinary = format === 'parquet' || format === 'arrow'
      if (isBinary && options.out === undefined && shell.effects.stdout.isTTY) {
        throw new KeyhoundError(
          'usage',
          `${format} is binary: add --out FILE, or send the output into a pipe`,
        )
      }
      const { openViews } = await import('../../pipeline/views.ts')
      const { ensureFacets } = await import('../../engine/facets.ts')
      const { readOnlyStatement, sealEngine } = await import('../query/seal.ts')
      const context = await shell.context({ mustExist: true })
      // No other command reads the table of facets, so it is made when a query does.
      if (/\bfacets\b/i.test(sql)) await ensureFacets(context.engine, context.workspace)
      await openViews(context.engine, context.workspace)
      const folder = shell.scratch()
      await sealEngine(context.engine, [join(context.workspace.root, 'data'), folder])
      const statement = await readOnlyStatement(context.engine, sql)
      const send = (sink: Sink) => writeAs(format, shell, context.engine, statement, folder, sink)
      try {
        if (options.out === undefined) await send(piece => write(shell.effects.stdout, piece))
        else await sendToFile(shell.path(options.out), send)
      } catch (error) {
        throw asQueryError(error)
      }
      return undefined
    }),
  )
}

async function writeAs(
  format: Format,
  shell: Shell,
  engine: Engine,
  statement: string,
  folder: string,
  sink: Sink,
): Promise<void> {
  const { project } = await import('../query/projection.ts')
  const texts = await import('../query/text-formats.ts')
  if (format === 'csv') return texts.writeCsv(engine, await project(engine, statement), sink)
  if (format === 'json') return texts.writeJson(engine, await project(engine, statement), sink)
  if (format === 'arrow') {
    const { writeArrow } = await import('../query/arrow-format.ts')
    return writeArrow(engine, await project(engine, statement), sink)
  }
  if (format === 'parquet') {
    const { quoteText } = await import('../../sql/duckdb.ts')
    const file = join(folder, 'result.parquet')
    await engine.run(
      `COPY (SELECT * FROM (\n${statement}\n)) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    for await (const piece of createReadStream(file)) await sink(piece as Uint8Array)
    return
  }
  const projection = await project(engine, statement)
  const { rows, more } = await texts.collectTexts(engine, projection, TABLE_ROWS)
  const columns = projection.columns.map(column => ({
    name: printable(column.name),
    align: texts.isRightAligned(column) ? ('right' as const) : ('left' as const),
  }))
  await sink(
    `${table(
      columns,
      rows.map(row => row.map(printable)),
      shell.colors,
    )}\n`,
  )
  if (more) shell.note(`the first ${TABLE_ROWS} rows; --format csv gives all`)
}

/** Writes beside the target and renames: a query that fails leaves what was there. */
async function sendToFile(target: string, send: (sink: Sink) => Promise<void>): Promise<void> {
  const { publish } = await import('../../sql/workspace.ts')
  mkdirSync(dirname(target), { recursive: true })
  await publish(target, async temporary => {
    const file = createWriteStream(temporary)
    const closed = new Promise<void>((resolve, reject) => file.once('close', resolve).once('error', reject))
    try {
      await send(piece => write(file as Output, piece))
    } finally {
      file.end()
      await closed
    }
  })
}

/** What the engine says of a statement is the user's to mend: a wrong name, a type, a file out of bounds. */
function asQueryError(error: unknown): unknown {
  if (error instanceof KeyhoundError || !(error instanceof Error)) return error
  const kind =
    /^(Binder|Catalog|Parser|Conversion|Invalid Input|Out of Range|Permission|Not implemented) Error/.exec(
      error.message,
    )
  // The statement is quoted from `LINE` on, as we wrapped it: not as the user wrote it.
  const [message] = error.message.split('\n\nLINE ')
  return kind ? new KeyhoundError('usage', `the query fails: ${message}`, { cause: error }) : error
}
