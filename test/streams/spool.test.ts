import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Batch } from '../../src/streams/source.ts'
import { openSpool } from '../../src/streams/spool.ts'

const root = mkdtempSync(join(tmpdir(), 'keyhound-spool-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const at = new Date('2026-03-02T00:00:00Z')
const batch = (n: number, header: string | null = null): Batch => ({
  content: Buffer.from(header === null ? `{"n":${n}}\n` : `${n}\n`),
  events: 1,
  header,
  offset: { n },
})

test('batches come out in order, over a restart too, and are gone when removed', () => {
  const folder = join(root, 'a')
  const first = openSpool(folder)
  for (let n = 1; n <= 3; n++) first.write(batch(n), at)
  first.remove(first.entries.slice(0, 1))
  // What a kill leaves of a file that was being written.
  writeFileSync(join(folder, '000000000004.batch.tmp'), '{"v":1')
  const again = openSpool(folder)
  expect(again.entries).toEqual(first.entries)
  expect(again.entries.map(entry => entry.offset)).toEqual([{ n: 2 }, { n: 3 }])
  expect(again.bytes).toBe(again.entries.reduce((sum, { file }) => sum + statSync(file).size, 0))
  expect(again.write(batch(4), at).file).toMatch(/0{11}4\.batch$/)
  const merged = again.merge(again.entries)
  expect(merged).toMatch(/work\.jsonl$/)
  expect(readFileSync(merged, 'utf8')).toBe('{"n":2}\n{"n":3}\n{"n":4}\n')
  again.remove([...again.entries])
  again.discard(merged)
  expect([again.bytes, readdirSync(folder)]).toEqual([0, []])
})

test('its files are for their owner only: they hold tokens as they came', () => {
  const folder = join(root, 'b')
  const spool = openSpool(folder)
  const { file } = spool.write(batch(1), at)
  const modes = [folder, file, spool.merge(spool.entries)].map(path => statSync(path).mode & 0o777)
  expect(modes).toEqual([0o700, 0o600, 0o600])
})

test('CSV gets its header back; what cannot be read is kept under a name of its own', () => {
  const spool = openSpool(join(root, 'c'))
  spool.write(batch(1, 'a,b'), at)
  spool.write(batch(2, 'a,b'), at)
  const merged = spool.merge(spool.entries)
  expect([merged.slice(-8), readFileSync(merged, 'utf8')]).toEqual(['work.csv', 'a,b\n1\n2\n'])
  expect(spool.refuse(merged)).toMatch(/refused.1\.csv$/)
  expect(spool.refuse(spool.merge(spool.entries))).toMatch(/refused.2\.csv$/)
})

test('a damaged spool file is named', () => {
  const folder = join(root, 'd')
  openSpool(folder)
  writeFileSync(join(folder, '000000000001.batch'), 'nothing\n')
  expect(() => openSpool(folder)).toThrow(/000000000001\.batch: is no spool file/)
})
