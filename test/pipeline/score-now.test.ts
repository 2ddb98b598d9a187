import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inventoryFile } from '../../src/ingest/inventory.ts'
import type { Context } from '../../src/pipeline/context.ts'
import { loadModel, type Model } from '../../src/pipeline/models.ts'
import { score } from '../../src/pipeline/score.ts'
import { type EventSource, scoreEvents } from '../../src/pipeline/score-events.ts'
import type { Freshness } from '../../src/pipeline/score-now/ready-days.ts'
import { createScoreNow } from '../../src/pipeline/score-now/score-now.ts'
import { toMicroseconds } from '../../src/pipeline/score-now/spell-events.ts'
import { train } from '../../src/pipeline/train.ts'
import { addEvents, type TinyEvent } from '../engine/tiny-world.ts'
import { dayAt, days, type Office, officeCall, openOffice, takeover } from './office.ts'

let office: Office
let context: Context
let model: Model

// Half of the tenth day has come; the eighth day's theft is held.
beforeAll(async () => {
  office = await openOffice([
    ...days(0, 10),
    ...takeover(8, 4),
    ...days(10, 11).filter(event => (event.time as number) < dayAt(10, 12).getTime()),
  ])
  context = office.context
  await train(context, { until: dayAt(8) })
  await score(context, { to: dayAt(10) })
  model = await loadModel(context.workspace)
})
afterAll(() => office.world.close())

const how = { tokens: 'identifier' } as const
const nowOf = (freshness: Freshness = null) =>
  createScoreNow(context.workspace, work => work(context), freshness)
const given = (events: readonly TinyEvent[]): EventSource => ({
  rows: events.map(event => ({ ...event, time: new Date(event.time as number).toISOString() })),
})

const drawn = fc.record({
  token: fc.nat(13),
  hour: fc.nat(23),
  minute: fc.nat(59),
  isStored: fc.boolean(),
  from: fc.constantFrom('10.0.3.2', '203.0.113.7', '198.51.100.9'),
  operation: fc.constantFrom('GET /tasks', 'POST /tasks', 'DELETE /admin/users/{id}', 'GET /new'),
  client: fc.constantFrom('sdk/1', 'curl/8', 'Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537'),
  object: fc.constantFrom('1', '501', 'abc', null),
  status: fc.constantFrom(200, 403, null),
  latency: fc.option(fc.double({ min: 0, max: 5000, noNaN: true })),
})
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never

/** An event of a day: as they come, or one that is stored already. */
function eventOf(day: number, one: Drawn, i: number): TinyEvent {
  const usual = officeCall(day, one.token, one.isStored ? 9 : one.hour, one.isStored ? 1 : one.minute)
  if (one.isStored) return usual
  return {
    ...usual,
    event_id: `asked-${i}`,
    source_ip: one.from,
    operation: one.operation,
    user_agent: one.client,
    resource_id: one.object,
    status: one.status,
    latency_ms: one.latency === null ? null : Math.round(one.latency * 1e4) / 1e4,
  }
}

describe('what stands ready answers as the road of ingest does', () => {
  test.each([
    ['the newest day', 10, 4],
    ['a day before', 9, 2],
    ['a day of which nothing has come', 11, 2],
  ])('to the last bit, reasons included: %s', async (_, day, runs) => {
    const now = nowOf()
    let answered = 0
    const requests = fc.sample(fc.array(drawn, { minLength: 1, maxLength: 12 }), { numRuns: runs, seed: day })
    for (const request of requests) {
      const events = given(request.map((one, i) => eventOf(day, one, i)))
      const found = await now.score(model, events, how)
      if (found === null) continue
      answered++
      expect(found).toEqual(await scoreEvents(context, model, events, how))
    }
    expect(answered).toBeGreaterThanOrEqual(runs / 2)
  })

  test('a theft with its reasons, and the same request twice', async () => {
    const now = nowOf()
    const stolen = given([...takeover(10, 7), officeCall(10, 2, 9, 40)])
    const wanted = await scoreEvents(context, model, stolen, how)
    expect(wanted.hours[0]!.reasons.length).toBeGreaterThan(0)
    expect(await now.score(model, stolen, how)).toEqual(wanted)
    expect(await now.score(model, stolen, how)).toEqual(wanted)
  })

  test('a history that is not on disk is made in memory, and stays off the disk', async () => {
    const { features, history } = context.workspace
    const stolen = given(takeover(10, 7))
    const wanted = await scoreEvents(context, model, stolen, how)
    for (const day of ['2026-03-10', '2026-03-11'])
      rmSync(join(history, `date=${day}`), { recursive: true, force: true })
    rmSync(join(features, 'date=2026-03-11'), { recursive: true, force: true })
    expect(await nowOf().score(model, stolen, how)).toEqual(wanted)
    expect(existsSync(join(history, 'date=2026-03-10'))).toBe(false)
    await score(context, { from: dayAt(9), to: dayAt(10) })
  })

  test.each([
    ['several days', [officeCall(10, 1, 9, 40), officeCall(11, 1, 9, 40)]],
    ['events after days in which logging failed', [officeCall(13, 1, 9, 40)]],
    ['a tenant that nobody knows', [{ ...officeCall(10, 1, 9, 40), tenant_id: 'new' }]],
    ['an id that may be a number', [{ ...officeCall(10, 1, 9, 40), resource_id: '1e3' }]],
  ])('and leaves to it: %s', async (_, events) => {
    expect(await nowOf().score(model, given(events), how)).toBeNull()
  })
})

test('a look at the workspace is due after a while, and at once when a change is told', async () => {
  let ms = 0
  const now = nowOf({ now: () => ms, lookAfterMs: 1000, waitAfterMs: 4000 })
  const ask = given([officeCall(10, 3, 10, 50)])
  const before = await now.score(model, ask, how)
  await addEvents(office.world, [{ ...officeCall(10, 3, 10, 51), event_id: 'late-1' }])
  ms = 500
  expect(await now.score(model, ask, how)).toEqual(before)
  now.changed()
  const after = await now.score(model, ask, how)
  expect(after).toEqual(await scoreEvents(context, model, ask, how))
  expect(after).not.toEqual(before)
  await addEvents(office.world, [{ ...officeCall(10, 3, 10, 52), event_id: 'late-2' }])
  ms = 4600
  expect(await now.score(model, ask, how)).toEqual(await scoreEvents(context, model, ask, how))
})

test('an inventory that cannot be read is told once a look is due that an answer waits for', async () => {
  let ms = 0
  const now = nowOf({ now: () => ms, lookAfterMs: 1000, waitAfterMs: 4000 })
  const ask = given([officeCall(10, 3, 10, 50)])
  const before = await now.score(model, ask, how)
  const file = inventoryFile(context.workspace)
  expect(existsSync(file)).toBe(false)
  writeFileSync(file, 'no Parquet')
  for (ms = 1000; ms < 4000; ms += 1000) expect(await now.score(model, ask, how)).toEqual(before)
  await expect(now.score(model, ask, how)).rejects.toThrow()
  rmSync(file)
  expect(await now.score(model, ask, how)).toEqual(before)
})

test('durations are rounded as the SQL engine rounds them', async () => {
  const values = [0, 0.0005, 1.0005, 2.5, 1234.56789, 3.0015, 0.1 + 0.2, 999999.9995, 1e11, 17.1235, 8.0445]
  const rows = await context.engine.rows<{ v: number }>(
    `SELECT try_cast(unnest([${values.map(v => `'${v}'::DOUBLE`).join(', ')}]) AS DECIMAL(18, 3))::DOUBLE AS v`,
  )
  expect(values.map(toMicroseconds)).toEqual(rows.map(row => row.v))
})
