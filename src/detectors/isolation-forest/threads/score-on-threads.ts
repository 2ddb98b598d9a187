import { KeyhoundError } from '../../../lib/errors.ts'
import type { Rows } from '../encode-block.ts'
import { BLOCK_ROWS } from '../path-lengths.ts'
import { type ScoringForest, scoreRows } from '../score-rows.ts'
import { DESK_BYTES, DESK_ROWS, type Desk, DONE, FAILED, FREE, rowsOn, TAKEN } from './desk.ts'
import { type Clerk, dismissClerks, hireClerks } from './pool.ts'

/** Rows x trees x levels on a desk, about 9 ms: the last desk is waited for no longer than that. */
const DESK_STEPS = 8e6

/** Milliseconds until a thread that took rows is given up. */
const PATIENCE_MS = 120_000

/** A desk in this call, and rows [start, start + count) of the table while they lie there. */
interface Place {
  readonly clerk: Clerk
  readonly number: number
  readonly desk: Desk
  /** The desk's cells in the table's own type. */
  readonly cells: Rows['data']
  start: number
  count: number
  ticket: number
}

let lastTicket = 0

/**
 * Scores all rows, this thread among `threads`. It leaves rows on the desks that are free, scores some itself, and looks
 * again. At the end it takes back what no thread has begun, so that one that starts late, or never, is not waited for.
 * Throws KeyhoundError 'internal' when a thread fails.
 */
export function scoreOnThreads(
  { trees, depth, sampleRows, isCategorical, thresholds, lookup }: ScoringForest,
  rows: Rows,
  scores: Float64Array,
  threads: number,
): void {
  const forest = { trees, depth, sampleRows, isCategorical, thresholds, lookup }
  const deskRows = rowsOfDesk(forest, rows)
  const isFloat32 = rows.data instanceof Float32Array
  const job = { forest, cols: rows.cols, source: rows.source, isFloat32 }
  const places: Place[] = []
  // A row that is wider than a desk stays here.
  for (const clerk of deskRows === 0 ? [] : hireClerks(threads - 1)) {
    clerk.post({ job })
    clerk.desks.forEach((desk, number) => {
      places.push({ clerk, number, desk, cells: rowsOn(desk, job).data, start: 0, count: 0, ticket: 0 })
    })
  }
  try {
    let next = 0
    while (next < scores.length) {
      for (const place of places) {
        if (!collect(place, scores)) continue
        const count = Math.min(deskRows, scores.length - next)
        leave(place, rows, next, count)
        next += count
      }
      const count = Math.min(
        BLOCK_ROWS * Math.max(1, Math.floor(deskRows / 4 / BLOCK_ROWS)),
        scores.length - next,
      )
      scoreRows(forest, rows, next, count, scores)
      next += count
    }
    for (const { desk, start, count, ticket } of places)
      if (Atomics.compareExchange(desk.control, 0, ticket, FREE) === ticket)
        scoreRows(forest, rows, start, count, scores)
    for (const place of places) {
      Atomics.wait(place.desk.control, 0, TAKEN, PATIENCE_MS)
      if (!collect(place, scores)) throw failed(`it gave no answer within ${PATIENCE_MS / 1000} s`)
    }
  } catch (error) {
    dismissClerks()
    throw error
  }
}

/** Rows that a desk is given: as many as fit, at most {@link DESK_STEPS}; whole blocks where they are more than one. */
function rowsOfDesk({ trees, depth }: ScoringForest, { data, cols }: Rows): number {
  const fit = Math.floor(DESK_BYTES / (cols * data.BYTES_PER_ELEMENT))
  const blocks = Math.floor(Math.min(DESK_ROWS, fit, DESK_STEPS / (trees * depth)) / BLOCK_ROWS)
  return Math.min(fit, Math.max(1, blocks) * BLOCK_ROWS)
}

function leave(place: Place, rows: Rows, start: number, count: number): void {
  if (count === 0) return
  const { clerk, number, desk, cells } = place
  cells.set(rows.data.subarray(start * rows.cols, (start + count) * rows.cols))
  lastTicket = (lastTicket % 0x7fffffff) + 1
  Object.assign(place, { start, count, ticket: lastTicket })
  Atomics.store(desk.control, 0, lastTicket)
  clerk.post({ desk: number, ticket: lastTicket, count })
}

/** True when the desk is free, where need be after its scores were copied. */
function collect({ desk, start, count }: Place, scores: Float64Array): boolean {
  const { control } = desk
  const state = Atomics.load(control, 0)
  if (state === FAILED) throw failed(new TextDecoder().decode(desk.error.slice(0, Atomics.load(control, 1))))
  if (state === DONE) {
    scores.set(desk.scores.subarray(0, count), start)
    Atomics.store(control, 0, FREE)
  }
  return state === DONE || state === FREE
}

function failed(because: string): KeyhoundError {
  return new KeyhoundError('internal', `a scoring thread failed: ${because}. Score with threads: 1`)
}
