import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { readDecompressed, verifyCompressed } from '../../src/ingest/compression.ts'
import { type Probe, probe } from '../../src/ingest/probe.ts'

const folder = mkdtempSync(join(tmpdir(), 'keyhound-bombs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const MEGABYTE = 1024 * 1024
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd]
const word = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255]
const raw = (text: string) => [...word(text.length << 3), ...Buffer.from(text)]
/** 128 kB of one byte in four bytes (RFC 8878, 3.1.1.2.2: type RLE). */
const repeated = (byte: number, isLast = false) => [...word((131_072 << 3) | 2 | (isLast ? 1 : 0)), byte]

/** A frame with a window of 128 kB: some text, and then so many times 128 kB of a byte. */
const zstd = (text: string, blocks: number, byte: number) =>
  Buffer.from([
    ...MAGIC,
    0,
    7 << 3,
    ...raw(text),
    ...new Array(blocks).fill(repeated(byte)).flat(),
    ...word(1),
  ])

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** How much more memory a piece of work held at its end than before, MB; buffers count. */
async function grown(work: () => unknown): Promise<number> {
  const before = process.memoryUsage()
  await work()
  const after = process.memoryUsage()
  return (after.rss - before.rss) / MEGABYTE
}

const asJson = (path: string, compression: 'gzip' | 'zstd'): Probe => ({
  path,
  compression,
  kind: 'json',
  head: '',
})

describe('files that grow', () => {
  test('1 GB of zeros in 32 kB of zstd is no text, and known after its first megabytes', async () => {
    const path = write('zeros.jsonl.zst', zstd('', 8192, 0))
    const grew = await grown(() => expect(() => probe(path)).toThrow('full of NUL bytes'))
    expect(grew).toBeLessThan(100)
  })

  test('behind a good beginning they are read through in little memory', async () => {
    const path = write('late.jsonl.zst', zstd('{"a": 1}\n', 1024, 32))
    const found = probe(path)
    expect(found).toMatchObject({ kind: 'jsonl', compression: 'zstd' })
    expect(found.head.length).toBeLessThan(5_000_000)
    expect(await grown(() => verifyCompressed(found))).toBeLessThan(100)
  })

  test('read whole, they are refused beyond the budget', () => {
    const path = write('late.json.zst', zstd('[', 4500, 32))
    expect(() => readDecompressed(asJson(path, 'zstd'))).toThrow('more than 512 MB once decompressed')
    const gzipped = write('late.json.gz', gzipSync(Buffer.alloc(520 * MEGABYTE, ' '), { level: 1 }))
    expect(() => probe(gzipped)).toThrow('holds only white space')
    expect(() => readDecompressed(asJson(gzipped, 'gzip'))).toThrow('more than 512 MB once decompressed')
  })

  test('a frame that asks for more memory than any log needs is refused, be it the first or not', async () => {
    const huge = Buffer.from([...MAGIC, 0, 20 << 3, ...raw('{"a": 1}\n'), ...word(1)])
    expect(() => probe(write('window.jsonl.zst', huge))).toThrow('cannot be decompressed')
    const second = write('second.jsonl.zst', Buffer.concat([zstd('{"a": 1}\n', 1, 32), huge]))
    await expect(verifyCompressed({ ...asJson(second, 'zstd'), kind: 'jsonl' })).rejects.toThrow('is damaged')
  })
})
