import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

/** What a body of events is read as. Throws 415 for types that are not read. */
export function eventFormatOf(c: Context): EventFormat {
  const type = mediaTypeOf(c)
  const format = EVENT_TYPES[type]
  if (format !== undefined) return format
  throw new ProblemError(
    415,
    'content-type',
    `events are read as ${Object.keys(EVENT_TYPES).join(', ')}; not as "${type}"`,
  )
}

/** Writes a body of events to a private file, piece by piece, and lends it. Throws 413 when it is larger than `mostBytes`. */
export async function withBodyFile<T>(
  c: Context,
  mostBytes: number,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const format = eventFormatOf(c)
  const { body } = c.req.raw
  if (body === null) throw new ProblemError(422, 'bad-input', 'the body is empty')
  const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0])
  return withFile(
    format,
    file => pipeline(source, limitBytes(mostBytes), createWriteStream(file, { mode: 0o600 })),
    work,
  )
}

/** The same for a body that was read. */
export function withBytesFile<T>(
  bytes: Uint8Array,
  format: EventFormat,
  work: (file: string) => Promise<T>,
): Promise<T> {
  return withFile(format, async file => writeFileSync(file, bytes, { mode: 0o600 }), work)
}

async function withFile<T>(
  format: EventFormat,
  write: (file: string) => Promise<void>,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-body-'))
  try {
    const file = join(folder, `body.${format}`)
    await write(file)
    return await work(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A small body whose length is told beforehand, in memory; null for others, which are still to be read. */
export async function readSmallBody(c: Context, mostBytes: number): Promise<Uint8Array | null> {
  const length = Number(c.req.header('content-length') ?? Number.NaN)
  return length > 0 && length <= mostBytes ? new Uint8Array(await c.req.arrayBuffer()) : null
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
