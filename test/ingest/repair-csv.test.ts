import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { probe } from '../../src/ingest/probe.ts'
import { csvShape } from '../../src/ingest/read-csv.ts'
import { cellsOf, repairCsv } from '../../src/ingest/repair-csv.ts'

const folder = mkdtempSync(join(tmpdir(), 'keyhound-repair-'))

async function repaired(content: string | Buffer, name = 'log.csv') {
  const path = join(folder, name)
  writeFileSync(path, content)
  const found = probe(path)
  const target = join(folder, 'repaired.csv')
  const { broken } = await repairCsv(found, csvShape(found), target)
  return { text: readFileSync(target, 'utf8'), broken: broken.map(({ row, reason }) => [row, reason]) }
}

test('cells: quotes doubled or escaped, empty ones at either end, marks in the wrong place', () => {
  expect(cellsOf('a,"b,""c""",', ',', '"')).toEqual(['a', 'b,"c"', ''])
  expect(cellsOf('"say \\"hi\\", ok",x', ',', '\\')).toEqual(['say "hi", ok', 'x'])
  expect(cellsOf('"say \\"hi\\", ok",x', ',', '"')).toBeNull()
  expect(cellsOf('', ',', '"')).toEqual([''])
  expect(cellsOf('a,"b', ',', '"')).toBe('open')
})

test('lines that end in CR LF, LF and CR are lines', async () => {
  expect(await repaired('a,b\r\n1,x\n2,y\r\n3,z\r4,w')).toEqual({
    text: 'a,b\n1,x\n2,y\n3,z\n4,w\n',
    broken: [],
  })
})

test('a CR LF on the border of two pieces of the file is one line end, and a last CR ends its line', async () => {
  const piece = 1 << 20
  const long = 'x'.repeat(piece - 'a,b\n1,'.length - 1)
  const content = `a,b\n1,${long}\r\n2,y\r`
  expect(content[piece - 1]).toBe('\r')
  expect(await repaired(content)).toEqual({ text: `a,b\n1,${long}\n2,y\n`, broken: [] })
})

test('a gzip file that is cut off is an error, not a crash', async () => {
  const whole = gzipSync(
    `a,b\n${Array.from({ length: 50_000 }, (_, i) => `${i},${Math.sqrt(i)}`).join('\n')}\n`,
  )
  const path = join(folder, 'cut.csv.gz')
  writeFileSync(path, whole)
  const found = probe(path)
  writeFileSync(path, whole.subarray(0, whole.length >> 1))
  await expect(repairCsv(found, csvShape(found), join(folder, 'cut.csv'))).rejects.toThrow(/unexpected end/)
})

test('a mark that is never closed costs its row, not the rows after it', async () => {
  expect(await repaired('a,b\n1,x\n2,"open\n3,z\n4,"two\nlines"\n5\n6,y,z\n')).toEqual({
    text: 'a,b\n1,x\n3,z\n4,"two\nlines"\n',
    broken: [
      [2, 'row: quotation marks in the wrong place'],
      [5, 'row: fewer values than the header has columns'],
      [6, 'row: more values than the header has columns'],
    ],
  })
})

test('a file of open marks is not read ahead without end: then a row is one line', async () => {
  const openLines = (count: number) => `a,b,c\n${'x","z\n'.repeat(count)}1,"two\nlines",3\n4,5,6\n`
  const few = await repaired(openLines(120))
  expect(few.text).toContain('1,"two\nlines",3\n4,5,6\n')
  expect(few.broken).toHaveLength(120)
  const many = await repaired(openLines(1000))
  expect(many.text).toBe('a,b,c\n4,5,6\n')
  expect(many.broken).toHaveLength(1002)
})

test('compressed files, and values that hold the delimiter', async () => {
  const { text } = await repaired(gzipSync('a;b\r\n"1;2";x\n'), 'log.csv.gz')
  expect(text).toBe('a;b\n"1;2";x\n')
})
