import { createHash } from 'node:crypto'
import { FEATURE_PARAMETERS } from '../features/parameters.ts'
import type { DayTable } from './day/day-table.ts'
import { DEFINITIONS, type Definitions } from './definitions.ts'
import { type GoldenDay, goldenLog } from './golden-log.ts'
import type { DayRecord } from './history/history.ts'
import { Kernel } from './kernel.ts'
import type { Tuples } from './tuples.ts'

/** The hash of texts orders ties: for the golden log it is keyed alike everywhere. */
const KEY = [1, 2] as const

let known: string | undefined

/**
 * 16 hex digits that change when the value of any feature does, and not when code is written otherwise: a digest of the features'
 * names, of FEATURE_PARAMETERS, and of what the golden log's rows say. Models refuse features of another fingerprint.
 *
 * @example featureFingerprint().length // 16
 */
export function featureFingerprint(): string {
  known ??= fingerprintOf(DEFINITIONS)
  return known
}

/** The fingerprint of other definitions, or over another log. */
export function fingerprintOf(
  definitions: Definitions,
  log: (tuples: Tuples) => readonly GoldenDay[] = goldenLog,
): string {
  return digestOf(
    definitions.features.map(feature => feature.name),
    judgeLog(definitions, log),
  )
}

/** Digest of what rows say of features of these names. */
export function digestOf(names: readonly string[], tables: readonly DayTable[]): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([names, FEATURE_PARAMETERS]))
  for (const table of tables) hash.update(roundedCells(table))
  return hash.digest('hex').slice(0, 16)
}

/** The rows of a log's days, each judged and then learned. */
export function judgeLog(
  definitions: Definitions,
  log: (tuples: Tuples) => readonly GoldenDay[] = goldenLog,
): DayTable[] {
  const records = new Map<number, DayRecord>()
  const kernel = new Kernel(KEY, day => records.get(day)!, definitions)
  return log(kernel.tuples).map(({ day, events, rulings }) => {
    const { table, record } = kernel.judge(day, events, rulings)
    records.set(day, record)
    kernel.learn(record)
    return table
  })
}

/** What the rows of a day say, column after column. */
function roundedCells({ rows, features, actual, typical, worstPeers }: DayTable): Float64Array {
  const columns = [...features, ...actual, ...typical, ...worstPeers]
  const cells = new Float64Array(columns.length * rows)
  let at = 0
  for (const column of columns) for (let row = 0; row < rows; row++) cells[at++] = rounded(column[row]!)
  return cells
}

/** No number of ours is as large: NaN has bits that processors may choose. */
const UNKNOWN = Number.MAX_VALUE

/** A number to 1e-6 of max(1, |x|): logarithms differ in their last digits between processors. */
function rounded(x: number): number {
  if (Number.isNaN(x)) return UNKNOWN
  const size = Math.abs(x)
  let scale = 1e6
  while (size * scale >= 1e7) scale /= 10
  // Zero has a sign that a sum loses.
  return Math.round(x * scale) / scale + 0
}
