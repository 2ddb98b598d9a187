import { Decompress } from 'fzstd'

/** What the zstd command reads unless told otherwise (ZSTD_WINDOWLOG_LIMIT_DEFAULT, 27): a header of nine bytes can ask for 2 GB. */
const MOST_WINDOW = 2 ** 27
/** RFC 8878: magic numbers of a frame, and of one to be skipped (whose last four bits are free). */
const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a5
/** Bytes of the content size by the first two bits of the descriptor, and of the dictionary id by the last two. */
const SIZE_BYTES = [0, 2, 4, 8] as const
const DICTIONARY_BYTES = [0, 1, 2, 4] as const

/** Decompresses a zstd stream piece by piece; throws on a damaged one, and on one that asks for more memory than a log's window is. */
export function zstdStream(sink: (piece: Uint8Array) => void): (chunk: Uint8Array, isLast: boolean) => void {
  const stream = new Decompress(sink)
  const check = windowCheck()
  return (chunk, isLast) => {
    check(chunk)
    stream.push(chunk, isLast)
  }
}

/** Follows frames and blocks by their headers, so that each frame's window is known before the decoder allocates it. */
function windowCheck(): (chunk: Uint8Array) => void {
  let held = Buffer.alloc(0)
  let skip = 0
  let inFrame = false
  let trailer = 0
  return chunk => {
    let at = 0
    for (;;) {
      const skipped = Math.min(skip, chunk.length - at)
      skip -= skipped
      at += skipped
      if (at === chunk.length) return
      held = Buffer.concat([held, chunk.subarray(at, at + 1)])
      at++
      if (inFrame) {
        if (held.length < 3) continue
        const header = held.readUIntLE(0, 3)
        // A block of one repeated byte holds that byte alone.
        skip = (header & 6) === 2 ? 1 : header >> 3
        inFrame = (header & 1) === 0
        if (!inFrame) skip += trailer
      } else {
        const found = frameOf(held)
        if (found === null) continue
        if (found.window > MOST_WINDOW) throw new Error('a window larger than memory is given for')
        skip = found.skip
        trailer = found.trailer
        inFrame = found.hasBlocks
      }
      held = Buffer.alloc(0)
    }
  }
}

interface Header {
  readonly window: number
  readonly skip: number
  readonly trailer: number
  readonly hasBlocks: boolean
}

/** A frame's header once all of it is there; null before. */
function frameOf(bytes: Buffer): Header | null {
  if (bytes.length < 5) return null
  const magic = bytes.readUInt32LE(0)
  if (magic >>> 4 === SKIPPABLE)
    return bytes.length < 8 ? null : { window: 0, skip: bytes.readUInt32LE(4), trailer: 0, hasBlocks: false }
  if (magic !== FRAME) throw new Error('no zstd frame')
  const flags = bytes[4]!
  const isSingle = (flags & 32) !== 0
  const sizeBytes = flags >> 6 === 0 ? (isSingle ? 1 : 0) : SIZE_BYTES[flags >> 6]!
  const sizeAt = 5 + (isSingle ? 0 : 1) + DICTIONARY_BYTES[flags & 3]!
  if (bytes.length < sizeAt + sizeBytes) return null
  const trailer = (flags & 4) === 0 ? 0 : 4
  return { window: windowOf(bytes, isSingle, sizeAt, sizeBytes), skip: 0, trailer, hasBlocks: true }
}

function windowOf(bytes: Buffer, isSingle: boolean, sizeAt: number, sizeBytes: number): number {
  if (!isSingle) {
    const base = 2 ** (10 + (bytes[5]! >> 3))
    return base + (base / 8) * (bytes[5]! & 7)
  }
  if (sizeBytes === 8) return Number(bytes.readBigUInt64LE(sizeAt))
  return bytes.readUIntLE(sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
}
