import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Context } from '../../src/pipeline/context.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { addEvents, differences, dump, type TinyEvent } from '../engine/tiny-world.ts'
import { dayAt, days, type Office, openOffice, takeover } from './office.ts'

const TRAINED = 8
const DAY = { from: dayAt(9), to: dayAt(10) }
const FIRST_HALF = (event: TinyEvent) => Number(String(event.event_id).split('-').at(-1)) < 20
let office: Office

beforeAll(async () => {
  office = await openOffice([...days(0, 10), ...takeover(9, 4), ...takeover(9, 5).filter(FIRST_HALF)])
  await train(office.context, { until: dayAt(TRAINED) })
})
afterAll(() => office.world.close())

/** A context that counts the tokens whose evidence is gathered, time by time. */
function counting(context: Context): { context: Context; asked: () => number } {
  let asked = 0
  const load: Context['engine']['load'] = (table, columns) => {
    if (table === 'asked_moments') asked += new Set(columns.token_id as string[]).size
    return context.engine.load(table, columns)
  }
  return { context: { ...context, engine: { ...context.engine, load } }, asked: () => asked }
}

const alerts = () => dump(office.world, office.world.workspace.alerts)
const eventsOf = (rows: Record<string, unknown>[]) =>
  Object.fromEntries(rows.map(row => [row.token_id, (JSON.parse(String(row.evidence)) as string[]).length]))

test('in a hurry an alert is there at once, its evidence later, those without any and of higher risk first', async () => {
  const hurried = counting(office.context)
  expect((await score(hurried.context, { ...DAY, mostEvidence: 1 })).evidenceDue).toBe(1)
  expect(hurried.asked()).toBe(1)
  const first = await alerts()
  const [one, other] = [...first].sort((a, b) => Number(b.risk) - Number(a.risk)).map(row => row.token_id)
  expect(eventsOf(first)).toEqual({ [String(one)]: 20, [String(other)]: 0 })
  expect((await score(hurried.context, { ...DAY, mostEvidence: 1 })).evidenceDue).toBe(0)
  expect(hurried.asked()).toBe(2)
  expect(eventsOf(await alerts())).toEqual({ 'token-4': 20, 'token-5': 20 })
})

test('evidence is gathered again only where events came; it comes to the same as gathered at once', async () => {
  const again = counting(office.context)
  await score(again.context, DAY)
  expect(again.asked()).toBe(0)
  await addEvents(
    office.world,
    takeover(9, 5).filter(event => !FIRST_HALF(event)),
    'later',
  )
  await score(again.context, DAY)
  expect(again.asked()).toBe(1)
  const whole = await openOffice([...days(0, 10), ...takeover(9, 4), ...takeover(9, 5)])
  await train(whole.context, { until: dayAt(TRAINED) })
  await score(whole.context, DAY)
  const model = { model: '' }
  const plain = (rows: Record<string, unknown>[]) => rows.map(row => ({ ...row, ...model }))
  expect(
    differences(plain(await dump(whole.world, whole.world.workspace.alerts)), plain(await alerts())),
  ).toEqual([])
  whole.world.close()
})
