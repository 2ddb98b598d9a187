import type { StateDatabase } from '../../schema/config.ts'

/** The stored hours that a job looks at: ms since 1970, `to` exclusive; null for all that is scored. */
export interface JobPeriod {
  readonly from: number | null
  readonly to: number | null
}

/** Work that takes longer than a request may: plain data, so that it can be done by another process. */
export type JobTask = JobPeriod &
  (
    | { readonly kind: 'replay'; readonly change: unknown }
    | { readonly kind: 'compare'; readonly champion: string; readonly challenger: string }
    /** `because` overrules the gate. */
    | { readonly kind: 'promote'; readonly model: string; readonly because: string | null }
  )

export type JobKind = JobTask['kind']

/** Where and as whom a task is done. */
export interface JobFrame {
  readonly root: string
  readonly stateDatabase: StateDatabase | null
  /** As a configuration file holds it. */
  readonly config: unknown
  /** ms since 1970. */
  readonly now: number
  /** As the audit trail names who asked, and their name. */
  readonly actor: string
  readonly owner: string
  /** A folder that may be written to and thrown away. */
  readonly scratch: string
}

/** How far a job is: steps of a stage, 0 in all where unknown. */
export interface JobProgress {
  readonly stage: string
  readonly done: number
  readonly total: number
  readonly note: string | null
}

/** Does a task and answers its result as JSON; rejects when `signal` aborts, and nothing of it runs any more then. */
export type JobRunner = (
  task: JobTask,
  frame: JobFrame,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
) => Promise<string>
