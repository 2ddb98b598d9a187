import { fieldAt, rootOf, type Table, tableOf, vectorOf } from './flatbuffer.ts'
import { SizeError } from './size-error.ts'

/** One message of an Arrow stream or file, whose parts lie within the bytes. */
export interface Frame {
  readonly kind: 'schema' | 'dictionary' | 'batch'
  /** The message as FlatBuffer. */
  readonly metadata: Uint8Array
  /** What its header leads to. */
  readonly header: Table
  readonly body: Uint8Array
  /** Where the next one begins, bytes. */
  readonly end: number
}

/** A file in two parts: an index at its end, and the messages that it names. */
export interface Indexed {
  readonly schema: Table
  readonly footer: Uint8Array
  readonly frames: readonly Frame[]
}

/** Slots of the tables (Message.fbs and File.fbs of the Arrow format). */
const MESSAGE = { kind: 1, header: 2, bodyLength: 3 } as const
const FOOTER = { schema: 1, dictionaries: 2, batches: 3 } as const
const KINDS: Readonly<Record<number, Frame['kind']>> = { 1: 'schema', 2: 'dictionary', 3: 'batch' }
const BLOCK_BYTES = 24

const MAGIC = 'ARROW1'
/** Length of the footer and the magic, at the very end. */
const TAIL_BYTES = 4 + MAGIC.length
/** Ten thousand batches of the usual size are half a billion rows; each costs a round of the engine, however small it is. */
const MOST_FRAMES = 10_000

export function isFile(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') === MAGIC
}

/** The messages of a stream, up to its end mark. */
export function* framesOf(bytes: Uint8Array): Generator<Frame> {
  let at = 0
  for (let count = 1; ; count++) {
    const frame = frameAt(bytes, at)
    if (frame === null) return
    if (count > MOST_FRAMES) throw tooMany()
    yield frame
    at = frame.end
  }
}

/** The messages that the footer of a file names: each of the kind it says, none of them twice or across another. */
export function indexOf(bytes: Uint8Array): Indexed {
  const end = bytes.length - TAIL_BYTES
  const length = viewOf(bytes).getInt32(end, true)
  if (length <= 0 || length > end) throw new SizeError('its footer is longer than the file')
  const footer = bytes.subarray(end - length, end)
  const root = rootOf(footer)
  const schema = tableOf(root, FOOTER.schema)
  if (schema === null) throw new SizeError('its footer has no schema')
  const frames: Frame[] = []
  const spans: (readonly [from: number, end: number])[] = []
  for (const kind of ['dictionary', 'batch'] as const) {
    const { at, count } = vectorOf(root, kind === 'batch' ? FOOTER.batches : FOOTER.dictionaries, BLOCK_BYTES)
    if (frames.length + count > MOST_FRAMES) throw tooMany()
    for (let i = 0; i < count; i++) {
      const from = numberOf(root.view.getBigInt64(at + i * BLOCK_BYTES, true))
      const frame = frameAt(bytes.subarray(0, end - length), from)
      if (frame?.kind !== kind) throw new SizeError('its footer leads to where no such batch is')
      frames.push(frame)
      spans.push([from, frame.end])
    }
  }
  spans.sort((a, b) => a[0] - b[0])
  if (spans.some(([from], i) => i > 0 && from < spans[i - 1]![1]))
    throw new SizeError('its footer names the same bytes twice')
  return { schema, footer, frames }
}

/** The message at a place; null at the end mark, and where the bytes end. */
function frameAt(bytes: Uint8Array, at: number): Frame | null {
  const view = viewOf(bytes)
  const wordAt = (place: number) => (place + 4 > bytes.length ? 0 : view.getInt32(place, true))
  // Since version 0.15 a mark stands before the length.
  const isMarked = wordAt(at) === -1
  const from = at + (isMarked ? 8 : 4)
  const length = wordAt(isMarked ? at + 4 : at)
  if (length === 0) return null
  if (length < 0 || length > bytes.length - from) throw new SizeError('a message is longer than the file')
  const metadata = bytes.subarray(from, from + length)
  const message = rootOf(metadata)
  const kindAt = fieldAt(message, MESSAGE.kind)
  const kind = kindAt === 0 ? undefined : KINDS[message.view.getUint8(kindAt)]
  const header = tableOf(message, MESSAGE.header)
  if (kind === undefined || header === null) throw new SizeError('it holds a message of an unknown kind')
  const bodyAt = fieldAt(message, MESSAGE.bodyLength)
  const bodyLength = bodyAt === 0 ? 0 : numberOf(message.view.getBigInt64(bodyAt, true))
  const end = from + length + bodyLength
  if (end > bytes.length) throw new SizeError('the body of a batch is longer than the file')
  return { kind, metadata, header, body: bytes.subarray(from + length, end), end }
}

/** A size as number; whatever is no size of anything that exists is refused. */
function numberOf(value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new SizeError('a length in it is no length')
  return Number(value)
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const tooMany = () => new SizeError(`it has more than ${MOST_FRAMES} batches; write fewer and larger ones`)
