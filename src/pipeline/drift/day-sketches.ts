import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptySketch, mergeSketches, type Sketch } from '../../lib/sketch.ts'
import type { DaySketches, DriftReference } from '../../schema/drift.ts'
import type { Scored } from '../../scoring/score-windows.ts'
import { partition, publish, type Workspace } from '../../sql/workspace.ts'
import type { WindowBatch } from '../batch.ts'
import { columnSources, sketchColumns, tokenDaysByDay } from './columns.ts'

/** Beside the day's scores; no Parquet, so that no view reads it, and hidden, so that no reader of whole folders (pyarrow, Spark) tries to. */
const SKETCHES_FILE = '.sketches.json'

/** A model's reference and how it is known. */
export interface KnownReference {
  /** name@version. */
  readonly model: string
  readonly checksum: string
  readonly reference: DriftReference
}

/** Sketches the token-hours of one scored day on the knots of the model's reference. */
export function sketchDay({ columns }: DriftReference, batch: WindowBatch, scored: Scored): Sketch[] {
  const sources = columnSources(batch, scored)
  const wanted = columns.map(({ name, sketch }) => ({ name, knots: sketch.knots }))
  return [...tokenDaysByDay(batch).values()]
    .map(clusters => sketchColumns(sources, wanted, clusters))
    .reduce(mergeAll, emptySketches(columns))
}

export function emptySketches(columns: DriftReference['columns']): Sketch[] {
  return columns.map(({ sketch }) => emptySketch(sketch.knots))
}

/** Column by column; see mergeSketches. */
export function mergeAll(a: readonly Sketch[], b: readonly Sketch[]): Sketch[] {
  return a.map((sketch, c) => mergeSketches(sketch, b[c]!))
}

export async function writeDaySketches(
  workspace: Workspace,
  day: string,
  { model, checksum }: KnownReference,
  sketches: readonly Sketch[],
): Promise<void> {
  const stored: DaySketches = {
    formatVersion: 1,
    model,
    reference: checksum,
    columns: sketches.map(({ knots: _, ...counts }) => counts),
  }
  await publish(join(partition(workspace.scores, day), SKETCHES_FILE), temporary =>
    writeFileSync(temporary, JSON.stringify(stored)),
  )
}

/** The sketches of a scored day; null when the day was scored by another model, or before days were sketched. */
export function readDaySketches(workspace: Workspace, day: string, known: KnownReference): Sketch[] | null {
  const file = join(partition(workspace.scores, day), SKETCHES_FILE)
  if (!existsSync(file)) return null
  const stored = JSON.parse(readFileSync(file, 'utf8')) as DaySketches
  if (stored.formatVersion !== 1 || stored.model !== known.model || stored.reference !== known.checksum)
    return null
  return known.reference.columns.map(({ sketch }, c) => ({ knots: sketch.knots, ...stored.columns[c]! }))
}
