import {
  Bool,
  Dictionary,
  Field,
  Float64,
  Int8,
  List,
  makeData,
  makeTable,
  Null,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrowProblem } from '../../../src/lib/arrow/check.ts'
import { saying } from './saying.ts'

/** Every shape of column that a log or feature vectors bring. */
const table = new Table({
  number: vectorFromArray([1, null, 3]),
  text: vectorFromArray(['a', 'bb', null], new Utf8()),
  flag: vectorFromArray([true, false, null], new Bool()),
  named: vectorFromArray(['x', 'y', 'x'], new Dictionary(new Utf8(), new Int8())),
  list: vectorFromArray([['a'], [], null], new List(new Field('item', new Utf8()))),
  use: vectorFromArray(
    [[{ item: 'op:x', n: 1 }], [], []],
    new List(new Field('item', new Struct([new Field('item', new Utf8()), new Field('n', new Float64())]))),
  ),
  nothing: vectorFromArray([null, null, null], new Null()),
})
const FORMS = ['stream', 'file'] as const

/** The same bytes with a 32-bit number written at a place. */
function withInt(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice()
  new DataView(copy.buffer).setInt32(at, value, true)
  return copy
}

describe('sizes that Arrow bytes state', () => {
  test.each(FORMS)('what is sound passes: %s', form => {
    expect(arrowProblem(tableToIPC(table, form))).toBeNull()
    expect(arrowProblem(tableToIPC(table.slice(0, 0), form))).toBeNull()
  })

  test('more rows than there are bytes for are refused at once', () => {
    const three = vectorFromArray([1, 2, 3])
    expect(arrowProblem(saying(300_000_000, three))).toBe('it says 300,000,000 rows but holds bytes for 3')
    const nulls = vectorFromArray([null, null], new Null())
    expect(arrowProblem(saying(400_000_000, nulls))).toBe('it says 400,000,000 rows but holds bytes for 2')
  })

  test('offsets that go back would read the same bytes for each row anew', () => {
    const data = makeData({
      type: new Utf8(),
      length: 4,
      valueOffsets: Int32Array.of(0, 8, 0, 8, 8),
      data: new Uint8Array(8),
    })
    const bytes = tableToIPC(makeTable({ a: data as never }))
    expect(arrowProblem(bytes)).toBe('the offsets of a column go back')
  })

  test('what is no Arrow, or cut off, is told', () => {
    for (const form of FORMS) {
      const bytes = tableToIPC(table, form)
      expect(arrowProblem(bytes.subarray(0, bytes.length - 40))).not.toBeNull()
    }
    expect(arrowProblem(Buffer.from('no arrow at all'))).not.toBeNull()
    expect(arrowProblem(Buffer.from('ARROW1'))).not.toBeNull()
  })

  test.each(FORMS)('whatever number is changed, what passes is read in bounded time and memory: %s', form => {
    const bytes = tableToIPC(table, form)
    fc.assert(
      fc.property(
        fc.nat(Math.floor(bytes.length / 4) - 1),
        fc.constantFrom(-1, 0, 1, 4, 255, 65_536, 300_000_000, 2 ** 31 - 1, -(2 ** 31)),
        (word, value) => {
          const changed = withInt(bytes, word * 4, value)
          if (arrowProblem(changed) !== null) return
          const read = readOrNull(changed)
          expect(read?.numRows ?? 0).toBeLessThanOrEqual(1000 + 8 * bytes.length)
          readRows(read)
        },
      ),
      { numRuns: 1000, seed: 15 },
    )
  })
})

/** A table whose parts do not fit together is refused by apache-arrow when a row is read; what counts is that it does not hang. */
function readRows(read: Table | null): void {
  try {
    for (const row of read ?? []) JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? String(v) : v))
  } catch (error) {
    expect(error).toBeInstanceOf(Error)
  }
}

/** Bytes whose sizes are borne out may still be no table: apache-arrow then says so. */
function readOrNull(bytes: Uint8Array): Table | null {
  try {
    return tableFromIPC(bytes)
  } catch {
    return null
  }
}
