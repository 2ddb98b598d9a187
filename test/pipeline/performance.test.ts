import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../../src/pipeline/context.ts'
import { alertPerformance } from '../../src/pipeline/performance.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { ALERT_COLUMNS } from '../../src/schema/scores.ts'
import { addEvents, momentOf, openTinyWorld, type TinyWorld } from '../engine/tiny-world.ts'
import { openJudged, publishRows } from './judged-alerts.ts'

let world: TinyWorld
let context: Context

beforeAll(async () => {
  world = await openJudged()
  const { engine, workspace } = world
  context = { engine, workspace, progress: silentProgress, now: new Date('2026-11-01T00:00:00Z') }
})
afterAll(() => world.close())

const NOTHING = { value: null, low: null, high: null }

describe('a week, by hand', () => {
  test('counts, shares and days', async () => {
    const { weeks } = await alertPerformance(context)
    expect(weeks.map(week => week.start)).toEqual(['2026-10-05', '2026-10-12', '2026-10-19'])
    expect(weeks[0]).toMatchObject({
      days: 2,
      alerts: 5,
      alertsPerDay: 2.5,
      confirmedPerDay: 1,
      verdicts: { true_positive: 2, false_positive: 1, benign_trigger: 0, duplicate: 1 },
      unjudged: 1,
      labelledTokenDays: null,
      recallOfLabels: null,
    })
    expect(weeks[0]!.unjudgedShare).toBeCloseTo(0.2, 12)
  })

  test("precision is 2 of 3, with Wilson's interval: duplicates and what nobody judged count nowhere", async () => {
    const { weeks } = await alertPerformance(context)
    // z = 1.959964: (2/3 + z^2/6 -+ z sqrt(2/27 + z^2/36)) / (1 + z^2/3).
    expect(weeks[0]!.precision).toEqual({
      value: 2 / 3,
      low: expect.closeTo(0.20766, 5),
      high: expect.closeTo(0.93851, 5),
    })
  })

  test('the sampled count as held back, and say what is missed: recall 0.625', async () => {
    const { weeks } = await alertPerformance(context)
    expect(weeks[0]).toMatchObject({
      suppressed: 4,
      suppressedVerdicts: { true_positive: 1, false_positive: 0, benign_trigger: 1, duplicate: 0 },
    })
    // 2/3 of 5 shown are misuse, and 1/2 of 4 held back. Wilson's interval of 1 in 2 is 0.09453 to 0.90547.
    expect(weeks[0]!.recallAmongRaised).toEqual({
      value: expect.closeTo(0.625, 12),
      low: expect.closeTo((0.20766 * 5) / (0.20766 * 5 + 0.90547 * 4), 4),
      high: expect.closeTo((0.93851 * 5) / (0.93851 * 5 + 0.09453 * 4), 4),
    })
  })

  test('weeks end on Sunday at midnight; those without alerts or verdicts have no precision', async () => {
    const { weeks } = await alertPerformance(context)
    expect(weeks[1]).toMatchObject({
      days: 2,
      alerts: 1,
      confirmedPerDay: 0,
      suppressed: 0,
      recallAmongRaised: NOTHING,
    })
    expect(weeks[1]!.precision).toEqual({ value: 0, low: 0, high: expect.closeTo(0.79345, 5) })
    expect(weeks[2]).toMatchObject({
      days: 1,
      alerts: 0,
      alertsPerDay: 0,
      unjudgedShare: null,
      precision: NOTHING,
    })
  })

  test('the whole is all weeks together', async () => {
    const { weeks, whole } = await alertPerformance(context)
    expect(whole).toMatchObject({ start: '2026-10-05', days: 5, alerts: 6, suppressed: 4, unjudged: 1 })
    expect(whole.precision.value).toBeCloseTo(2 / 4, 12)
    expect(whole.alerts).toBe(weeks.reduce((sum, week) => sum + week.alerts, 0))
  })
})

describe('a period', () => {
  test('takes the alerts first seen in it and the days scored in it', async () => {
    const one = await alertPerformance(context, {
      from: new Date('2026-10-06T00:00:00Z'),
      to: new Date('2026-10-12T00:00:00Z'),
    })
    expect(one.weeks).toHaveLength(1)
    expect(one.weeks[0]).toMatchObject({ days: 1, alerts: 3, suppressed: 3, unjudged: 1 })
    expect(one.weeks[0]!.precision.value).toBe(0)
  })

  test('without anything has no weeks', async () => {
    const none = await alertPerformance(context, { from: new Date('2027-01-01T00:00:00Z') })
    expect(none).toMatchObject({ weeks: [], whole: { alerts: 0, days: 0, alertsPerDay: null } })
  })
})

test('recall of labels: of the scored token-days of misuse, those with an alert shown', async () => {
  const event = (token: string, time: string) => ({
    event_id: `${token} ${time}`,
    token_id: token,
    tenant_id: 'acme',
    time,
  })
  const misuse = [
    event('token-a1', '2026-10-05T01:10'),
    event('token-a1', '2026-10-05T01:20'),
    event('token-h1', '2026-10-06T06:30'),
    event('token-x', '2026-10-14T09:30'),
    // Never scored.
    event('token-x', '2026-10-15T09:30'),
  ]
  await addEvents(world, misuse)
  const labels = join(world.workspace.root, 'labels.csv')
  const lines = misuse.map(({ event_id }) => `${event_id},i1,takeover`)
  writeFileSync(labels, ['event_id,incident_id,attack_type', ...lines].join('\n'))
  const { weeks, whole } = await alertPerformance(context, { labels })
  expect(weeks.map(week => [week.labelledTokenDays, week.recallOfLabels?.value])).toEqual([
    [2, 0.5],
    [1, 0],
    [0, null],
  ])
  expect(whole.labelledTokenDays).toBe(3)
  // Wilson's interval of 1 in 3.
  expect(whole.recallOfLabels).toEqual({
    value: 1 / 3,
    low: expect.closeTo(0.06149, 5),
    high: expect.closeTo(0.79234, 5),
  })
})

test('alerts of earlier versions, which knew neither samples nor exploration, are read as queued or held back', async () => {
  const old = await openTinyWorld()
  const columns = ALERT_COLUMNS.filter(({ name }) => name !== 'shown')
  const row = { at: momentOf('2026-10-05T01:00'), first_seen: momentOf('2026-10-05T01:00') }
  await publishRows(old, old.workspace.alerts, 'alerts.parquet', columns, [
    { ...row, alert_id: 'one', status: 'new' },
    { ...row, alert_id: 'two', status: 'suppressed' },
  ])
  const { whole } = await alertPerformance({ ...context, engine: old.engine, workspace: old.workspace })
  expect(whole).toMatchObject({ alerts: 1, suppressed: 1, days: 0, alertsPerDay: null })
  old.close()
})
