import { CommanderError } from 'commander'
import { type ErrorCode, KeyhoundError } from '../lib/errors.ts'

/** What the process answers to its caller. */
export const EXIT = {
  good: 0,
  /** Something failed that better input would not have mended. */
  failed: 1,
  /** The command was worded wrongly, or what it was given cannot be used. */
  badInput: 2,
  /** `score --fail-on SEVERITY` found alerts at or above that severity. */
  alerts: 3,
  /** Another run holds the workspace: the same command will do later. */
  busy: 4,
} as const

const CODES: Record<ErrorCode, number> = {
  usage: EXIT.badInput,
  'bad-input': EXIT.badInput,
  'not-found': EXIT.badInput,
  conflict: EXIT.failed,
  busy: EXIT.busy,
  unavailable: EXIT.failed,
  'corrupt-artefact': EXIT.failed,
  internal: EXIT.failed,
}

/** The one place that turns anything thrown into an exit code. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof KeyhoundError) return CODES[error.code]
  // Commander ends --help and --version by throwing, with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.badInput
  return EXIT.failed
}
