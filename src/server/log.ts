import { type DestinationStream, type Logger, pino } from 'pino'

/** Where a secret could turn up in what is logged; what stands there is replaced. */
const SECRET_PATHS = [
  'authorization',
  'headers.authorization',
  'req.headers.authorization',
  'headers.cookie',
  'req.headers.cookie',
]

/** Anything of a key's form, wherever it stands: in an address, in the text of an error. */
const KEY_FORM = /kh_([0-9a-f]{12})_[\w-]{43}/g

/** A line of JSON an entry, without secrets. */
export function createLogger(stream?: DestinationStream, level = 'info'): Logger {
  const options = {
    level,
    base: null,
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    hooks: { streamWrite: (line: string) => line.replace(KEY_FORM, 'kh_$1_[redacted]') },
  }
  return stream === undefined ? pino(options) : pino(options, stream)
}
