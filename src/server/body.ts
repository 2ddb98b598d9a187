import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Context } from 'hono'
import type { EventFormat } from '../pipeline/score-events.ts'
import { ProblemError } from './problem.ts'

/** Types of a body of events, with what they are read as. */
export const EVENT_TYPES: Readonly<Record<string, EventFormat>> = {
  'application/x-ndjson': 'jsonl',
  'application/json': 'json',
  'text/csv': 'csv',
  'application/vnd.apache.arrow.stream': 'arrow',
  'application/vnd.apache.arrow.file': 'arrow',
  'application/vnd.apache.parquet': 'parquet',
}

/** Types of a body of Arrow vectors. */
export const ARROW_TYPES = ['application/vnd.apache.arrow.stream', 'application/vnd.apache.arrow.file']

/** The media type of a body, without parameters; throws 415 for a coding on top. */
export function mediaTypeOf(c: Context): string {
  const coding = c.req.header('content-encoding')
  if (coding !== undefined && coding !== 'identity') {
    throw new ProblemError(415, 'content-encoding', `send the body as it is, not in the coding ${coding}`)
  }
  return (c.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
}

/** Writes a body of events to a private file, piece by piece, and lends it. Throws 413 when it is larger than `mostBytes`. */
export async function withBodyFile<T>(
  c: Context,
  mostBytes: number,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const type = mediaTypeOf(c)
  const format = EVENT_TYPES[type]
  if (format === undefined) {
    throw new ProblemError(
      415,
      'content-type',
      `events are read as ${Object.keys(EVENT_TYPES).join(', ')}; not as "${type}"`,
    )
  }
  const { body } = c.req.raw
  if (body === null) throw new ProblemError(422, 'bad-input', 'the body is empty')
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-body-'))
  try {
    const file = join(folder, `body.${format}`)
    const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0])
    await pipeline(source, limitBytes(mostBytes), createWriteStream(file, { mode: 0o600 }))
    return await work(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A whole body in memory. Throws 413 when it is larger than `mostBytes`. */
export async function readBody(c: Context, mostBytes: number): Promise<Uint8Array> {
  const { body } = c.req.raw
  if (body === null) throw new ProblemError(422, 'bad-input', 'the body is empty')
  const pieces: Buffer[] = []
  const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0])
  for await (const piece of source.pipe(limitBytes(mostBytes))) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

function limitBytes(mostBytes: number): Transform {
  let bytes = 0
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length
      if (bytes > mostBytes) done(tooLarge(mostBytes))
      else done(null, piece)
    },
  })
}

/** The problem of a body that is too large. */
export function tooLarge(mostBytes: number): ProblemError {
  return new ProblemError(413, 'too-large', `a body here has at most ${mostBytes} bytes; send it in parts`)
}
