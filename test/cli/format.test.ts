import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import { facts, hours, minute, number, percent, printable, severity, table } from '../../src/cli/format.ts'
import { parseBudgets, parseCount, parseList, parseMoment, parseTime } from '../../src/cli/options.ts'

const plain = pc.createColors(false)

describe('numbers', () => {
  test('are grouped by thousands, dashed where unknown', () => {
    expect(number(0)).toBe('0')
    expect(number(1234567)).toBe('1,234,567')
    expect(number(-1234.56, 1)).toBe('-1,234.6')
    expect(number(999.96, 1)).toBe('1,000.0')
    expect(number(null)).toBe('-')
    expect(number(Number.NaN)).toBe('-')
    expect(number(Number.POSITIVE_INFINITY)).toBe('inf')
  })
  test('shares and durations carry their unit', () => {
    expect(percent(0.6834)).toBe('68.3 %')
    expect(percent(undefined)).toBe('-')
    expect(hours(0.75)).toBe('45 min')
    expect(hours(3.5)).toBe('3.5 h')
    expect(hours(50.4)).toBe('2.1 d')
  })
  test('minutes are UTC', () => {
    expect(minute(new Date('2026-10-05T01:02:59Z'))).toBe('2026-10-05 01:02')
  })
})

test('table: borderless, aligned, numbers right, no trailing blanks', () => {
  const text = table(
    ['name', { name: 'n', align: 'right' }, 'why'],
    [
      ['a', '5', 'x'],
      ['longer', '1,234', ''],
    ],
    plain,
  )
  expect(text).toBe(['name        n  why', 'a           5  x', 'longer  1,234'].join('\n'))
})

test('table without rows is its head', () => {
  expect(table(['name', 'why'], [], plain)).toBe('name  why')
})

test('facts line up', () => {
  expect(
    facts(
      [
        ['a', '1'],
        ['long', '2'],
      ],
      plain,
    ),
  ).toBe('a     1\nlong  2')
})

test('an unknown severity is printed as it is', () => {
  expect(severity('odd', pc.createColors(true))).toBe('odd')
  expect(severity('high', plain)).toBe('high')
})

test('control characters from logs never reach the terminal', () => {
  expect(printable('a\u001b[2Jb\nc\u009bd')).toBe('a?[2Jb?c?d')
  expect(printable('Zürich 東京')).toBe('Zürich 東京')
})

describe('options', () => {
  test('times are UTC unless a zone is named', () => {
    expect(parseTime('2026-10-05').toISOString()).toBe('2026-10-05T00:00:00.000Z')
    expect(parseTime('2026-10-05T13:00').toISOString()).toBe('2026-10-05T13:00:00.000Z')
    expect(parseTime('2026-10-05 13:00:01.5Z').toISOString()).toBe('2026-10-05T13:00:01.500Z')
    expect(parseTime('2026-10-05T13:00+02:00').toISOString()).toBe('2026-10-05T11:00:00.000Z')
    // The day before in UTC is fine: only the date as written must exist.
    expect(parseTime('2026-10-01T00:30+02:00').toISOString()).toBe('2026-09-30T22:30:00.000Z')
  })
  test.each(['', '5 Oct', '2026-13-01', '2026-02-30', '2026-10-05T25:00', '1700000000'])(
    '%j is no time',
    text => {
      expect(() => parseTime(text)).toThrow(/Not a time/)
    },
  )
  test('moments are times, or count back from the end of the log', () => {
    expect(parseMoment('2026-10-05T13:00')).toEqual(new Date('2026-10-05T13:00:00Z'))
    expect(parseMoment('-7d')).toEqual({ msBeforeEnd: 604_800_000 })
    expect(parseMoment('-36h')).toEqual({ msBeforeEnd: 129_600_000 })
    expect(parseMoment('-30m')).toEqual({ msBeforeEnd: 1_800_000 })
    expect(parseMoment('-0d')).toEqual({ msBeforeEnd: 0 })
  })
  test.each(['7d', '-7', '-d', '-7w', '-7 d', '--7d', '-1.5h', '-7D', '-7d12h', '-999999d', '2026-02-30'])(
    '%j is no moment',
    text => {
      expect(() => parseMoment(text)).toThrow(/Not a time.*-7d, -36h or -30m/)
    },
  )
  test('counts keep to their bounds and allow 200_000', () => {
    expect(parseCount(1)('200_000')).toBe(200_000)
    for (const bad of ['0', '-1', '1.5', '1e3', '', '_'])
      expect(() => parseCount(1)(bad)).toThrow(/whole number/)
    expect(() => parseCount(1, 9)('10')).toThrow('between 1 and 9')
  })
  test('budgets are sorted and unique; fractions are budgets too', () => {
    expect(parseBudgets('10,1, 3,1')).toEqual([1, 3, 10])
    expect(parseBudgets('0.5')).toEqual([0.5])
    for (const bad of ['', '0', '-1', 'x', '1,,3']) expect(() => parseBudgets(bad)).toThrow(/positive/)
  })
  test('lists have no empty names', () => {
    expect(parseList('a, b')).toEqual(['a', 'b'])
    expect(() => parseList('a,,b')).toThrow(/separated/)
  })
})
