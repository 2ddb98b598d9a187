import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildActivity, staleActivityDays } from '../../src/activity/activity.ts'
import { EVENT_COLUMNS } from '../../src/schema/event.ts'
import { type Engine, quoteText } from '../../src/sql/duckdb.ts'
import { listParquet, partition } from '../../src/sql/workspace.ts'
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
/** After how many of its four tables the first attempt at each batch is killed. */
const kills = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 4 })

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

/** As a run that is killed before it publishes so many tables and one. */
async function killedAfter(world: TinyWorld, tables: number): Promise<void> {
  let published = 0
  const run: Engine['run'] = (sql, bindings) => {
    if (sql.startsWith('COPY') && published++ === tables) throw new Error('killed')
    return world.engine.run(sql, bindings)
  }
  await made({ ...world, engine: { ...world.engine, run } }).catch(() => undefined)
}

async function tables(world: TinyWorld): Promise<Record<string, unknown>[][]> {
  const { activity, facets, slots, tails } = world.workspace
  return Promise.all([activity, facets, slots, tails].map(table => dump(world, table)))
}

test('property: a day that grows file by file, late ones and kills too, comes to the same as one made at once', async () => {
  await fc.assert(
    fc.asyncProperty(events, kills, async (list, killedAt) => {
      const [grown, whole] = [await openTinyWorld(), await openTinyWorld()]
      try {
        const all = list.map(tinyEvent)
        await addEvents(whole, all)
        await made(whole)
        for (let batch = 0; batch < 4; batch++) {
          const some = all.filter((_, i) => list[i]!.batch === batch)
          if (some.length > 0) await addEvents(grown, some, `part-${batch}`)
          await killedAfter(grown, killedAt[batch]!)
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

/** An engine that notes how many events are looked at each time. */
function watching(engine: Engine): { engine: Engine; looked: number[] } {
  const looked: number[] = []
  const run: Engine['run'] = async (sql, bindings) => {
    await engine.run(sql, bindings)
    if (!sql.includes('TEMP TABLE day_events AS')) return
    const [row] = await engine.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM day_events')
    looked.push(row!.n)
  }
  return { engine: { ...engine, run }, looked }
}

test('only new events are looked at; late ones with what follows them, and all where a file changed or is gone', async () => {
  const world = await openTinyWorld()
  const { engine, looked } = watching(world.engine)
  const at = (hour: number, i: number, token = 1) =>
    tinyEvent({ token, minute: 60 * (hour - 8), net: '192.0.2.0/24', operation: 'GET /a', id: 1 }, i)
  await addEvents(world, [at(8, 1), at(9, 2), at(9, 3, 2)], 'a')
  await made({ ...world, engine })
  await addEvents(world, [at(10, 4)], 'b')
  await made({ ...world, engine })
  // Token 1 has a call at nine and one at ten beside the late one; token 2 goes on from where it was.
  await addEvents(world, [at(9, 0), at(11, 5, 2)], 'c')
  await made({ ...world, engine })
  // The date of its folder is no column of a table.
  const tails = quoteText(listParquet(partition(world.workspace.tails, DAY))[0]!)
  const columns = await engine.describe(`SELECT * FROM read_parquet(${tails}, hive_partitioning = false)`)
  expect(columns.map(column => column.name)).toEqual([
    ...EVENT_COLUMNS.map(column => column.name),
    'window_start',
  ])
  const folder = partition(world.workspace.events, DAY)
  renameSync(join(folder, 'b.parquet'), join(folder, 'd.parquet'))
  await made({ ...world, engine })
  rmSync(join(folder, 'c.parquet'))
  await made({ ...world, engine })
  expect(looked).toEqual([3, 1, 4, 6, 4])
  expect(await dump(world, world.workspace.activity)).toHaveLength(4)
  world.close()
})

test('a day that lacks a table, as an earlier version left it, is made again', async () => {
  const world = await openTinyWorld()
  await addEvents(world, [
    tinyEvent({ token: 1, minute: 5, net: '192.0.2.0/24', operation: 'GET /a', id: 1 }, 1),
  ])
  await made(world)
  const before = await tables(world)
  expect(staleActivityDays(world.workspace)).toEqual([])
  rmSync(partition(world.workspace.tails, DAY), { recursive: true })
  expect(staleActivityDays(world.workspace)).toEqual([DAY])
  await made(world)
  expect(await tables(world)).toEqual(before)
  world.close()
})
