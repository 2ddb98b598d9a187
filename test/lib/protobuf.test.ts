import { expect, test } from 'vitest'
import { floats, int, ints, join, message, text } from '../../src/lib/protobuf.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

// The first three are the examples of protobuf.dev/programming-guides/encoding.
test.each([
  ['a whole number', int(1, 150), '089601'],
  ['text', text(2, 'testing'), '120774657374696e67'],
  ['a message within a message', message(3, [int(1, 150)]), '1a03089601'],
  ['zero', int(1, 0), '0800'],
  ['a negative number: two’s complement in ten bytes', int(1, -1), '08ffffffffffffffffff01'],
  ['more than 32 bits', int(1, 2n ** 35n), '08808080808001'],
  ['a field number above 15: its key takes two bytes', int(20, 1), 'a00101'],
  ['packed float32, little end first', floats(4, [1, -2]), '22080000803f000000c0'],
  ['packed whole numbers', ints(4, [3, 270, 86942]), '2206038e029ea705'],
  ['empty text', text(1, ''), '0a00'],
  ['text beyond ASCII', text(1, 'é'), '0a02c3a9'],
  ['an empty message', message(1, []), '0a00'],
])('%s', (_, field, expected) => {
  expect(hex(field)).toBe(expected)
})

test('fields follow each other', () => {
  expect(hex(join([int(1, 1), int(2, 2)]))).toBe('08011002')
  expect(join([])).toHaveLength(0)
})
