import { createReadStream, readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, gunzipSync } from 'node:zlib'
import { KeyhoundError } from '../lib/errors.ts'
import { badFile, type Probe } from './probe.ts'
import { zstdStream } from './zstd-frames.ts'

const damaged = (probe: Probe) =>
  badFile(
    probe.path,
    `is damaged: its ${probe.compression} stream ends early or is broken; nothing of it was kept, fetch it again`,
  )

/** Formats that are read whole lie in memory, once as they come and once decoded: twice this, and what is made of them. */
const MOST_BYTES = 512_000_000

const tooLarge = (probe: Probe) =>
  badFile(
    probe.path,
    `holds more than ${MOST_BYTES / 1_000_000} MB once decompressed, and is read whole; if you trust it, decompress it first, or write it as JSON lines or CSV`,
  )

/** The whole file, decompressed; refuses one that grows beyond what memory is given for. */
export function readDecompressed(probe: Probe): Buffer {
  const bytes = readFileSync(probe.path)
  if (probe.compression === 'none') return bytes
  try {
    if (probe.compression === 'gzip') return gunzipSync(bytes, { maxOutputLength: MOST_BYTES })
    return decompressZstd(bytes, probe)
  } catch (error) {
    if (error instanceof KeyhoundError) throw error
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(probe) : damaged(probe)
  }
}

function decompressZstd(bytes: Buffer, probe: Probe): Buffer {
  const pieces: Uint8Array[] = []
  let size = 0
  const push = zstdStream(piece => {
    size += piece.length
    if (size > MOST_BYTES) throw tooLarge(probe)
    pieces.push(piece)
  })
  push(bytes, true)
  return Buffer.concat(pieces, size)
}

/**
 * Reads a compressed file to its end and throws when it is cut off or fails its checksum. DuckDB takes the end of a
 * truncated stream for the end of the log, and would keep a part of it without a word.
 */
export async function verifyCompressed(probe: Probe): Promise<void> {
  if (probe.compression === 'none') return
  try {
    const source = createReadStream(probe.path, { highWaterMark: 1 << 20 })
    if (probe.compression === 'gzip') {
      const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
      await pipeline(source, createGunzip({ chunkSize: 1 << 20 }), sink)
      return
    }
    const push = zstdStream(() => {})
    for await (const chunk of source) push(chunk as Buffer, false)
    push(new Uint8Array(0), true)
  } catch {
    throw damaged(probe)
  }
}
