import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildActivity, staleActivityDays } from '../../src/activity/activity.ts'
import type { Engine } from '../../src/engine/duckdb.ts'
import { partition } from '../../src/engine/workspace.ts'
import { addEvents, differences, dump, openTinyWorld, type TinyEvent, type TinyWorld } from './tiny-world.ts'

const DAY = '2026-09-01'

/** Events whose counts depend on the one or two before them: networks, countries, places, clients, ids and pairs of operations. */
const events = fc.array(
  fc.record({
    token: fc.integer({ min: 0, max: 2 }),
    minute: fc.integer({ min: 0, max: 6 * 60 - 1 }),
    net: fc.constantFrom('198.51.100.0/24', '203.0.113.0/24', '192.0.2.0/24'),
    operation: fc.constantFrom('GET /a', 'GET /b', 'DELETE /c'),
    id: fc.integer({ min: 1, max: 6 }),
    batch: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 40 },
)

function tinyEvent(
  { token, minute, net, operation, id }: Record<string, string | number>,
  i: number,
): TinyEvent {
  return {
    token_id: `token-${token}`,
    event_id: `event-${String(i).padStart(2, '0')}`,
    time: Date.parse(`${DAY}T08:00:00Z`) + Number(minute) * 60_000,
    net: String(net),
    source_ip: String(net).replace('0/24', '7'),
    country: String(net).startsWith('192') ? 'NL' : 'US',
    latitude: String(net).startsWith('192') ? 52 : 40,
    longitude: String(net).startsWith('192') ? 5 : -74,
    client: String(net).startsWith('203') ? 'curl' : 'sdk',
    operation: String(operation),
    resource_id: String(id),
    status: 200,
  }
}

async function made({ engine, workspace }: TinyWorld): Promise<void> {
  for (const day of staleActivityDays(workspace)) await buildActivity(engine, workspace, day)
}

async function tables(world: TinyWorld): Promise<Record<string, unknown>[][]> {
  const { activity, facets, tails } = world.workspace
  return [await dump(world, activity), await dump(world, facets), await dump(world, tails)]
}

test('property: a day that grows file by file, late ones too, comes to the same as one made at once', async () => {
  await fc.assert(
    fc.asyncProperty(events, async list => {
      const [grown, whole] = [await openTinyWorld(), await openTinyWorld()]
      try {
        const all = list.map(tinyEvent)
        await addEvents(whole, all)
        await made(whole)
        for (let batch = 0; batch < 4; batch++) {
          const some = all.filter((_, i) => list[i]!.batch === batch)
          if (some.length > 0) await addEvents(grown, some, `part-${batch}`)
          await made(grown)
        }
        const [theirs, ours] = [await tables(whole), await tables(grown)]
        theirs.forEach((table, t) => {
          expect(differences(table, ours[t]!)).toEqual([])
        })
      } finally {
        grown.close()
        whole.close()
      }
    }),
    { numRuns: 12 },
  )
}, 60_000)

/** An engine that notes from when on a day's events were read; null: all of them. */
function watching(engine: Engine): { engine: Engine; since: (string | null)[] } {
  const since: (string | null)[] = []
  const run: Engine['run'] = (sql, bindings) => {
    if (sql.includes('TEMP TABLE day_events AS'))
      since.push(/WHERE time >= \D*'([^']+)'/.exec(sql)?.[1] ?? null)
    return engine.run(sql, bindings)
  }
  return { engine: { ...engine, run }, since }
}

test('only hours from the first new event on are read; where a file changed or is gone, all of them', async () => {
  const world = await openTinyWorld()
  const { engine, since } = watching(world.engine)
  const at = (hour: number, i: number) =>
    tinyEvent({ token: 1, minute: 60 * (hour - 8), net: '192.0.2.0/24', operation: 'GET /a', id: 1 }, i)
  await addEvents(world, [at(8, 1), at(9, 2)], 'a')
  await made({ ...world, engine })
  await addEvents(world, [at(10, 3)], 'b')
  await made({ ...world, engine })
  await addEvents(world, [at(9, 4)], 'c')
  await made({ ...world, engine })
  const folder = partition(world.workspace.events, DAY)
  renameSync(join(folder, 'b.parquet'), join(folder, 'd.parquet'))
  await made({ ...world, engine })
  rmSync(join(folder, 'c.parquet'))
  await made({ ...world, engine })
  expect(since.map(moment => moment?.slice(11, 16) ?? null)).toEqual([null, '10:00', '09:00', null, null])
  expect(await dump(world, world.workspace.activity)).toHaveLength(3)
  world.close()
})
