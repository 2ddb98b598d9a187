import { columnOf, eachColumn, type Matrix } from '../../lib/matrix.ts'
import { type Clusters, gatherClusters, type Sketch, sketchColumn } from '../../lib/sketch.ts'
import { OWN_PREFIX } from '../../schema/own-onnx.ts'
import { MODEL_COLUMNS, SPECIALIST } from '../../scoring/score-windows.ts'
import { dayOf } from '../../sql/workspace.ts'
import type { WindowBatch } from '../batch.ts'

const DAY_MS = 86_400_000

/** A column of token-hours by name, wherever it lies. */
export interface ColumnSource {
  readonly data: ArrayLike<number>
  readonly stride: number
  readonly offset: number
}

/** Name of the column that holds the score. */
export const SCORE_COLUMN = 'score'

/** Columns of the surprises that say what our models make of a token-hour. */
const MODEL_SOURCES: readonly string[] = [...MODEL_COLUMNS, SPECIALIST]

/** Whether a column of the surprises says what a model makes of a token-hour: one of ours, or one of the user's own. */
export function isModelSource(name: string): boolean {
  return MODEL_SOURCES.includes(name) || name.startsWith(OWN_PREFIX)
}

/** Where each sketched column lies: features as they are, models in nats of surprise, the score. */
export function columnSources(
  { features }: Pick<WindowBatch, 'features'>,
  { surprises, score }: { readonly surprises: Matrix; readonly score: Float64Array },
): Map<string, ColumnSource> {
  const sources = new Map<string, ColumnSource>()
  features.names.forEach((name, offset) => {
    sources.set(name, { data: features.data, stride: features.cols, offset })
  })
  for (const name of surprises.names.filter(isModelSource))
    sources.set(name, {
      data: surprises.data,
      stride: surprises.cols,
      offset: surprises.names.indexOf(name),
    })
  sources.set(SCORE_COLUMN, { data: score, stride: 1, offset: 0 })
  return sources
}

/** Hands over the same columns, one after another; the arrays are used again. */
export function eachSource(
  { features }: Pick<WindowBatch, 'features'>,
  { surprises, score }: { readonly surprises: Matrix; readonly score: Float64Array },
  use: (name: string, values: ArrayLike<number>) => void,
): void {
  eachColumn(features, (column, c) => use(features.names[c]!, column))
  for (const name of surprises.names.filter(isModelSource))
    use(name, columnOf(surprises, surprises.names.indexOf(name)))
  use(SCORE_COLUMN, score)
}

/** The token-days of each UTC day of a batch, whose rows are ordered by time. A token's hours of one day resemble each other. */
export function tokenDaysByDay({ keys, use }: Pick<WindowBatch, 'keys' | 'use'>): Map<string, Clusters> {
  const byDay = new Map<string, Clusters>()
  const rows = keys.windowStart.length
  for (let start = 0; start < rows; ) {
    const day = Math.floor(keys.windowStart[start]! / DAY_MS)
    let end = start + 1
    while (end < rows && Math.floor(keys.windowStart[end]! / DAY_MS) === day) end++
    const { order, first } = gatherClusters(use.token.slice(start, end))
    byDay.set(dayOf(new Date(day * DAY_MS)), { order: order.map(row => row + start), first })
    start = end
  }
  return byDay
}

/** Sketches named columns of some rows, each on its knots. */
export function sketchColumns(
  sources: ReadonlyMap<string, ColumnSource>,
  columns: readonly { readonly name: string; readonly knots: readonly number[] }[],
  clusters: Clusters,
): Sketch[] {
  return columns.map(({ name, knots }) => sketchColumn(knots, sources.get(name)!, clusters))
}
