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

export const silentProgress: Progress = { start() {}, step() {}, done() {}, say() {} }
