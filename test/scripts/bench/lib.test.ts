import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { markdownTable, runChild } from '../../../scripts/bench/lib.ts'
import { fitLine } from '../../../scripts/bench/linear-fit.ts'
import { parseSize } from '../../../scripts/bench/logs.ts'

test('a table is aligned for terminals too: words left, figures, shares and dashes right', () => {
  const rows = [
    { name: 'a', n: 1, share: '2.5 %', bar: '██' },
    { name: 'long name', n: '–', share: '–', bar: '' },
  ]
  expect(markdownTable(rows)).toBe(
    [
      '| name      |    n | share | bar  |',
      '| --------- | ---: | ----: | ---- |',
      '| a         |    1 | 2.5 % | ██   |',
      '| long name |    – |     – |      |',
    ].join('\n'),
  )
})

describe('a line through points', () => {
  test('is exact where they lie on one', () => {
    const fit = fitLine([1, 3, 10], [7, 11, 25])
    expect(fit).toEqual({ start: 5, slope: 2, r2: 1, farthest: 0 })
  })
  test('is the least-squares one where they do not', () => {
    // By hand: means 2 and 2, slope (1 + 2) / 2, so that the points are off by 0.5, -1 and 0.5; they vary by 1 + 1 + 4.
    const fit = fitLine([1, 2, 3], [1, 1, 4])
    expect(fit.slope).toBeCloseTo(1.5)
    expect(fit.start).toBeCloseTo(-1)
    expect(fit.r2).toBeCloseTo(0.75)
    expect(fit.farthest).toBeCloseTo(1)
  })
})

test('a size is a number of events, 700 tokens a million unless it names them', () => {
  expect(parseSize('1.06m')).toEqual({ events: 1_060_000, tokens: 742 })
  expect(parseSize('3m-6300t')).toEqual({ events: 3_000_000, tokens: 6300 })
  expect(parseSize('500')).toEqual({ events: 500, tokens: 20 })
  for (const bad of ['', 'm', '1g', '1m-t', '1m-5']) expect(() => parseSize(bad)).toThrow(/a size is/)
})

const isTimed = process.platform === 'linux' && existsSync('/usr/bin/time')

test.skipIf(!isTimed)('a child is charged for the processor time of its own children too', async () => {
  const burn = 'while (process.cpuUsage().user < 300_000);'
  const nested = `require('node:child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(burn)}])`
  const child = await runChild(process.execPath, ['-e', `${nested}; console.log('done')`])
  expect(child.stdout).toBe('done\n')
  // GNU time cuts its figures off at hundredths.
  expect(child.processorSeconds).toBeGreaterThan(0.28)
  expect(child.peakMegabytes).toBeGreaterThan(10)
})
