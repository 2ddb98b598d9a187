import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { loadAddresses, loadClients, loadNetworkTypes, loadPaths } from '../ingest/dictionaries.ts'
import { findFiles } from '../ingest/files.ts'
import { workspaceKey } from '../ingest/identity.ts'
import { inventoryFile, loadInventory, mergeInventory } from '../ingest/inventory.ts'
import type { BrokenRow } from '../ingest/log.ts'
import { readMap } from '../ingest/map.ts'
import { fileError, openLogs } from '../ingest/open.ts'
import { openPlaces, type PlaceReader } from '../ingest/places.ts'
import { judgeLog } from '../ingest/quality.ts'
import { createScratch } from '../ingest/scratch.ts'
import type { SourceName, TokenKind } from '../ingest/source.ts'
import type { ColumnMap } from '../ingest/sources/generic.ts'
import { chooseSource, fieldsOf } from '../ingest/sources.ts'
import { prepareSql } from '../ingest/sql.ts'
import { stageLog } from '../ingest/stage.ts'
import {
  badInput,
  batchName,
  emptySummary,
  failedFile,
  type IngestedFile,
  type IngestSummary,
} from '../ingest/summary.ts'
import {
  collectRejects,
  publishRejects,
  replaceRejects,
  unknownNotes,
  type WrittenEvents,
  writeEvents,
} from '../ingest/write.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { INVENTORY_COLUMNS } from '../schema/event.ts'
import type { RunFigures } from '../schema/run.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { partition, publish, publishQuery } from '../sql/workspace.ts'
import { beginBatch, endBatch, unreadFiles, versionsOf } from './read-files.ts'
import { asRun, type RunContext } from './run.ts'

export type { IngestedFile, IngestSummary } from '../ingest/summary.ts'

/** What is read, and how its columns, tokens and places are understood. */
export interface IngestOptions {
  /** Files, folders and globs. May be empty when an inventory is given. */
  readonly paths: readonly string[]
  /** @default 'auto' */
  readonly source?: 'auto' | SourceName
  /** JSON file {event column: log column, or null to leave it out}. */
  readonly map?: string
  /** Token inventory: columns as INVENTORY_COLUMNS, recognised by name. */
  readonly inventory?: string
  /** Are the log's tokens secrets, to be hashed, or names, to be kept? @default what the source's tokens are */
  readonly tokens?: TokenKind
  /** Every event is of this tenant: those that name none are given it, those that name another are rejected. */
  readonly tenant?: string
  /** MaxMind databases of the user's own. */
  readonly mmdb?: readonly string[]
  /** CSV `asn,network_type`. */
  readonly networkTypes?: string
  /** Leave out files that were read before and have not changed since, by size and time of change. @default false */
  readonly newOnly?: boolean
  /** Remember which files were read, for `newOnly`. @default true */
  readonly noted?: boolean
}

export interface IngestContext extends RunContext {
  readonly engine: Engine
}

/** What `ingest` throws when files could not be used: what was kept is published, and counted in `summary`. */
export type IngestError = KeyhoundError & { summary: IngestSummary }

/**
 * Reads logs into `data/events`, rejects into `data/rejects`, the inventory into `data/inventory.parquet`. Everything is
 * put in place at the end: a run that is killed changes nothing. Throws `busy` while another run ingests, `bad-input` with the summary attached when a
 * file could not be used; what is good in the same call is kept.
 */
export async function ingest(context: IngestContext, options: IngestOptions): Promise<IngestSummary> {
  if (options.paths.length === 0 && options.inventory === undefined) {
    throw new KeyhoundError('usage', 'nothing to ingest; name files, folders or globs, or an inventory')
  }
  return asRun(context, 'ingest', alone => ingestAlone(alone, options), figuresOf)
}

function figuresOf({ read, added, rejected }: IngestSummary): RunFigures {
  return { rows: read, added, rejects: rejected }
}

/** The same without a run: for workspaces that nobody else knows. */
export async function ingestAlone(context: IngestContext, options: IngestOptions): Promise<IngestSummary> {
  const data = join(context.workspace.root, 'data')
  const scratch = createScratch(data)
  try {
    return await ingestInto(context, options, scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
    for (const table of SCRATCH_TABLES) await context.engine.run(`DROP TABLE IF EXISTS ${table}`)
  }
}

const SCRATCH_TABLES = [
  'kh_tokens',
  'kh_slice',
  'kh_clients',
  'kh_addresses',
  'kh_paths',
  'kh_networks',
  'kh_inventory',
  'kh_broken',
  'kh_files',
  'kh_rejects',
]

/** What reading the logs left behind for the writing of events. */
interface Reading {
  readonly files: IngestedFile[]
  /** Parquet files of staged rows. */
  readonly staged: string[]
  readonly broken: BrokenRow[]
  readonly notes: string[]
  readonly kinds: Set<TokenKind>
  /** Rejected rows by reason. */
  readonly reasons: Map<string, number>
  outOfOrder: number
  hasInventory: boolean
  /** Of the files read: which version of each it was. */
  versions: Map<string, string>
}

async function ingestInto(
  context: IngestContext,
  options: IngestOptions,
  scratch: string,
): Promise<IngestSummary> {
  const { engine, workspace, progress } = context
  await prepareSql(engine)
  const map = options.map === undefined ? null : readMap(options.map)
  const places = await openPlaces(options.mmdb ?? [])
  await loadNetworkTypes(engine, options.networkTypes)
  await loadInventory(engine, workspace)
  const reading: Reading = {
    files: [],
    staged: [],
    broken: [],
    notes: [],
    kinds: new Set(),
    reasons: new Map(),
    outOfOrder: 0,
    hasInventory: false,
    versions: new Map(),
  }
  await readLogs(context, options, map, scratch, reading)
  const inventoryNote = await readInventory(context, options, scratch, reading)
  if (inventoryNote !== null) reading.notes.push(inventoryNote)

  const batch = batchName(context.now, reading.files)
  const begun = await beginBatch(context, batch)
  const summary = await writeAll(context, options, scratch, reading, batch, places)
  const replaced = await replaceRejects(
    engine,
    workspace,
    begun.filter(one => one !== batch),
    reading.files.map(file => file.path),
  )
  for (const note of summary.notes) progress.say(note)
  const bad = summary.files.filter(file => file.error !== undefined)
  for (const { path } of bad) reading.versions.delete(path)
  const versions = options.noted === false ? new Map<string, string>() : reading.versions
  await endBatch(context, versions, batch, replaced)
  if (bad.length > 0) throw Object.assign(badInput(bad, summary), { summary })
  return summary
}

/** Staged rows to events, rejects and inventory; puts all in place at the end, the events last. */
async function writeAll(
  context: IngestContext,
  options: IngestOptions,
  scratch: string,
  reading: Reading,
  batch: string,
  places: PlaceReader,
): Promise<IngestSummary> {
  const { engine, workspace } = context
  const { files, notes } = reading
  const staged = reading.staged.length === 0 ? null : stagedSql(reading.staged)
  const summary = emptySummary(batch, files, notes)
  const written = staged === null ? null : await writeStaged(context, scratch, staged, places, notes)
  for (let i = 0; i < files.length; i++) countFile(files[i]!, i, written, summary)
  summary.rejectsByReason = Object.fromEntries([...reading.reasons].sort((a, b) => b[1] - a[1]))
  summary.outOfOrder = reading.outOfOrder
  if (written !== null) {
    summary.late = written.late
    summary.firstTime = written.firstTime
    summary.lastTime = written.lastTime
    summary.span = written.span
    summary.tokens = written.tokens
    notes.push(...unknownNotes(written, summary.added, (options.mmdb ?? []).length > 0))
  }
  await collectRejects(engine, staged, reading.broken)
  if (reading.broken.length > 0 || summary.rejected > 0) {
    await publishRejects(
      engine,
      workspace,
      batch,
      files.map(file => file.path),
    )
  }
  if (reading.hasInventory) {
    const columns = INVENTORY_COLUMNS.map(column => column.name).join(', ')
    await publishQuery(
      engine,
      `SELECT ${columns} FROM kh_inventory ORDER BY token_id`,
      inventoryFile(workspace),
    )
  }
  await written?.savePaths()
  for (const { day, path } of written?.files ?? []) {
    const target = join(partition(workspace.events, day), `${batch}.parquet`)
    await publish(target, temporary => renameSync(path, temporary))
  }
  return summary
}

/** Dictionaries of the staged rows, then the events themselves, below `scratch`. */
async function writeStaged(
  context: IngestContext,
  scratch: string,
  staged: string,
  places: PlaceReader,
  notes: string[],
): Promise<WrittenEvents & { savePaths: () => Promise<void> }> {
  const { engine, workspace, progress } = context
  await loadClients(engine, staged)
  const strangers = await loadAddresses(engine, staged, places)
  if (strangers > 0) {
    notes.push(
      `source_ip: ${strangers} distinct values are no addresses (names of services or hosts); left unknown`,
    )
  }
  const paths = await loadPaths(engine, staged, workspace)
  if (paths.distinct > 0) {
    const learned = paths.learned.length === 0 ? '' : `; from now on ids below ${paths.learned.join(', ')}`
    notes.push(`paths: ${paths.distinct} distinct, ${paths.templates} templates${learned}`)
  }
  const written = await writeEvents(engine, workspace, progress, staged, scratch)
  return { ...written, savePaths: paths.save }
}

function stagedSql(paths: readonly string[]): string {
  return `read_parquet([${paths.map(quoteText).join(', ')}], hive_partitioning = false)`
}

function countFile(
  file: IngestedFile,
  index: number,
  written: WrittenEvents | null,
  summary: IngestSummary,
): void {
  file.accepted = written?.accepted.get(index) ?? 0
  file.duplicates = written?.duplicates.get(index) ?? 0
  summary.read += file.rows
  summary.added += file.accepted
  summary.duplicates += file.duplicates
  summary.rejected += file.rejected
}

async function readLogs(
  context: IngestContext,
  options: IngestOptions,
  map: ColumnMap | null,
  scratch: string,
  reading: Reading,
): Promise<void> {
  const { engine, workspace, progress } = context
  const found = findFiles(options.paths)
  const files = options.newOnly ? await unreadFiles(context, found.files) : found.files
  if (files.length < found.files.length)
    reading.notes.push(`${found.files.length - files.length} files were read before and have not changed`)
  // As they are before they are read: what is written to one meanwhile is new the next time.
  reading.versions = versionsOf(files)
  for (const { path, error } of found.problems) reading.files.push(failedFile(path, `${path}: ${error}`))
  const chosen = new Map<string, number>()
  let key: Buffer | undefined
  progress.start('reading logs', files.length)
  for await (const opened of openLogs(engine, files, scratch)) {
    if ('error' in opened) {
      refuse(reading, opened.path, opened.error)
      progress.step(1, opened.path)
      continue
    }
    const { files } = opened.log
    const offset = reading.files.length
    const path = join(scratch, `staged-${reading.staged.length}.parquet`)
    try {
      const { source, why } = chooseSource(opened.log, options.source ?? 'auto')
      const log = source.prepare?.(opened.log) ?? opened.log
      const { fields, notes, ...found } = fieldsOf(source, log, map)
      const tokens = options.tokens ?? found.tokens ?? source.tokens
      const makeKey = () => {
        key ??= workspaceKey(workspace)
        return key
      }
      const { tenant } = options
      await stageLog(engine, log, fields, {
        tokens,
        key: makeKey,
        fileOffset: offset,
        path,
        ...(tenant !== undefined && { tenant }),
      })
      const broken = await log.brokenRows()
      const judged = await judgeLog(engine, log, { path, offset, broken, source: source.name })
      reading.files.push(...judged.files)
      for (const [reason, count] of judged.reasons)
        reading.reasons.set(reason, (reading.reasons.get(reason) ?? 0) + count)
      reading.broken.push(...broken.map(row => ({ ...row, file: row.file + offset })))
      reading.outOfOrder += judged.outOfOrder
      reading.staged.push(path)
      reading.kinds.add(tokens)
      const said = [`${source.name}: ${why}`, ...notes, tokensNote(tokens, options.tokens)].join('; ')
      chosen.set(said, (chosen.get(said) ?? 0) + files.length)
    } catch (error) {
      rmSync(path, { force: true })
      for (const file of files) refuse(reading, file, fileError(file, error))
    } finally {
      await opened.log.close()
    }
    progress.step(files.length, files[0])
  }
  progress.done()
  for (const [said, count] of chosen)
    reading.notes.push(`${count === 1 ? '1 file' : `${count} files`}: ${said}`)
}

/** A file of which nothing is used: told, and kept among the rejects as a whole. */
function refuse(reading: Reading, path: string, error: string): void {
  reading.broken.push({
    file: reading.files.length,
    row: null,
    reason: `file: ${error.replace(`${path}: `, '')}`,
  })
  reading.files.push(failedFile(path, error))
}

function tokensNote(tokens: TokenKind, wanted: TokenKind | undefined): string {
  const what = tokens === 'secret' ? 'tokens hashed under the workspace key' : 'token ids kept as they are'
  return wanted === undefined ? `${what} (by default)` : what
}

async function readInventory(
  context: IngestContext,
  options: IngestOptions,
  scratch: string,
  reading: Reading,
): Promise<string | null> {
  if (options.inventory === undefined) return null
  const { engine, workspace } = context
  const [only] = reading.kinds
  const tokens = options.tokens ?? (reading.kinds.size === 1 ? only! : 'secret')
  for await (const opened of openLogs(engine, [options.inventory], scratch)) {
    if ('error' in opened) {
      refuse(reading, opened.path, opened.error)
      return null
    }
    try {
      const merged = await mergeInventory(engine, opened.log, { tokens, key: () => workspaceKey(workspace) })
      reading.hasInventory = true
      const rest = merged.unusable === 0 ? '' : `; ${merged.unusable} rows without a usable token left out`
      return `inventory: ${merged.tokens} tokens${rest}`
    } catch (error) {
      refuse(reading, options.inventory, fileError(options.inventory, error))
    } finally {
      await opened.log.close()
    }
  }
  return null
}
