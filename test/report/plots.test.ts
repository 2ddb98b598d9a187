import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { standalone } from '../../src/report/chart.ts'
import { comparisonCharts, digestCharts, PLOT_FORMATS, writePlots } from '../../src/report/plots.ts'
import { EMPTY_COMPARISON, FULL_COMPARISON } from './comparison-fixture.ts'
import { EMPTY_DIGEST, FULL_DIGEST } from './digest-fixture.ts'

const MADE = new Date('2026-10-12T09:00:00Z')
const CHARTS = [...digestCharts(FULL_DIGEST), ...comparisonCharts(FULL_COMPARISON)]

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-plots-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a chart that stands alone knows its colours, its fonts, its title and what its marks mean', () => {
  for (const chart of CHARTS) {
    const { svg, width, height } = standalone(chart)
    expect(svg).not.toMatch(/var\(|currentColor|<style|undefined|NaN/)
    const { document } = parseHTML(`<html><body>${svg}</body></html>`)
    const texts = [...document.querySelectorAll('text')].map(e => e.textContent)
    expect(texts).toContain(chart.title)
    for (const { text } of chart.key) expect(texts).toContain(text)
    expect(width).toBeGreaterThan(chart.width)
    expect(height).toBeGreaterThan(150)
    // Well-formed as XML, unlike HTML, takes no attribute twice.
    for (const tag of svg.match(/<[a-z][^>]*>/gi)!) {
      const names = [...tag.matchAll(/ ([\w:-]+)=/g)].map(match => match[1])
      expect(names, tag).toEqual([...new Set(names)])
    }
  }
})

test.each(PLOT_FORMATS)(
  '%s: a file a chart, of that format, the same bytes each time, nothing left half done',
  async format => {
    const paths = await writePlots(CHARTS, format, folder, MADE)
    expect(paths.map(path => path.slice(folder.length + 1))).toEqual(
      CHARTS.map(chart => `${chart.name}.${format}`),
    )
    expect(readdirSync(folder).sort()).toEqual(CHARTS.map(chart => `${chart.name}.${format}`).sort())
    const before = paths.map(path => readFileSync(path))
    const begins = { svg: '<svg', png: '\x89PNG', pdf: '%PDF-1' }[format]
    for (const bytes of before) expect(bytes.toString('latin1').startsWith(begins)).toBe(true)
    await writePlots(CHARTS, format, folder, MADE)
    expect(paths.map(path => readFileSync(path))).toEqual(before)
  },
)

test('a picture has twice the pixels of the drawing', async () => {
  const [path] = await writePlots(CHARTS.slice(0, 1), 'png', folder, MADE)
  const header = readFileSync(path!)
  const { width, height } = standalone(CHARTS[0]!)
  // PNG, section 11.2.2: width and height of the image header.
  expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([2 * width, 2 * height])
})

test('what has nothing to draw has no plot', () => {
  expect(comparisonCharts(EMPTY_COMPARISON)).toEqual([])
  expect(digestCharts(EMPTY_DIGEST).map(chart => chart.name)).toEqual(['alerts-a-day'])
})
