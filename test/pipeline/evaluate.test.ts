import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluate } from '../../src/pipeline/evaluate.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { evaluateWorld, type Hour, writeCsv, writeWorkspace } from './evaluate-fixture.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
})
afterAll(() => engine.close())

const day = (d: number) => `2026-01-${String(d).padStart(2, '0')}`

/** Five tokens with one quiet hour a day; on the last day token a sends 500 requests from a network of its own. */
const hours: Hour[] = ['a', 'b', 'c', 'd', 'e'].flatMap((token, t) =>
  Array.from({ length: 10 }, (_, d): Hour => {
    const isTheft = token === 'a' && d === 9
    return {
      token,
      at: `${day(d + 1)}T${10 + t}`,
      requests: isTheft ? 500 : 2 + ((d + t) % 3),
      asn: isTheft ? 666 : 1,
      ...(d >= 5 && { score: isTheft ? 9 : (d * 7 + t) % 5 }),
      features: { steady: (d * 5 + t) % 7, moved: d >= 5 ? 100 + t : t, constant: 1 },
    }
  }),
)
const labels = [{ event_id: `a@${day(10)}T10#3`, incident_id: 'i1', attack_type: 'rate_abuse' }]
const options = { from: '2026-01-06', budgets: [1] }

describe('baselines on the same token-hours', () => {
  test('each does what its name says, beside the score', async () => {
    const report = await evaluateWorld(engine, { hours, labels, options })
    expect(report.rankings.map(r => [r.name, r.kind])).toEqual([
      ['score', 'keyhound'],
      ['plain_forest', 'baseline'],
      ['requests_z_score', 'baseline'],
      ['first_seen_network', 'baseline'],
    ])
    const [score, forest, zScore, network] = report.rankings.map(r => r.tokenDays.averagePrecision.value!)
    expect([score, zScore, network]).toEqual([1, 1, 1])
    // A forest cannot tell how far a value lies beyond those it was fitted on: it need not put 500 requests first.
    expect(forest).toBeGreaterThan(report.rankings[0]!.tokenDays.baseRate)
    expect(report.rankings.at(-1)!.title).toBe('First-seen ASN')
    expect(report.rankings[3]!.curve[0]!.threshold).toBe(500)
  })

  test('without anything before the period they fall back on the period, and the report says so', async () => {
    const scored = hours.filter(hour => hour.score !== undefined)
    const report = await evaluateWorld(engine, { hours: scored, labels, options: { budgets: [1] } })
    expect(report.notes.join()).toMatch(/No token has traffic before the period/)
    expect(report.rankings.find(r => r.name === 'plain_forest')!.tokenDays.averagePrecision.value).toBe(1)
    expect(report.drift.features).toEqual([])
  })
})

test('drift names the feature that moved first, and steady ones have none', async () => {
  const { drift } = await evaluateWorld(engine, { hours, labels, options })
  expect(drift.trainingRows).toBe(25)
  expect(drift.evaluatedRows).toBe(25)
  expect(drift.features[0]).toMatchObject({
    feature: 'moved',
    ks: 1,
    trainingMedian: 2,
    evaluatedMedian: 102,
  })
  expect(drift.features.at(-1)).toMatchObject({ feature: 'constant', psi: 0, ks: 0, trainingMissing: 0 })
})

test('interval labels touch every hour with traffic they reach into, and count from the first event inside', async () => {
  const report = await evaluateWorld(engine, {
    hours: [
      { token: 'a', at: '2026-01-02T10', score: 1, minute: 10 },
      { token: 'a', at: '2026-01-02T11', score: 5, minute: 40 },
      { token: 'a', at: '2026-01-02T12', score: 1, minute: 0 },
      { token: 'b', at: '2026-01-02T11', score: 2 },
    ],
    labels: [
      {
        token_id: 'a',
        start: '2026-01-02T10:30:00Z',
        end: '2026-01-02T12:00:00Z',
        incident_id: 'i',
        attack_type: 'x',
      },
      {
        token_id: 'z',
        start: '2026-01-02T10:30:00Z',
        end: '2026-01-02T12:00:00Z',
        incident_id: 'j',
        attack_type: 'x',
      },
    ],
    options: { budgets: [1] },
  })
  expect(report.data).toMatchObject({
    positiveTokenHours: 2,
    incidents: 1,
    labels: { kind: 'interval', rows: 2, unmatched: 1 },
  })
  // First event inside the interval 11:40, alerted at the end of that hour.
  expect(report.incidents[0]).toMatchObject({ start: '2026-01-02T11:40:00.000Z', secondsToDetect: [1200] })
})

test('only eligible tokens count when a list is given', async () => {
  const report = await evaluateWorld(engine, {
    hours,
    labels,
    options: { ...options, eligible: ['a', 'b', 'nobody'] },
  })
  expect(report.data).toMatchObject({ tokens: 2, tokenDays: 10, incidents: 1 })
  expect(report.notes.join()).toMatch(/2 of 3 eligible tokens/)
})

test('without misuse in the period the report stands, its recall unknown', async () => {
  const report = await evaluateWorld(engine, {
    hours,
    labels: [{ event_id: 'none', incident_id: 'i', attack_type: 'x' }],
    options,
  })
  expect(report.data).toMatchObject({ incidents: 0, positiveTokenDays: 0 })
  expect(report.rankings[0]!.budgets[0]).toMatchObject({
    precision: { value: 0 },
    recall: { value: null },
    incidentRecall: { value: null },
  })
  expect(report.notes.join()).toMatch(/nothing to find/)
})

test('the same seed gives the same report, which is plain JSON', async () => {
  const first = await evaluateWorld(engine, { hours, labels, options })
  const second = await evaluateWorld(engine, { hours, labels, options })
  expect(second).toEqual(first)
  expect(JSON.parse(JSON.stringify(first))).toEqual(first)
  const intervals = first.rankings[0]!.tokenDays.averagePrecision
  expect(intervals.low!).toBeLessThanOrEqual(intervals.value!)
  expect(intervals.high!).toBeGreaterThanOrEqual(intervals.value!)
  // One of one found, every time it is drawn at all: Wilson's 1 / (1 + 1.96^2) says what that is worth.
  const { recall } = first.rankings[0]!.budgets[0]!
  expect(recall.value).toBe(1)
  expect(recall.low).toBeCloseTo(0.2065, 4)
})

test('temporary tables are gone afterwards', async () => {
  await evaluateWorld(engine, { hours, labels, options })
  expect(
    await engine.rows(`SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'evaluate%'`),
  ).toEqual([])
})

describe('what cannot be evaluated is refused with its reason', () => {
  const context = async (of: Hour[]) => {
    const workspace = await writeWorkspace(engine, of)
    const file = writeCsv(join(workspace.root, 'labels.csv'), labels)
    return { context: { engine, workspace, progress: silentProgress, now: new Date(0) }, file }
  }

  test('no scores', async () => {
    const { context: of, file } = await context([{ token: 'a', at: '2026-01-01T10' }])
    await expect(evaluate(of, { labels: file })).rejects.toThrow(/keyhound score/)
  })

  test('a period without scores', async () => {
    const { context: of, file } = await context(hours)
    const period = { from: new Date('2027-01-01'), to: new Date('2027-01-02') }
    await expect(evaluate(of, { labels: file, ...period })).rejects.toThrow(
      /there are scores from 2026-01-06/,
    )
  })

  test('budgets of nothing', async () => {
    const { context: of, file } = await context(hours)
    await expect(evaluate(of, { labels: file, budgets: [0] })).rejects.toMatchObject({ code: 'usage' })
  })
})
