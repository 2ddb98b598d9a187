import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../ingest/checks.ts'
import { loadRepeats } from '../ingest/duplicates.ts'
import { eventsSql } from '../ingest/normalise.ts'
import type { UnderstoodLog } from '../ingest/read-logs.ts'
import type { TokenKind } from '../ingest/source.ts'
import { type Staged, stagedSql } from '../ingest/stage.ts'
import { badInput, emptySummary } from '../ingest/summary.ts'
import type { TakenColumn } from '../ingest/understand.ts'
import type { KeyhoundError } from '../lib/errors.ts'
import { type Engine, quoteName } from '../sql/duckdb.ts'
import {
  acceptedChecks,
  dropScratchTables,
  findingsOf,
  type IngestContext,
  type IngestOptions,
  loadDictionaries,
  otherKindsError,
  readIntake,
  stoppingError,
} from './intake.ts'

/** An event as it would be stored. */
export type StoredRow = Readonly<Record<string, string | number | Date | null>>

/** Logs of one source of which the same columns were taken for the same. */
export interface DryRunLog {
  readonly files: string[]
  readonly source: string
  readonly format: string
  /** How the source was recognised. */
  readonly why: string
  readonly tokens: TokenKind
  /** `example` is the first value as it would be stored; null where no row has one. */
  readonly taken: readonly (TakenColumn & { readonly example: string | number | Date | null })[]
  readonly left: readonly string[]
  /** Further columns that were left, whose names are unfit to be shown. */
  readonly leftUnnamed: number
  readonly notes: readonly string[]
  readonly read: number
  readonly usable: number
  readonly rejected: number
  readonly rejectsByReason: Readonly<Record<string, number>>
  /** The first usable rows. */
  readonly rows: readonly StoredRow[]
}

/** What an ingest would do. */
export interface DryRun {
  readonly dryRun: true
  readonly logs: readonly DryRunLog[]
  /** Files that cannot be used, or are malformed to such a part that an ingest fails. */
  readonly bad: readonly { readonly path: string; readonly error: string }[]
  readonly read: number
  readonly usable: number
  readonly rejected: number
  readonly findings: readonly Finding[]
  readonly notes: readonly string[]
  /** The tokens shown are hashed under a key for this call only, since the workspace has none yet. */
  readonly hasOwnKey: boolean
  /** For what an ingest would stop or fail; null where it would not. */
  readonly stop: string | null
}

/** Rows shown. */
const SHOWN_ROWS = 3
/** Rows among which an example of a column is looked for. */
const EXAMPLE_ROWS = 1000

/**
 * Reads and checks logs as `ingest` does, and stores nothing: what it makes lies in `scratch`, and the workspace may not even be there.
 * Answers what was taken for what, and the error with which an ingest would end, if any. Events that are stored already are not told apart.
 */
export async function dryRunIngest(
  context: IngestContext,
  options: Omit<IngestOptions, 'newOnly'>,
  scratch: string,
): Promise<{ report: DryRun; error: KeyhoundError | null }> {
  const { engine } = context
  const hasOwnKey = !existsSync(context.workspace.keyFile)
  // A key is made where there is none: not in the workspace.
  const keyFile = hasOwnKey ? join(scratch, 'workspace.key') : context.workspace.keyFile
  const aside: IngestContext = { ...context, workspace: { ...context.workspace, keyFile } }
  const folder = join(scratch, 'intake')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    const { reading, places, known } = await readIntake(aside, options, folder, { explain: true })
    const accepted = acceptedChecks(context, options)
    const findings = await findingsOf(aside, reading)
    const bad = reading.files.filter(file => file.error !== undefined)
    const error =
      otherKindsError(known, reading, accepted) ??
      stoppingError(findings, accepted) ??
      (bad.length === 0 ? null : badInput(bad, emptySummary('', reading.files, [])))
    const notes = [...reading.notes]
    if (reading.staged.paths.length > 0)
      await loadDictionaries(aside, stagedSql(reading.staged), places, notes)
    const logs: DryRunLog[] = []
    for (const group of grouped(reading.understood)) logs.push(await describeGroup(engine, group))
    const rejected = reading.files.reduce((sum, file) => sum + file.rejected, 0)
    const read = reading.files.reduce((sum, file) => sum + file.rows, 0)
    const report: DryRun = {
      dryRun: true,
      logs,
      bad: bad.map(({ path, error }) => ({ path, error: error! })),
      read,
      usable: read - rejected,
      rejected,
      findings,
      notes,
      hasOwnKey,
      stop: error?.message ?? null,
    }
    return { report, error }
  } finally {
    await dropScratchTables(engine)
  }
}

/** Logs that were understood alike, together. */
function grouped(logs: readonly UnderstoodLog[]): UnderstoodLog[][] {
  const groups = new Map<string, UnderstoodLog[]>()
  for (const log of logs) {
    const key = JSON.stringify([log.source, log.tokens, log.files[0]!.format, log.taken])
    groups.set(key, [...(groups.get(key) ?? []), log])
  }
  return [...groups.values()]
}

async function describeGroup(engine: Engine, group: readonly UnderstoodLog[]): Promise<DryRunLog> {
  const [first] = group as [UnderstoodLog]
  const staged: Staged = {
    paths: group.flatMap(log => log.staged.paths),
    columns: new Set(group.flatMap(log => [...log.staged.columns])),
  }
  const usable = `SELECT * FROM ${stagedSql(staged)} WHERE reason IS NULL ORDER BY file, place LIMIT ${EXAMPLE_ROWS}`
  const rows = await showRows(engine, usable)
  const examples = await examplesOf(engine, usable, first.taken)
  const files = group.flatMap(log => log.files)
  const reasons = new Map<string, number>()
  for (const log of group)
    for (const [reason, n] of log.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + n)
  const read = files.reduce((sum, file) => sum + file.rows, 0)
  const rejected = files.reduce((sum, file) => sum + file.rejected, 0)
  return {
    files: files.map(file => file.path),
    source: first.source,
    format: first.files[0]!.format,
    why: first.why,
    tokens: first.tokens,
    taken: first.taken.map(column => ({ ...column, example: examples[column.as] ?? null })),
    left: [...new Set(group.flatMap(log => log.left))],
    leftUnnamed: Math.max(...group.map(log => log.leftUnnamed)),
    notes: [...new Set(group.flatMap(log => log.notes))],
    read,
    usable: read - rejected,
    rejected,
    rejectsByReason: Object.fromEntries([...reasons].sort((a, b) => b[1] - a[1])),
    rows,
  }
}

/** Table `kh_shown`: usable rows as events; answers those that are shown. The dictionaries are those of all rows. */
async function showRows(engine: Engine, usable: string): Promise<StoredRow[]> {
  // The first rows hold all that stood before them in their file: how often a record was repeated is known.
  await loadRepeats(engine, usable)
  await engine.run(`CREATE OR REPLACE TABLE kh_shown AS ${eventsSql(usable, new Map())}`)
  return engine.rows<StoredRow>(
    `SELECT * EXCLUDE (file, place) FROM kh_shown ORDER BY file, place LIMIT ${SHOWN_ROWS}`,
  )
}

/** The first value of each column in `kh_shown` that comes from the log itself, and not from a default or the inventory. */
async function examplesOf(engine: Engine, usable: string, taken: readonly TakenColumn[]): Promise<StoredRow> {
  const columns = taken.map(({ as }) => {
    const name = quoteName(as)
    return `arg_min(e.${name}, (e.file, e.place)) FILTER (e.${name} IS NOT NULL AND s.${name} IS NOT NULL) AS ${name}`
  })
  const [row] = await engine.rows<StoredRow>(
    `SELECT ${columns.join(', ')} FROM kh_shown e JOIN (${usable}) s ON s.file = e.file AND s.place = e.place`,
  )
  return row!
}
