import { createReadStream, readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, gunzipSync } from 'node:zlib'
import { Decompress, decompress } from 'fzstd'
import { badFile, type Probe } from './probe.ts'

const damaged = (probe: Probe) =>
  badFile(
    probe.path,
    `is damaged: its ${probe.compression} stream ends early or is broken; nothing of it was kept, fetch it again`,
  )

/** The whole file, decompressed. */
export function readDecompressed(probe: Probe): Buffer {
  const bytes = readFileSync(probe.path)
  if (probe.compression === 'none') return bytes
  try {
    return probe.compression === 'gzip' ? gunzipSync(bytes) : Buffer.from(decompress(bytes))
  } catch {
    throw damaged(probe)
  }
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
    const stream = new Decompress(() => {})
    for await (const chunk of source) stream.push(chunk as Buffer, false)
    stream.push(new Uint8Array(0), true)
  } catch {
    throw damaged(probe)
  }
}
