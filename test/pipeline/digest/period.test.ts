import { expect, test } from 'vitest'
import { daysOf, periodOf } from '../../../src/pipeline/digest/period.ts'

const NOW = new Date('2026-10-14T10:30:00Z')
const shown = (options: Parameters<typeof periodOf>[0]) => {
  const { from, to, week } = periodOf(options, NOW)
  return [from.toISOString().slice(0, 16), to.toISOString().slice(0, 16), week]
}
const day = (text: string) => new Date(`${text}Z`)

test('without a period it is the last week that has ended, Monday to Monday', () => {
  expect(shown({})).toEqual(['2026-10-05T00:00', '2026-10-12T00:00', '2026-W41'])
})

// By the calendar: 2021 begins on a Friday, so that its first days are of week 53 of 2020; 2026 begins on a Thursday and has 53.
test.each([
  ['2026-W41', '2026-10-05', '2026-W41'],
  ['2026W41', '2026-10-05', '2026-W41'],
  ['2026-10-11', '2026-10-05', '2026-W41'],
  ['2020-W53', '2020-12-28', '2020-W53'],
  ['2021-01-03', '2020-12-28', '2020-W53'],
  ['2021-W1', '2021-01-04', '2021-W01'],
  ['2026-W53', '2026-12-28', '2026-W53'],
])('the week %s begins on %s', (text, begin, name) => {
  const [from, , week] = shown({ week: text })
  expect([from, week]).toEqual([`${begin}T00:00`, name])
})

test.each(['2025-W53', '2026-W00', '2026-W54', 'last', '2026-02-31'])('%s is no week', text => {
  expect(() => periodOf({ week: text }, NOW)).toThrow(/is no week; write 2026-W41/)
})

test('from and to are widened to whole days; one alone reaches a week', () => {
  expect(shown({ from: day('2026-10-01T05:00'), to: day('2026-10-03T01:00') })).toEqual([
    '2026-10-01T00:00',
    '2026-10-04T00:00',
    null,
  ])
  expect(shown({ from: day('2026-10-07') })).toEqual(['2026-10-07T00:00', '2026-10-14T00:00', null])
  expect(shown({ to: day('2026-10-12') })).toEqual(['2026-10-05T00:00', '2026-10-12T00:00', '2026-W41'])
})

test('a period that ends before it begins, and a week with an end of its own, are refused', () => {
  expect(() => periodOf({ from: day('2026-10-05'), to: day('2026-10-05') }, NOW)).toThrow(/before it begins/)
  expect(() => periodOf({ week: '2026-W41', to: day('2026-10-05') }, NOW)).toThrow(
    /leave out --from and --to/,
  )
})

test('its days are listed without the last', () => {
  expect(daysOf(periodOf({ week: '2026-W09' }, NOW))).toEqual(
    ['23', '24', '25', '26', '27', '28'].map(d => `2026-02-${d}`).concat('2026-03-01'),
  )
})
