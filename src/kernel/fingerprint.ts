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
  const hash = createHash('sha256')
  hash.update(JSON.stringify([definitions.features.map(feature => feature.name), FEATURE_PARAMETERS]))
  for (const table of judgeLog(definitions, log)) {
    const columns = [...table.features, ...table.actual, ...table.typical, ...table.worstPeers]
    hash.update(`\n${table.day}`)
    for (const column of columns) hash.update(columnText(column))
  }
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

function columnText(column: Float32Array | Float64Array): string {
  let text = '\n'
  for (let row = 0; row < column.length; row++) text += `${rounded(column[row]!)} `
  return text
}

/** A number to 1e-6 of max(1, |x|): logarithms differ in their last digits between processors. */
function rounded(x: number): string {
  if (x !== x) return '-'
  return Math.abs(x) < 1 ? String(Math.round(x * 1e6)) : x.toPrecision(7)
}
