import { afterAll, beforeAll, expect, test } from 'vitest'
import { judgedAtHand } from '../../src/engine/open-day.ts'
import { readBatch } from '../../src/pipeline/batch.ts'
import { readDayBatch } from '../../src/pipeline/day-batch.ts'
import { readFacts } from '../../src/pipeline/facts.ts'
import { prepare } from '../../src/pipeline/prepare.ts'
import { timestampLiteral } from '../../src/sql/duckdb.ts'
import { dayAt, days, type Office, openOffice, takeover } from './office.ts'

let office: Office

beforeAll(async () => {
  office = await openOffice([...days(0, 4), ...takeover(3, 4)])
  await prepare(office.context)
})
afterAll(() => office.world.close())

async function bothWays(day: string, from: Date, to: Date) {
  const { engine, workspace } = office.context
  const where = `window_start >= ${timestampLiteral(from)} AND window_start < ${timestampLiteral(to)}`
  return {
    batch: await readDayBatch(office.context, day, { from, to }),
    read: await readBatch(engine, workspace, [day], { where }),
  }
}

test('a day that was judged just now gives the token-hours and facts that its files give', async () => {
  const { engine, workspace } = office.context
  const day = '2026-03-05'
  expect(judgedAtHand(engine, workspace, day)).toBeDefined()
  // The hours of 3 and 9 o'clock: one of the takeover, and one of each token.
  const { batch, read } = await bothWays(day, dayAt(3, 3), dayAt(3, 10))
  const { evidence, ...rest } = batch
  expect(rest).toEqual(read)
  expect(rest.features.rows).toBe(13)
  expect(rest.use.items).toContain('op:DELETE /admin/users/{id}')
  const rows = [12, 0, 5]
  const facts = await readFacts(engine, workspace, [day], batch, rows)
  expect(facts).toEqual(await readFacts(engine, workspace, [day], read, rows))
  expect(facts[1]).toMatchObject({ country_worst: 'US', deletes_actual: 40, hour: '03:00 UTC' })
  expect(evidence!(0).country_worst).toBe('US')
})

test('a day that was not judged last is read from its files', async () => {
  const { engine, workspace } = office.context
  const day = '2026-03-04'
  expect(judgedAtHand(engine, workspace, day)).toBeUndefined()
  const { batch, read } = await bothWays(day, dayAt(2), dayAt(3))
  expect(batch).toEqual(read)
  expect(batch.features.rows).toBe(36)
})
