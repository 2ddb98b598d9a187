import { afterAll, beforeAll, expect, test } from 'vitest'
import { BUILT_IN } from '../../../src/features/catalogue.ts'
import { createPastReader, type PastHours } from '../../../src/pipeline/illustrate/past-hours.ts'
import { prepare } from '../../../src/pipeline/prepare.ts'
import { listDays, listParquet, partition } from '../../../src/sql/workspace.ts'
import { addEvents } from '../../engine/tiny-world.ts'
import { days, type Office, officeCall, openOffice } from '../office.ts'

const TENANTS = new Set(['acme'])
let office: Office

beforeAll(async () => {
  office = await openOffice(days(0, 4))
  await prepare(office.context)
})
afterAll(() => office.world.close())

function featureFiles(): string[] {
  const { features } = office.context.workspace
  return listDays(features).flatMap(day => listParquet(partition(features, day)))
}

/** All that can be asked of past hours. */
function told({ tokensOf, numberOf, ...rows }: PastHours) {
  const tokens = Array.from({ length: 12 }, (_, token) => numberOf('acme', `token-${token}`))
  const hours = new Map(rows.values)
  return { ...rows, values: hours, range: tokensOf('acme'), tokens }
}

test('hours lie by token and time, with what was counted in them', async () => {
  const past = await createPastReader(office.context.engine, BUILT_IN).read(
    featureFiles(),
    ['requests'],
    TENANTS,
  )
  expect(past.tokensOf('acme')).toEqual([0, 12])
  expect(past.tokensOf('other')).toEqual([0, 0])
  expect(past.numberOf('acme', 'nobody')).toBe(-1)
  const own = past.numberOf('acme', 'token-7')
  const requests = [...past.values.get('requests')!].filter((_, row) => past.token[row] === own)
  // As officeDay makes them: 3 + (5 day + 7 token + hour) mod 6 at 9, 11 and 16 o'clock.
  const expected = [0, 1, 2, 3].flatMap(day => [9, 11, 16].map(hour => 3 + ((5 * day + 49 + hour) % 6)))
  expect(requests).toEqual(expected)
})

test('day after day, with metrics that come up later and files that change, it is as if read at once', async () => {
  const { engine } = office.context
  const reader = createPastReader(engine, BUILT_IN)
  const metrics = ['response_bytes', 'requests', 'denied']
  await reader.read(featureFiles().slice(0, 2), ['requests'], TENANTS)
  const again = await reader.read(featureFiles(), metrics, TENANTS)
  expect(told(again)).toEqual(
    told(await createPastReader(engine, BUILT_IN).read(featureFiles(), metrics, TENANTS)),
  )
  await addEvents(office.world, [{ ...officeCall(1, 7, 20, 0), event_id: 'late' }], 'later')
  await prepare(office.context)
  const changed = await reader.read(featureFiles(), metrics, TENANTS)
  expect(changed.token.length).toBe(again.token.length + 1)
  expect(told(changed)).toEqual(
    told(await createPastReader(engine, BUILT_IN).read(featureFiles(), metrics, TENANTS)),
  )
})

test('small counts, large sums, fractions and unknowns come out as they are in the files', async () => {
  // 2^32 + 1 is no number of single precision.
  const large = { ...officeCall(2, 3, 22, 0), event_id: 'large', response_bytes: 2 ** 32 + 1 }
  const fitting = { ...officeCall(2, 4, 22, 0), event_id: 'fitting', response_bytes: 65_535 }
  await addEvents(office.world, [large, fitting], 'large')
  await prepare(office.context)
  const { engine } = office.context
  const metrics = ['requests', 'response_bytes', 'bytes_per_request', 'gap', 'latency']
  const past = await createPastReader(engine, BUILT_IN).read(featureFiles(), metrics, TENANTS)
  const files = featureFiles().map(file => `'${file}'`)
  const read = await engine.numbers(
    `SELECT ${metrics.map(name => `${name}_actual`).join(', ')} FROM read_parquet([${files.join(', ')}]) ORDER BY token_id, window_start`,
  )
  const tokens = Array.from({ length: 12 }, (_, token) => `token-${token}`).sort()
  const rows = tokens.flatMap(id =>
    [...past.token.keys()].filter(row => past.token[row] === past.numberOf('acme', id)),
  )
  metrics.forEach((name, m) => {
    expect(rows.map(row => past.values.get(name)![row])).toEqual([...read[m]!])
  })
  expect(read[1]).toContain(2 ** 32 + 1)
  expect(read[4]!.every(Number.isNaN)).toBe(true)
})

test('what is not asked about is left out: other tenants, and days before the first file', async () => {
  const reader = createPastReader(office.context.engine, BUILT_IN)
  const files = featureFiles()
  expect((await reader.read(files, [], new Set(['other']))).token.length).toBe(0)
  await reader.read(files, ['requests'], TENANTS)
  const last = await reader.read(files.slice(3), ['requests'], TENANTS)
  expect(last.token.length).toBe(36)
})
