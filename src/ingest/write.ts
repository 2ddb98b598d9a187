import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../schema/run.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { dayOf, listDays, listParquet, partition, publishQuery, type Workspace } from '../sql/workspace.ts'
import { freshSql, loadDuplicates, loadRepeats } from './duplicates.ts'
import { createFewTexts, dropFewTexts } from './few-texts.ts'
import { inOrderOfTime } from './in-order.ts'
import type { BrokenRow } from './log.ts'
import { eventsSql, usableSql } from './normalise.ts'
import { runInPairs, runInTurn } from './pairs.ts'
import { type Staged, stagedSql } from './stage.ts'

const DAY_MS = 86_400_000
/**
 * Rows of days that are held in memory at once, as the engine's table: some 250 bytes each. Twice as many took 50 MB more, and
 * no less time.
 */
const SLICE_ROWS = 200_000
/** Days of more rows are written one by one: two of them would be sorted in memory at once, half a kilobyte a row. */
const PAIRED_ROWS = 250_000

export interface WrittenEvents {
  /** By index of the file. */
  readonly accepted: Map<number, number>
  readonly duplicates: Map<number, number>
  late: number
  firstTime: Date | null
  lastTime: Date | null
  /** Of all events, duplicates included. */
  span: { first: Date; last: Date } | null
  tokens: number
  /** Of the added events, how many know the column. */
  readonly known: Map<string, number>
  /** Event files waiting to be put in place. */
  readonly files: { day: string; path: string }[]
}

/** Columns whose absence takes features away, so that the run should say so. */
const TELLING_COLUMNS = [
  'operation',
  'resource_id',
  'status',
  'source_ip',
  'asn',
  'country',
  'latitude',
  'user_agent',
  'response_bytes',
  'latency_ms',
]

/**
 * The moment of the newest stored event that can be believed; null in an empty workspace. One stray event of the year 2099 does
 * not make all others late.
 */
export async function newestEvent(engine: Engine, workspace: Workspace, now: Date): Promise<Date | null> {
  const days = listDays(workspace.events)
  const tomorrow = dayOf(new Date(now.getTime() + DAY_MS))
  const last = days.filter(day => day <= tomorrow).at(-1) ?? days.at(-1)
  if (last === undefined) return null
  const files = listParquet(partition(workspace.events, last)).map(quoteText).join(', ')
  const [row] = await engine.rows<{ t: Date | null }>(`SELECT max(time) AS t FROM read_parquet([${files}])`)
  return row!.t
}

/**
 * Writes the staged rows as events, one file a day in time order, below `scratch`; some days at a time, so that memory
 * depends on the busiest day and not on the log.
 */
export async function writeEvents(
  engine: Engine,
  workspace: Workspace,
  progress: Progress,
  rows: Staged,
  scratch: string,
  now: Date,
): Promise<WrittenEvents> {
  const written: WrittenEvents = {
    accepted: new Map(),
    duplicates: new Map(),
    late: 0,
    firstTime: null,
    lastTime: null,
    span: null,
    tokens: 0,
    known: new Map(),
    files: [],
  }
  const newest = await newestEvent(engine, workspace, now)
  const days = await engine.rows<Day>(
    `SELECT time::DATE::VARCHAR AS day, count(*) AS n FROM ${stagedSql(rows)} WHERE reason IS NULL GROUP BY time::DATE ORDER BY 1`,
  )
  const staged = await inOrderOfTime(
    engine,
    rows,
    days.map(({ day }) => day),
    scratch,
  )
  await engine.run('CREATE OR REPLACE TEMP TABLE kh_seen_tokens (token_id VARCHAR)')
  const size = { rows: days.reduce((sum, { n }) => sum + n, 0), days: days.length }
  const types = await createFewTexts(engine, rows, size)
  progress.start('writing events', days.length)
  for (const slice of slicesOf(days)) {
    const usable = usableSql(staged, slice[0]!.day, slice.at(-1)!.day)
    const stored = slice.flatMap(({ day }) => listParquet(partition(workspace.events, day)))
    await loadRepeats(engine, usable)
    // Not temporary: the writers of days, each with a connection of its own, read it.
    await engine.run(`CREATE OR REPLACE TABLE ${SLICE} AS ${eventsSql(usable, types)}`)
    await loadDuplicates(engine, SLICE, stored)
    const duplicates = await engine.rows<{ file: number; n: number }>(
      'SELECT file, count(*) AS n FROM kh_duplicates GROUP BY file',
    )
    for (const { file, n } of duplicates) addTo(written.duplicates, file, n)
    const freshOf = duplicates.length === 0 ? (some: string) => some : freshSql
    const fresh = await countSlice(engine, written, freshOf(`SELECT * FROM ${SLICE}`), newest)
    const files = fresh.map(day => ({ day, path: join(scratch, `events-${day}.parquet`) }))
    const statements = files.map(({ day, path }) => daySql(freshOf(ofDay(day)), path))
    const run = slice.every(({ n }) => n <= PAIRED_ROWS) ? runInPairs : runInTurn
    await run(engine, statements, place => progress.step(1, files[place]!.day))
    written.files.push(...files)
    if (files.length < slice.length) progress.step(slice.length - files.length, slice.at(-1)!.day)
  }
  progress.done()
  await engine.run(`DROP TABLE IF EXISTS ${SLICE}`)
  await dropFewTexts(engine)
  await countKnown(engine, written)
  const [tokens] = await engine.rows<{ n: number }>(
    'SELECT count(DISTINCT token_id) AS n FROM kh_seen_tokens',
  )
  written.tokens = tokens!.n
  await engine.run('DROP TABLE kh_seen_tokens')
  return written
}

/** Table of the events of some days, with the place of each in the logs. */
const SLICE = 'kh_slice'

function ofDay(day: string): string {
  return `SELECT * FROM ${SLICE} WHERE time >= TIMESTAMP_MS '${day}' AND time < TIMESTAMP_MS '${day}' + INTERVAL 1 DAY`
}

/** Statement that writes the events of one day. Level 1 of zstd: a fifth less work than the default for files 1 % larger. */
function daySql(fresh: string, path: string): string {
  return `COPY (SELECT * EXCLUDE (file, place) FROM (${fresh}) ORDER BY time, event_id) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`
}

interface Day {
  readonly day: string
  /** Usable rows, duplicates among them. */
  readonly n: number
}

function slicesOf(days: readonly Day[]): Day[][] {
  const slices: Day[][] = []
  let rows = Number.POSITIVE_INFINITY
  for (const day of days) {
    if (rows + day.n > SLICE_ROWS) {
      slices.push([])
      rows = 0
    }
    slices.at(-1)!.push(day)
    rows += day.n
  }
  return slices
}

function addTo<K>(counts: Map<K, number>, key: K, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n)
}

/** Counts the events of a slice; returns the days that have any, ascending. */
async function countSlice(
  engine: Engine,
  written: WrittenEvents,
  fresh: string,
  newest: Date | null,
): Promise<string[]> {
  const late = newest === null ? 'false' : `time < epoch_ms(${newest.getTime()})`
  const bounds = 'epoch_ms(min(time)) AS first, epoch_ms(max(time)) AS last'
  const rows = await engine.rows<{ file: number; n: number; late: number; first: number; last: number }>(
    `SELECT file, count(*) AS n, count(*) FILTER (${late}) AS late, ${bounds} FROM (${fresh}) GROUP BY file`,
  )
  for (const { file, n, late, first, last } of rows) {
    addTo(written.accepted, file, n)
    written.late += late
    if (written.firstTime === null || first < written.firstTime.getTime()) written.firstTime = new Date(first)
    if (written.lastTime === null || last > written.lastTime.getTime()) written.lastTime = new Date(last)
  }
  const [all] = await engine.rows<{ first: number; last: number }>(`SELECT ${bounds} FROM ${SLICE}`)
  // Slices come in order of time, and none is empty.
  written.span = { first: written.span?.first ?? new Date(all!.first), last: new Date(all!.last) }
  await engine.run(`INSERT INTO kh_seen_tokens SELECT DISTINCT token_id FROM (${fresh})`)
  const days = await engine.rows<{ day: string }>(
    `SELECT day::VARCHAR AS day FROM (SELECT DISTINCT time::DATE AS day FROM (${fresh})) ORDER BY 1`,
  )
  return days.map(({ day }) => day)
}

/** How many of the written events know the telling columns, as the footers of their files say. */
async function countKnown(engine: Engine, written: WrittenEvents): Promise<void> {
  if (written.files.length === 0) return
  const files = written.files.map(({ path }) => quoteText(path)).join(', ')
  const names = TELLING_COLUMNS.map(quoteText).join(', ')
  const rows = await engine.rows<{ name: string; n: number }>(
    `SELECT path_in_schema AS name, sum(row_group_num_rows - stats_null_count)::BIGINT AS n
FROM parquet_metadata([${files}]) WHERE path_in_schema IN (${names}) GROUP BY 1`,
  )
  for (const { name, n } of rows) written.known.set(name, n)
}

/** What a run says of columns that all its events lack. */
export function unknownNotes(written: WrittenEvents, added: number, hasPlaces: boolean): string[] {
  if (added === 0) return []
  const missing: string[] = TELLING_COLUMNS.filter(name => (written.known.get(name) ?? 0) === 0)
  const places = missing.filter(name => name === 'asn' || name === 'country' || name === 'latitude')
  const others = missing.filter(name => !(places as string[]).includes(name))
  const notes: string[] = []
  if (places.length > 0) {
    const remedy = hasPlaces
      ? 'the .mmdb files know none of the addresses'
      : 'no such columns, and no .mmdb file given'
    notes.push(`unknown: ${places.join(', ')} (${remedy}); features of place stay unknown, not zero`)
  }
  if (others.length > 0)
    notes.push(`unknown: ${others.join(', ')} (the log has none); features of them stay unknown, not zero`)
  return notes
}

/**
 * Table `kh_rejects (file, row, reason)`: staged rows with a reason, rows the readers could not split, and whole files
 * (row null). The CSV reader does not count the rows it gives up on, so the rows after them are moved on.
 */
export async function collectRejects(
  engine: Engine,
  staged: string | null,
  broken: readonly BrokenRow[],
): Promise<void> {
  const sorted = [...broken].sort((a, b) => a.file - b.file || (a.row ?? 0) - (b.row ?? 0))
  const shift: number[] = []
  for (let i = 0; i < sorted.length; i++) {
    shift.push(
      sorted[i]!.row === null
        ? Number.NaN
        : i > 0 && sorted[i - 1]!.file === sorted[i]!.file
          ? shift[i - 1]! + 1
          : 1,
    )
  }
  await engine.load('kh_broken', {
    file: Float64Array.from(sorted, row => row.file),
    row: Float64Array.from(sorted, row => row.row ?? Number.NaN),
    shift: Float64Array.from(shift),
    reason: sorted.map(row => row.reason),
  })
  const rows =
    staged === null
      ? ''
      : `UNION ALL
SELECT r.file, (r."row" + coalesce(b.shift, 0))::BIGINT, r.reason
FROM (
  SELECT file, coalesce("row", row_number() OVER (PARTITION BY file ORDER BY place)) AS "row", reason
  FROM ${staged} WHERE file IN (SELECT file FROM ${staged} WHERE reason IS NOT NULL) QUALIFY reason IS NOT NULL
) r
ASOF LEFT JOIN (SELECT file, "row" - shift AS at, max(shift) AS shift FROM kh_broken WHERE "row" IS NOT NULL GROUP BY ALL) b
  ON b.file = r.file AND r."row" > b.at`
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE kh_rejects AS SELECT file::INTEGER AS file, "row"::BIGINT AS "row", reason FROM kh_broken ${rows}`,
  )
}

/** Publishes `kh_rejects` as the batch's file of rejects. */
export async function publishRejects(
  engine: Engine,
  workspace: Workspace,
  batch: string,
  paths: readonly string[],
): Promise<void> {
  await loadFiles(engine, paths)
  await publishQuery(
    engine,
    `SELECT ${quoteText(batch)} AS batch, f.path AS file, r."row", r.reason FROM kh_rejects r JOIN kh_files f ON f.file = r.file ORDER BY r.file, r."row" NULLS FIRST`,
    join(workspace.rejects, `${batch}.parquet`),
  )
}

/**
 * Of the batches given, removes the rejects of files that `kh_files` names: a run that was killed is done again. Answers the batches of
 * which nothing is left.
 */
export async function replaceRejects(
  engine: Engine,
  workspace: Workspace,
  batches: readonly string[],
  paths: readonly string[],
): Promise<string[]> {
  if (batches.length === 0) return []
  await loadFiles(engine, paths)
  const replaced: string[] = []
  for (const batch of batches) {
    const path = join(workspace.rejects, `${batch}.parquet`)
    if (existsSync(path)) {
      const others = `SELECT * FROM read_parquet(${quoteText(path)}) r WHERE file NOT IN (SELECT path FROM kh_files)`
      const [row] = await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM (${others})`)
      if (row!.n > 0) {
        await publishQuery(engine, `${others} ORDER BY file, "row" NULLS FIRST`, path)
        continue
      }
      rmSync(path)
    }
    replaced.push(batch)
  }
  return replaced
}

async function loadFiles(engine: Engine, paths: readonly string[]): Promise<void> {
  await engine.load('kh_files', { file: Float64Array.from(paths, (_, i) => i), path: paths })
}
