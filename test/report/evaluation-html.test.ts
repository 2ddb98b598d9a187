import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderEvaluation, writeReport } from '../../src/report/evaluation-html.ts'
import type { EvaluationReport } from '../../src/schema/evaluation.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { evaluateWorld, type Hour } from '../pipeline/evaluate-fixture.ts'

const HOSTILE = `<script>alert("1")</script>&'`

/** Nine tokens over four days; token a is stolen on the third, with a hostile name for everything that can have one. */
const hours: Hour[] = Array.from({ length: 9 }, (_, t) =>
  Array.from({ length: 4 }, (_, d): Hour => {
    const isTheft = t === 0 && d === 2
    return {
      token: t === 1 ? HOSTILE : 'abcdefghi'[t]!,
      at: `2026-01-0${d + 1}T10`,
      ...(d > 0 && { score: isTheft ? 9 : (d + t) % 5 }),
      features: { x: d * t, [HOSTILE]: d },
      reasons: isTheft
        ? [
            {
              code: 'new_network',
              detector: 'network',
              feature: 'net_rarity',
              actual: `AS64500 ${HOSTILE}`,
              typical: 'AS64496',
              frame: 'self',
              contribution: 0.7,
              text: `All of it from a network ${HOSTILE}`,
            },
          ]
        : [],
    }
  }),
).flat()

let engine: Engine
let report: EvaluationReport
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
  report = await evaluateWorld(engine, {
    hours,
    labels: [
      { event_id: 'a@2026-01-03T10#0', incident_id: 'incident-7', attack_type: 'token_theft' },
      { event_id: 'c@2026-01-04T10#0', incident_id: 'incident-8', attack_type: `<b>slow</b>` },
    ],
    options: { from: '2026-01-02', budgets: [0.4, 1, 3] },
  })
})
afterAll(() => engine.close())

describe('the page', () => {
  test('answers on its first screen what was found, how much was right, what it costs, how sure we are', () => {
    const { document } = parseHTML(renderEvaluation(report))
    expect(document.querySelector('h1')!.textContent).toMatch(/^Found \d of 2 incidents at 1 alert a day$/)
    const asks = [...document.querySelectorAll('header .tile .ask')].map(e => e.textContent)
    expect(asks).toEqual([
      'What was found',
      'How much of it was right',
      'What it costs',
      'How good, at any budget',
    ])
    const figures = [...document.querySelectorAll('header .tile .figure')].map(e => e.textContent)
    expect(figures[2]).toContain('false alerts a day')
  })

  test('has every section, each chart drawn for page and telephone', () => {
    const { document } = parseHTML(renderEvaluation(report))
    expect([...document.querySelectorAll('main > section')].map(e => e.id)).toEqual([
      'curve',
      'budgets',
      'attacks',
      'time',
      'detection',
      'alerts',
      'slices',
      'detectors',
      'drift',
    ])
    expect(document.querySelectorAll('.chart.wide svg')).toHaveLength(4)
    expect(document.querySelectorAll('.chart.narrow svg')).toHaveLength(4)
    for (const svg of document.querySelectorAll('.chart svg'))
      expect(svg.querySelectorAll('path, line, circle, rect').length).toBeGreaterThan(3)
    expect(document.querySelector('#alerts')!.textContent).toContain('AS64496')
    expect(document.querySelector('#drift')!.textContent).toContain('Median before')
    expect(document.querySelector('#attacks')!.textContent).toContain('token theft')
  })

  test('tells what a larger budget buys, how the curve may lie, and what the false alarms were', async () => {
    const many = await evaluateWorld(engine, {
      hours: hours.map(hour => ({
        ...hour,
        ...(hour.token === 'b' && hour.score !== undefined && { score: 8 }),
      })),
      labels: [{ event_id: 'a@2026-01-03T10#0', incident_id: 'incident-7', attack_type: 'token_theft' }],
      options: { from: '2026-01-02', budgets: [0.34, 1, 3] },
    })
    // At one a day: the theft at 9, and the two highest of the token at 8 are false.
    const { document } = parseHTML(renderEvaluation(many))
    expect(many.falseAlarms).toEqual(many.falseAlarms?.toSorted((x, y) => y.alerts - x.alerts))
    const wrong = many.rankings[0]!.budgets.find(b => b.perDay === many.referenceBudget)!.falsePositives
    expect(many.falseAlarms!.reduce((sum, one) => sum + one.alerts, 0)).toBe(wrong)
    expect(wrong > 0).toBe(document.querySelector('#false-alarms') !== null)
    expect(document.querySelector('#budgets')!.textContent).toContain('What a larger budget buys')
    const { band, curve } = report.rankings[0]!
    expect(band!.every(({ low, high, recall }) => low <= high && low >= 0 && high <= 1 && recall <= 1)).toBe(
      true,
    )
    expect(curve.length).toBeGreaterThan(0)
  })

  test('needs nothing from outside and runs nothing', () => {
    const page = renderEvaluation(report)
    expect(page).not.toMatch(/https?:|\/\/\w/)
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)/i)
    expect(page).not.toMatch(/ on\w+=/i)
  })

  test('escapes every text of the data', () => {
    const page = renderEvaluation(report)
    expect(page).not.toContain('<b>slow</b>')
    expect(page).toContain('&lt;b&gt;slow&lt;/b&gt;')
    expect(page).toContain('AS64500 &lt;script&gt;')
    const { document } = parseHTML(page)
    expect(document.querySelector('#alerts .value[data-name="Actual"]')!.textContent).toBe(
      `AS64500 ${HOSTILE}`,
    )
  })

  test('shows no NaN, Infinity, undefined or null', () => {
    const { document } = parseHTML(renderEvaluation(report))
    for (const style of document.querySelectorAll('style')) style.remove()
    expect(document.documentElement.textContent).not.toMatch(/NaN|Infinity|undefined|null/)
    expect(renderEvaluation(report)).not.toMatch(/="[^"]*(NaN|Infinity|undefined)/)
  })

  test('is the same each time', () => {
    expect(renderEvaluation(report)).toBe(renderEvaluation(report))
  })

  test('stands without any misuse, and without alerts', async () => {
    const quiet = await evaluateWorld(engine, {
      hours,
      labels: [{ event_id: 'x', incident_id: 'i', attack_type: 'a' }],
    })
    expect(renderEvaluation(quiet)).toContain('No labelled misuse in this period')
    const tied = await evaluateWorld(engine, {
      hours: hours.map(hour => ({ ...hour, score: 1 })),
      labels: [{ event_id: 'a@2026-01-03T10#0', incident_id: 'i', attack_type: 'a' }],
    })
    expect(renderEvaluation(tied)).toContain('nothing was alerted')
  })
})

test('report.html and report.json are written beside each other, with nothing half done left', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'keyhound-report-')), 'deep', 'er')
  await writeReport(report, folder)
  await writeReport(report, folder)
  expect(readdirSync(folder).sort()).toEqual(['report.html', 'report.json'])
  expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(report)
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(renderEvaluation(report))
})
