import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inventoryFile } from '../ingest/inventory.ts'
import type { PlaceReader } from '../ingest/places.ts'
import type { Reading } from '../ingest/read-logs.ts'
import { createScratch } from '../ingest/scratch.ts'
import { type Staged, stagedSql } from '../ingest/stage.ts'
import {
  badInput,
  batchName,
  emptySummary,
  type IngestedFile,
  type IngestSummary,
} from '../ingest/summary.ts'
import { keepTokenKinds } from '../ingest/token-kinds.ts'
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
import { partition, publish, publishQuery } from '../sql/workspace.ts'
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
import { beginBatch, endBatch } from './read-files.ts'
import { asRun } from './run.ts'

export type { IngestedFile, IngestSummary } from '../ingest/summary.ts'
export type { IngestContext, IngestOptions } from './intake.ts'

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
    await dropScratchTables(context.engine)
  }
}

async function ingestInto(
  context: IngestContext,
  options: IngestOptions,
  scratch: string,
): Promise<IngestSummary> {
  const { engine, workspace, progress } = context
  const { reading, places, versions, known, isListed } = await readIntake(context, options, scratch)
  const accepted = acceptedChecks(context, options)
  const otherKinds = otherKindsError(known, reading, accepted)
  if (otherKinds !== null) throw otherKinds
  const findings = await findingsOf(context, reading)
  const stop = options.stop === false ? null : stoppingError(findings, accepted)
  if (stop !== null) {
    for (const note of reading.notes) progress.say(note)
    throw stop
  }
  reading.notes.push(...findings.map(({ check, text }) => `check ${check}: ${text}`))

  const batch = batchName(context.now, reading.files)
  const begun = await beginBatch(context, batch)
  const summary = await writeAll(context, options, scratch, reading, {
    batch,
    places,
    isListed,
  })
  summary.findings.push(...findings)
  await keepTokenKinds(workspace, known, reading.kindOf, options.tenant)
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
  const savePaths = await loadDictionaries(context, stagedSql(rows), places, notes)
  const written = await writeEvents(engine, workspace, progress, rows, scratch, context.now)
  return { ...written, savePaths }
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
