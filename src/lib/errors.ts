/** What kind of thing went wrong. The exit code and (later) the HTTP status are decided from this, in one place. */
export type ErrorCode =
  | 'usage' // the command or call was worded wrongly
  | 'bad-input' // a file, row or value from outside cannot be used
  | 'not-found' // something named does not exist
  | 'conflict' // somebody else holds it, or it exists already
  | 'busy' // another run is at it; later it may go
  | 'unavailable' // a server that we need does not answer or does not let us in
  | 'corrupt-artefact' // a file of ours fails its magic, version or checksum
  | 'internal' // a promise of ours was broken

/** The one error class: says what is wrong, where, and what to do about it. */
export class KeyhoundError extends Error {
  readonly code: ErrorCode
  /** The file, column, row or option at fault, when there is one. */
  readonly where: string | undefined

  constructor(code: ErrorCode, message: string, options: { where?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'KeyhoundError'
    this.code = code
    this.where = options.where
  }
}

/** The text of anything thrown, for wrapping into a message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
