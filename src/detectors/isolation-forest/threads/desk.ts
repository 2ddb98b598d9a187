import type { Rows } from '../encode-block.ts'
import type { ScoringForest } from '../score-rows.ts'

/** Where the calling thread leaves rows for a worker and finds their scores. */
export interface Desk {
  /** Whose the desk is (below, or a ticket: rows are left under this number), and the bytes of the error's text. */
  readonly control: Int32Array
  /** Cells of the rows, as the table has them. */
  readonly rows: SharedArrayBuffer
  /** (DESK_ROWS) */
  readonly scores: Float64Array
  /** UTF-8 */
  readonly error: Uint8Array
}

/**
 * The caller goes from FREE to a ticket, and back where nobody took the rows; a worker from that ticket to TAKEN and on to DONE or
 * FAILED. A ticket is used once: a message about rows that were taken back finds another number, and is void.
 */
export const FREE = 0
export const TAKEN = -1
export const DONE = -2
export const FAILED = -3

/** 8 ms of 64 columns of float32. */
export const DESK_BYTES = 1 << 22
export const DESK_ROWS = 1 << 16

/** What a worker scores, until it is told otherwise. */
export interface Job {
  readonly forest: ScoringForest
  readonly cols: number
  readonly source: Int32Array
  readonly isFloat32: boolean
}

/** A job, or `count` rows that were left on the desk of that number. */
export type Message =
  | { readonly job: Job }
  | { readonly desk: number; readonly ticket: number; readonly count: number }

export function createDesk(): Desk {
  return {
    control: new Int32Array(new SharedArrayBuffer(8)),
    rows: new SharedArrayBuffer(DESK_BYTES),
    scores: new Float64Array(new SharedArrayBuffer(8 * DESK_ROWS)),
    error: new Uint8Array(new SharedArrayBuffer(2000)),
  }
}

/** The rows on a desk as the scoring takes them. */
export function rowsOn({ rows }: Desk, { cols, source, isFloat32 }: Omit<Job, 'forest'>): Rows {
  return { data: isFloat32 ? new Float32Array(rows) : new Float64Array(rows), cols, source }
}
