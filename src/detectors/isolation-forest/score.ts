import { KeyhoundError } from '../../lib/errors.ts'
import type { Matrix } from '../../lib/matrix.ts'
import { resolveColumns } from './encode-rows.ts'
import type { Forest } from './forest.ts'
import { scoreRows } from './score-rows.ts'
import { scoreOnThreads } from './threads/score-on-threads.ts'

export interface ScoreOptions {
  /** Where the scores are written, (rows). @default a new array */
  out?: Float64Array
  /**
   * Threads that score, this one included, >= 1; scores are the same bits for any number. More than one pays above
   * {@link LEAST_STEPS}; smaller tables stay on this thread. @default 1
   */
  threads?: number
}

/** Rows x trees x levels: 0.25 s on one thread, while a thread takes 57 to 105 ms to start. */
const LEAST_STEPS = 2e8

/**
 * Anomaly score s = 2^(-E[h] / c(n)) of each row, in (0, 1), higher = more anomalous (Liu, Ting & Zhou 2008, eq. 2), (rows).
 * Columns are found by name; others are ignored. Numbers are compared as float32. A missing value follows, in each node,
 * the branch drawn at training in proportion to the rows that went there.
 * Throws KeyhoundError 'bad-input' when a column the forest was trained on is missing or `threads` is out of range.
 */
export function scoreForest(
  forest: Forest,
  table: Matrix,
  { out, threads = 1 }: ScoreOptions = {},
): Float64Array {
  const scores = out ?? new Float64Array(table.rows)
  if (scores.length !== table.rows)
    throw new KeyhoundError('internal', `out has ${scores.length} places for ${table.rows} rows`)
  if (!Number.isInteger(threads) || threads < 1)
    throw new KeyhoundError('bad-input', `threads must be a whole number, 1 or more; got ${threads}`, {
      where: 'threads',
    })
  const rows = { data: table.data, cols: table.cols, source: resolveColumns(forest.names, table) }
  const steps = table.rows * forest.trees * forest.depth
  if (threads > 1 && steps >= LEAST_STEPS) scoreOnThreads(forest, rows, scores, threads)
  else scoreRows(forest, rows, 0, table.rows, scores)
  return scores
}
