import { expect, test } from 'vitest'
import { Bytes } from '../../src/parquet/bytes.ts'
import { writeRuns } from '../../src/parquet/runs.ts'
import { type Struct, writeStruct } from '../../src/parquet/thrift.ts'

function runsOf(numbers: readonly number[], width: number): number[] {
  const out = new Bytes(1)
  writeRuns(out, Int32Array.from(numbers), numbers.length, width)
  return [...out.written]
}

test('packs the example of the format: 0 to 7 in three bits each are 88 C6 FA', () => {
  // One group of eight: (1 << 1) | 1.
  expect(runsOf([0, 1, 2, 3, 4, 5, 6, 7], 3)).toEqual([3, 0x88, 0xc6, 0xfa])
})

test('writes eight equal numbers as a run, seven as packed bits', () => {
  expect(runsOf(new Array(8).fill(1), 1)).toEqual([8 << 1, 1])
  expect(runsOf(new Array(7).fill(1), 1)).toEqual([3, 0b0111_1111])
})

test('writes the value of a run in as many bytes as its bits need', () => {
  expect(runsOf(new Array(200).fill(0x102), 9)).toEqual([0x90, 0x03, 0x02, 0x01])
})

test('packs whole groups before a run: those that follow may not begin within one', () => {
  const numbers = [1, 0, 1, 0, 1, 0, 1, 0, ...new Array(9).fill(1), 0]
  expect(runsOf(numbers, 1)).toEqual([3, 0b0101_0101, 9 << 1, 1, 3, 0])
})

test('writes nothing for no numbers', () => {
  expect(runsOf([], 5)).toEqual([])
})

function structOf(struct: Struct): number[] {
  const out = new Bytes(1)
  writeStruct(out, struct)
  return [...out.written]
}

test('writes structs in the compact protocol of Thrift: distance of the number and type, zigzag, an end', () => {
  expect(structOf({ 1: { i32: -1 }, 4: { text: 'a' } })).toEqual([0x15, 1, 0x38, 1, 97, 0])
  expect(structOf({ 2: { is: false }, 3: { is: true } })).toEqual([0x22, 0x11, 0])
  expect(structOf({ 1: undefined, 2: { struct: {} } })).toEqual([0x2c, 0, 0])
  expect(structOf({ 1: { i32s: [1, 2] } })).toEqual([0x19, 0x25, 2, 4, 0])
  // 300 is 600 in zigzag: 600 = 4 * 128 + 88.
  expect(structOf({ 1: { i64: 300 } })).toEqual([0x16, 88 | 128, 4, 0])
})

test('writes the length of a list of fifteen or more in bytes of its own', () => {
  expect(structOf({ 1: { i32s: new Array(15).fill(0) } }).slice(0, 4)).toEqual([0x19, 0xf5, 15, 0])
})
