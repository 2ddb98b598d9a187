/** Progress of long work: a stage announces its steps; the command line draws a bar on a terminal, nobody else does. */
export interface Progress {
  /** Begins a stage of `total` steps (0: unknown). */
  start(stage: string, total: number): void
  /** One or more steps done; `note` names what is at hand: a day, a file. */
  step(count?: number, note?: string): void
  done(): void
  /** A finding worth a line: what ingest detected, what was left out and why. */
  say(line: string): void
}

/** Says nothing: for programs and tests. */
export const silentProgress: Progress = { start() {}, step() {}, done() {}, say() {} }

/** Stages whose runs are kept. */
export const RUN_COMMANDS = ['ingest', 'train', 'score', 'watch'] as const
export type RunCommand = (typeof RUN_COMMANDS)[number]

export const RUN_STATUSES = ['running', 'done', 'failed', 'killed'] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

/** What a run did; what does not apply to its command is left out. */
export interface RunFigures {
  /** Log rows read, added as events, and kept as rejects. */
  readonly rows?: number
  readonly added?: number
  readonly rejects?: number
  /** Token-hours scored or learned from. */
  readonly tokenHours?: number
  readonly alerts?: number
  /** Folded into open alerts, and held back by filter or suppression. */
  readonly folded?: number
  readonly suppressed?: number
  /** name@version. */
  readonly model?: string
  /** End of the last hour scored, ISO. */
  readonly scoredTo?: string
  /** From the end of the last hour scored to the end of the run. */
  readonly lagSeconds?: number
  /** Token-hours scored before by the same model, those of them whose score is another now, and by how much at most, nats. */
  readonly rescored?: number
  readonly rescoredChanged?: number
  readonly largestChange?: number
  /** Wall time by stage of the run. */
  readonly seconds?: Readonly<Record<string, number>>
}

/** One run of a stage. */
export interface RunRecord {
  readonly runId: number
  readonly command: RunCommand
  readonly actor: string
  readonly host: string
  readonly pid: number
  readonly startedAt: Date
  /** Null while it runs, and for one that was killed. */
  readonly endedAt: Date | null
  readonly status: RunStatus
  readonly figures: RunFigures | null
  readonly error: string | null
}
