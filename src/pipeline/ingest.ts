import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkOutcome, type Finding, stopping } from '../ingest/checks.ts'
import { loadAddresses, loadClients, loadNetworkTypes, loadPaths } from '../ingest/dictionaries.ts'
import { findFiles } from '../ingest/files.ts'
import { workspaceKey } from '../ingest/identity.ts'
import { inventoryFile, loadInventory, mergeInventory } from '../ingest/inventory.ts'
import { formOfFormat } from '../ingest/log-format.ts'
import { readMap } from '../ingest/map.ts'
import { fileError, openLogs } from '../ingest/open.ts'
import { openPlaces, type PlaceReader } from '../ingest/places.ts'
import { emptyReading, type Reading, readLogs, refuse } from '../ingest/read-logs.ts'
import { createScratch } from '../ingest/scratch.ts'
import type { SourceName, TokenKind } from '../ingest/source.ts'
import { prepareSql } from '../ingest/sql.ts'
import { type Staged, stagedSql } from '../ingest/stage.ts'
import {
  badInput,
  batchName,
  emptySummary,
  type IngestedFile,
  type IngestSummary,
} from '../ingest/summary.ts'
import { keepTokenKinds, otherKinds, readTokenKinds, type TokenKinds } from '../ingest/token-kinds.ts'
import {
  collectRejects,
  publishRejects,
  replaceRejects,
  unknownNotes,
  type WrittenEvents,
  writeEvents,
} from '../ingest/write.ts'
import { KeyhoundError } from '../lib/errors.ts'
import type { Config } from '../schema/config.ts'
import { INVENTORY_COLUMNS } from '../schema/event.ts'
import type { RunFigures } from '../schema/run.ts'
import type { Engine } from '../sql/duckdb.ts'
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
  /** The form of text logs, as nginx's `log_format` or Apache's `LogFormat` has it. */
  readonly format?: string
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
  /** Findings of the outcome that do not stop the ingest. */
  readonly accept?: readonly string[]
  /** Whether a finding that makes detection meaningless stops the ingest: a stream goes on, and says so. @default true */
  readonly stop?: boolean
  /** Remember which files were read, for `newOnly`. @default true */
  readonly noted?: boolean
}

export interface IngestContext extends RunContext {
  readonly engine: Engine
  readonly config?: Config
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
  'kh_slice',
  'kh_tokens',
  'kh_repeats',
  'kh_duplicates',
  'kh_seen_tokens',
  'kh_distinct',
  'kh_described',
  'kh_clients',
  'kh_addresses',
  'kh_paths',
  'kh_networks',
  'kh_inventory',
  'kh_broken',
  'kh_files',
  'kh_rejects',
]

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
  const reading = emptyReading()
  const files = await filesToRead(context, options, reading)
  // As they are before they are read: what is written to one meanwhile is new the next time.
  const versions = versionsOf(files)
  const place = { engine, workspace, progress, scratch }
  const { source = 'auto', tokens, tenant } = options
  const form = options.format === undefined ? undefined : formOfFormat(options.format)
  await readLogs(place, files, { source, map, tokens, tenant, form }, reading)
  const inventoryNote = await readInventory(context, options, scratch, reading)
  if (inventoryNote !== null) reading.notes.push(inventoryNote)
  const known = await readTokenKinds(engine, workspace)
  refuseOtherKinds(known, reading, [...(options.accept ?? []), ...(context.config?.ingest.accept ?? [])])
  const findings = await checkReading(context, options, reading)

  const batch = batchName(context.now, reading.files)
  const begun = await beginBatch(context, batch)
  const summary = await writeAll(context, options, scratch, reading, {
    batch,
    places,
    isListed: inventoryNote !== null,
  })
  summary.findings.push(...findings)
  await keepTokenKinds(workspace, known, reading.kindOf)
  const replaced = await replaceRejects(
    engine,
    workspace,
    begun.filter(one => one !== batch),
    reading.files.map(file => file.path),
  )
  for (const note of summary.notes) progress.say(note)
  const bad = summary.files.filter(file => file.error !== undefined)
  for (const { path } of bad) versions.delete(path)
  await endBatch(context, options.noted === false ? new Map() : versions, batch, replaced)
  if (bad.length > 0) throw Object.assign(badInput(bad, summary), { summary })
  return summary
}

/** Throws `bad-input` where tokens that a workspace hashes would now be kept, or the other way round. */
function refuseOtherKinds(known: TokenKinds, reading: Reading, accepted: readonly string[]): void {
  if (accepted.includes('token-kind')) return
  const told = { secret: 'hashes', identifier: 'keeps' } as const
  const lines = otherKinds(known, reading.kindOf).map(([source, kind]) => {
    const before = known[source]!
    return `this workspace ${told[before]} the tokens of ${source} logs, and this call ${told[kind]} them: each token would get a second id, and each event would be stored twice. Use --tokens ${before}, or another workspace`
  })
  if (lines.length === 0) return
  throw new KeyhoundError(
    'bad-input',
    `nothing was added: ${lines.join('; ')}. If these are other tokens than before, go on with --accept token-kind`,
  )
}

/** What is odd about what was read, told; throws `bad-input` where detection on it would mean nothing. */
async function checkReading(
  { engine, progress, now, config }: IngestContext,
  { accept = [], stop = true }: IngestOptions,
  reading: Reading,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [source, staged] of reading.bySource)
    findings.push(...(await checkOutcome(engine, source, staged, now)))
  const stops = stop ? stopping(findings, [...accept, ...(config?.ingest.accept ?? [])]) : []
  const told = findings.filter(finding => !stops.includes(finding))
  if (stops.length === 0) {
    reading.notes.push(...told.map(({ check, text }) => `check ${check}: ${text}`))
    return findings
  }
  for (const note of reading.notes) progress.say(note)
  const names = [...new Set(stops.map(({ check }) => check))]
  const lines = stops.map(({ source, check, text }) => `${check} (${source}): ${text}`)
  throw new KeyhoundError(
    'bad-input',
    `nothing was added, since detection on these events would mean nothing. ${lines.join('. ')}. If the log is so, go on with ${names.map(name => `--accept ${name}`).join(' ')} (in the configuration: ingest.accept)`,
  )
}

/** Staged rows to events, rejects and inventory; puts all in place at the end, the events last. */
async function writeAll(
  context: IngestContext,
  options: IngestOptions,
  scratch: string,
  reading: Reading,
  { batch, places, isListed }: { batch: string; places: PlaceReader; isListed: boolean },
): Promise<IngestSummary> {
  const { engine, workspace } = context
  const { files, notes } = reading
  const staged = reading.staged.paths.length === 0 ? null : stagedSql(reading.staged)
  const summary = emptySummary(batch, files, notes)
  const written = staged === null ? null : await writeStaged(context, scratch, reading.staged, places, notes)
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
  if (isListed) {
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
  rows: Staged,
  places: PlaceReader,
  notes: string[],
): Promise<WrittenEvents & { savePaths: () => Promise<void> }> {
  const { engine, workspace, progress } = context
  const staged = stagedSql(rows)
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
  const written = await writeEvents(engine, workspace, progress, rows, scratch, context.now)
  return { ...written, savePaths: paths.save }
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

/** The files that the paths name; of those, with `newOnly`, the ones that are not as they were when last read. */
async function filesToRead(
  context: IngestContext,
  options: IngestOptions,
  reading: Reading,
): Promise<readonly string[]> {
  const { files, problems } = findFiles(options.paths)
  for (const { path, error } of problems) refuse(reading, path, `${path}: ${error}`)
  if (!options.newOnly) return files
  const unread = await unreadFiles(context, files)
  const rest = files.length - unread.length
  if (rest > 0) reading.notes.push(`${rest} files were read before and have not changed`)
  return unread
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
    if (!('log' in opened)) {
      refuse(reading, opened.path, 'error' in opened ? opened.error : `${opened.path}: holds no tokens`)
      return null
    }
    try {
      const merged = await mergeInventory(engine, opened.log, { tokens, key: () => workspaceKey(workspace) })
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
