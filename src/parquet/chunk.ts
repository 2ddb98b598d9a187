import { compareTexts } from '../lib/compare-texts.ts'
import type { Bytes } from './bytes.ts'
import { type Column, type Rows, readRows } from './column.ts'
import type { Distinct } from './distinct.ts'
import { writeRuns } from './runs.ts'
import { type Struct, writeStruct } from './thrift.ts'

/** Numbers of Parquet's format. */
export const TYPE = { INTEGER: 1, TIMESTAMP_MS: 2, FLOAT: 4, DOUBLE: 5, VARCHAR: 6 } as const
const PLAIN = 0
const RLE = 3
const RLE_DICTIONARY = 8
const DATA_PAGE = 0
const DICTIONARY_PAGE = 2

/** A longer text is not quoted in statistics: they are for skipping what a query does not ask for. */
const LONGEST_BOUND = 64

/** Space that chunk after chunk is made in. */
export interface Scratch {
  readonly rows: Rows
  readonly distinct: Distinct
  readonly page: Bytes
  readonly levels: Bytes
}

/**
 * Appends the rows `from` to `to` of a column as one chunk: a dictionary of its distinct values and numbers of them where that is smaller,
 * else the values as they are; one page each, not compressed. Returns the chunk's description for the footer.
 */
export function writeChunk(
  out: Bytes,
  name: string,
  column: Column,
  from: number,
  to: number,
  scratch: Scratch,
): Struct {
  const { rows, distinct, page } = scratch
  const start = out.length
  readRows(column, from, to, rows)
  const { levels, count, size, words } = rows
  const isText = column.type === 'VARCHAR'
  // A number of an entry saves at most what half as many entries cost.
  const hasDictionary = count > 0 && distinct.find(words, size, count, isText ? count : count >> 1)
  const texts = isText ? entryTexts(column.texts, words, distinct, count) : []
  let dictionaryAt: number | undefined
  if (hasDictionary) {
    dictionaryAt = out.length
    page.clear()
    if (isText) for (const text of texts) page.text(text)
    else putWords(page, entryWords(words, size, distinct))
    writePage(out, page, DICTIONARY_PAGE, { 1: { i32: distinct.count }, 2: { i32: PLAIN } })
  }
  const pageAt = out.length
  page.clear()
  putLevels(page, levels, to - from, scratch.levels)
  const encoding = hasDictionary ? RLE_DICTIONARY : PLAIN
  if (hasDictionary) {
    const width = Math.max(1, 32 - Math.clz32(distinct.count - 1))
    page.byte(width)
    writeRuns(page, distinct.codes, count, width)
  } else putWords(page, words.subarray(0, size * count))
  writePage(out, page, DATA_PAGE, {
    1: { i32: to - from },
    2: { i32: encoding },
    3: { i32: RLE },
    4: { i32: RLE },
  })
  const bytes = out.length - start
  return {
    1: { i32: TYPE[column.type] },
    2: { i32s: hasDictionary ? [PLAIN, RLE, RLE_DICTIONARY] : [PLAIN, RLE] },
    3: { texts: [name] },
    4: { i32: 0 },
    5: { i64: to - from },
    6: { i64: bytes },
    7: { i64: bytes },
    9: { i64: pageAt },
    11: dictionaryAt === undefined ? undefined : { i64: dictionaryAt },
    12: { struct: statisticsOf(column, rows, texts, to - from - count) },
  }
}

function writePage(out: Bytes, page: Bytes, type: number, about: Struct): void {
  writeStruct(out, {
    1: { i32: type },
    2: { i32: page.length },
    3: { i32: page.length },
    [type === DATA_PAGE ? 5 : 7]: { struct: about },
  })
  out.put(page.written)
}

/** Which rows have a value, after the length of it. */
function putLevels(page: Bytes, levels: Uint8Array, rows: number, runs: Bytes): void {
  runs.clear()
  writeRuns(runs, levels, rows, 1)
  page.word(runs.length)
  page.put(runs.written)
}

/** Little-endian, as all processors are that Node runs on but one. */
function putWords(page: Bytes, words: Int32Array): void {
  page.put(new Uint8Array(words.buffer, words.byteOffset, words.byteLength))
}

function entryWords(words: Int32Array, size: 1 | 2, { count, first }: Distinct): Int32Array {
  const entries = new Int32Array(size * count)
  for (let entry = 0; entry < count; entry++)
    for (let word = 0; word < size; word++) entries[entry * size + word] = words[first[entry]! * size + word]!
  return entries
}

function entryTexts(
  texts: readonly (string | undefined)[],
  words: Int32Array,
  { count, first }: Distinct,
  values: number,
): string[] {
  return values === 0 ? [] : Array.from({ length: count }, (_, entry) => texts[words[first[entry]!]!]!)
}

/** Number of nulls, and bounds of what is not null. */
function statisticsOf(column: Column, rows: Rows, texts: readonly string[], nulls: number): Struct {
  const [least, most] = column.type === 'VARCHAR' ? textBounds(texts) : numberBounds(column.type, rows)
  return {
    3: { i64: nulls },
    5: most === undefined ? undefined : { bytes: most },
    6: least === undefined ? undefined : { bytes: least },
  }
}

/** By the bytes of UTF-8, which are in the order of code points. */
function textBounds(texts: readonly string[]): (Uint8Array | undefined)[] {
  if (texts.length === 0) return []
  let least = texts[0]!
  let most = texts[0]!
  for (const text of texts) {
    if (compareTexts(text, least) < 0) least = text
    if (compareTexts(text, most) > 0) most = text
  }
  return [least, most].map(text => {
    const bytes = Buffer.from(text)
    return bytes.length <= LONGEST_BOUND ? bytes : undefined
  })
}

function numberBounds(type: Exclude<Column['type'], 'VARCHAR'>, rows: Rows): (Uint8Array | undefined)[] {
  if (rows.count === 0) return []
  // Of zeros the format wants the negative one below and the positive one above.
  return [rows.least === 0 ? -0 : rows.least, rows.most === 0 ? 0 : rows.most].map(bound => {
    const bytes = new DataView(new ArrayBuffer(type === 'FLOAT' || type === 'INTEGER' ? 4 : 8))
    if (type === 'FLOAT') bytes.setFloat32(0, bound, true)
    else if (type === 'INTEGER') bytes.setInt32(0, bound, true)
    else if (type === 'DOUBLE') bytes.setFloat64(0, bound, true)
    else bytes.setBigInt64(0, BigInt(bound), true)
    return new Uint8Array(bytes.buffer)
  })
}
