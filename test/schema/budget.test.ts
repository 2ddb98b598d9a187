import { expect, test } from 'vitest'
import { parseBudget } from '../../src/schema/budget.ts'

test.each([
  ['10/day', 10],
  ['10', 10],
  [' 3 / Day ', 3],
  ['70/week', 10],
  ['1/hour', 24],
  ['0.5', 0.5],
])('%s is %f alerts a day', (text, perDay) => {
  expect(parseBudget(text)).toBeCloseTo(perDay, 12)
})

test.each(['', '/day', '10/fortnight', '-3', '1e3', '0', '0.05', '10001', '3 4', '10/day/day'])(
  '"%s" is no budget',
  text => {
    expect(parseBudget(text)).toBeNull()
  },
)
