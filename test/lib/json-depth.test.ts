import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTooDeep, MOST_JSON_LEVELS } from '../../src/lib/json-depth.ts'

const nested = (levels: number, open: string, close: string) =>
  Buffer.from(open.repeat(levels) + close.repeat(levels))

test.each([
  ['[', ']'],
  ['{"a":', '}'],
])('%s is read so deep and no deeper', (open, close) => {
  expect(isTooDeep(nested(MOST_JSON_LEVELS, open, close))).toBe(false)
  expect(isTooDeep(nested(MOST_JSON_LEVELS + 1, open, close))).toBe(true)
  expect(isTooDeep(Buffer.from('['.repeat(10_000_000)))).toBe(true)
})

test('brackets within texts are text, and lists beside each other are not deep', () => {
  expect(isTooDeep(Buffer.from(JSON.stringify({ a: '\\"['.repeat(1000) })))).toBe(false)
  expect(isTooDeep(Buffer.from(JSON.stringify(new Array(1000).fill([[]]))))).toBe(false)
  fc.assert(fc.property(fc.json({ maxDepth: 8 }), json => !isTooDeep(Buffer.from(json))))
})
