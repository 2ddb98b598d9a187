import { checkOutcome, type Finding, stopping } from '../ingest/checks.ts'
import { loadAddresses, loadClients, loadNetworkTypes, loadPaths } from '../ingest/dictionaries.ts'
import { findFiles } from '../ingest/files.ts'
import { workspaceKey } from '../ingest/identity.ts'
import { loadInventory, mergeInventory } from '../ingest/inventory.ts'
import { formOfFormat } from '../ingest/log-format.ts'
import { readMap } from '../ingest/map.ts'
import { fileError, openLogs } from '../ingest/open.ts'
import { openPlaces, type PlaceReader } from '../ingest/places.ts'
import { emptyReading, type Reading, readLogs, refuse } from '../ingest/read-logs.ts'
import type { SourceName, TokenKind } from '../ingest/source.ts'
import { prepareSql } from '../ingest/sql.ts'
import { otherKinds, readTokenKinds, type TokenKinds } from '../ingest/token-kinds.ts'
import { KeyhoundError } from '../lib/errors.ts'
import type { Config } from '../schema/config.ts'
import type { Engine } from '../sql/duckdb.ts'
import { unreadFiles, versionsOf } from './read-files.ts'
import type { RunContext } from './run.ts'

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

/** What was read of logs and inventory, with what is to be known for storing it. Nothing of it is in the workspace yet. */
export interface Intake {
  readonly reading: Reading
  readonly places: PlaceReader
  /** Files as they were before they were read: what is written to one meanwhile is new the next time. */
  readonly versions: Map<string, string>
  readonly known: TokenKinds
  /** Whether an inventory was read. */
  readonly isListed: boolean
}

/** Reads and stages logs below `scratch`, and the inventory into `kh_inventory`. */
export async function readIntake(
  context: IngestContext,
  options: IngestOptions,
  scratch: string,
  { explain = false } = {},
): Promise<Intake> {
  const { engine, workspace, progress } = context
  await prepareSql(engine)
  const map = options.map === undefined ? null : readMap(options.map)
  const places = await openPlaces(options.mmdb ?? [])
  await loadNetworkTypes(engine, options.networkTypes)
  await loadInventory(engine, workspace)
  const reading = emptyReading()
  const files = await filesToRead(context, options, reading)
  const versions = versionsOf(files)
  const place = { engine, workspace, progress, scratch }
  const { source = 'auto', tokens, tenant } = options
  const form = options.format === undefined ? undefined : formOfFormat(options.format)
  await readLogs(place, files, { source, map, tokens, tenant, form, explain }, reading)
  const inventoryNote = await readInventory(context, options, scratch, reading)
  if (inventoryNote !== null) reading.notes.push(inventoryNote)
  const known = await readTokenKinds(engine, workspace, tenant)
  return { reading, places, versions, known, isListed: inventoryNote !== null }
}

/** Dictionaries of the distinct values of staged rows; answers how to keep what they learned of paths. */
export async function loadDictionaries(
  { engine, workspace }: IngestContext,
  staged: string,
  places: PlaceReader,
  notes: string[],
): Promise<() => Promise<void>> {
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
  return paths.save
}

/** The error of tokens that a workspace hashes and that would now be kept, or the other way round; null where all is as before. */
export function otherKindsError(
  known: TokenKinds,
  reading: Reading,
  accepted: readonly string[],
): KeyhoundError | null {
  if (accepted.includes('token-kind')) return null
  const told = { secret: 'hashes', identifier: 'keeps' } as const
  const lines = otherKinds(known, reading.kindOf).map(([source, kind]) => {
    const before = known[source]!
    return `this workspace ${told[before]} the tokens of ${source} logs, and this call ${told[kind]} them: each token would get a second id, and each event would be stored twice. Use --tokens ${before}, or another workspace`
  })
  if (lines.length === 0) return null
  return new KeyhoundError(
    'bad-input',
    `nothing was added: ${lines.join('; ')}. If these are other tokens than before, go on with --accept token-kind`,
  )
}

/** The checks that a call accepts, and those that its configuration does. */
export function acceptedChecks({ config }: IngestContext, { accept = [] }: IngestOptions): string[] {
  return [...accept, ...(config?.ingest.accept ?? [])]
}

/** What is odd about what was read. */
export async function findingsOf({ engine, now }: IngestContext, reading: Reading): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [source, staged] of reading.bySource)
    findings.push(...(await checkOutcome(engine, source, staged, now)))
  return findings
}

/** The error of findings for which detection would mean nothing; null where the ingest may go on. */
export function stoppingError(
  findings: readonly Finding[],
  accepted: readonly string[],
): KeyhoundError | null {
  const stops = stopping(findings, accepted)
  if (stops.length === 0) return null
  const names = [...new Set(stops.map(({ check }) => check))]
  const lines = stops.map(({ source, check, text }) => `${check} (${source}): ${text}`)
  return new KeyhoundError(
    'bad-input',
    `nothing was added, since detection on these events would mean nothing. ${lines.join('. ')}. If the log is so, go on with ${names.map(name => `--accept ${name}`).join(' ')} (in the configuration: ingest.accept)`,
  )
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

const SCRATCH_TABLES = [
  'kh_slice',
  'kh_shown',
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

/** Removes what reading and storing left in the engine. */
export async function dropScratchTables(engine: Engine): Promise<void> {
  for (const table of SCRATCH_TABLES) await engine.run(`DROP TABLE IF EXISTS ${table}`)
}
