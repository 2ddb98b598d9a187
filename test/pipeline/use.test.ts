import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepare } from '../../src/pipeline/prepare.ts'
import { type DailyUse, readDailyUse, readUse, useOf } from '../../src/pipeline/use.ts'
import { listDays } from '../../src/sql/workspace.ts'
import { days, type Office, openOffice } from './office.ts'

const DAY_MS = 86_400_000
const NO_MISUSE = { token: [], start: new Float64Array(0), labelledFrom: null, setAside: new Set<string>() }

let office: Office
beforeAll(async () => {
  office = await openOffice(days(0, 6))
  await prepare(office.context)
}, 60_000)
afterAll(() => office.world.close())

/** Token 0 uses item 1 on days 10 and 12 and item 0 on day 12; token 1 is there on day 11 and uses nothing; token 2 uses item 2 on day 13. */
const DAILY: DailyUse = {
  tokens: ['a', 'b', 'c'],
  items: ['op:x', 'op:y', 'op:z'],
  used: {
    token: Float64Array.of(0, 0, 0, 2),
    item: Float64Array.of(0, 1, 1, 2),
    day: Float64Array.of(12, 10, 12, 13),
  },
  active: {
    token: Float64Array.of(0, 0, 1, 2),
    day: Float64Array.of(10, 12, 11, 13),
    role: Float64Array.of(1, -1, -1, 0),
  },
  roles: ['admin', 'bot'],
}

test('the use of all days counts days, and a token keeps the last role that is known', () => {
  expect(useOf(DAILY)).toEqual({
    tokens: ['a', 'b', 'c'],
    items: ['op:x', 'op:y', 'op:z'],
    offsets: Uint32Array.of(0, 2, 2, 3),
    item: Uint32Array.of(0, 1, 2),
    weight: Float32Array.of(1, 2, 1),
    days: Float32Array.of(2, 1, 1),
    groups: ['bot', null, 'admin'],
  })
})

test('within a span only its tokens and items are listed', () => {
  expect(useOf(DAILY, { from: 12 * DAY_MS })).toEqual({
    tokens: ['a', 'c'],
    items: ['op:x', 'op:y', 'op:z'],
    offsets: Uint32Array.of(0, 2, 3),
    item: Uint32Array.of(0, 1, 2),
    weight: Float32Array.of(1, 1, 1),
    days: Float32Array.of(1, 1),
    groups: [null, 'admin'],
  })
  expect(useOf(DAILY, { until: 12 * DAY_MS })).toEqual({
    tokens: ['a', 'b'],
    items: ['op:y'],
    offsets: Uint32Array.of(0, 1, 1),
    item: Uint32Array.of(0),
    weight: Float32Array.of(1),
    days: Float32Array.of(1, 1),
    groups: ['bot', null],
  })
})

test('a span of what was read once is what reading the span gives', async () => {
  const { engine, workspace } = office.world
  const known = listDays(workspace.features)
  const daily = await readDailyUse(engine, workspace, known, 'true', NO_MISUSE)
  const middle = Date.parse(known[2]!)
  const read = (some: readonly string[]) => readUse(engine, workspace, some, 'true', NO_MISUSE)
  expect(useOf(daily, { until: middle })).toEqual(await read(known.slice(0, 2)))
  expect(useOf(daily, { from: middle })).toEqual(await read(known.slice(2)))
  expect(useOf(daily).item.length).toBeGreaterThan(0)
})
