import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ensureFacets } from '../../src/engine/facets.ts'
import { listParquet, partition } from '../../src/sql/workspace.ts'
import {
  addEvents,
  bringUpToDate,
  differences,
  dump,
  historyBytes,
  openTinyWorld,
  type TinyEvent,
  type TinyWorld,
} from './tiny-world.ts'

const DAY = '2026-09-01'
const NEXT_DAY = '2026-09-02'
const BATCHES = 4

/** Events whose counts depend on the one or two before them: networks, countries, places, clients, ids and pairs of operations. */
const events = fc.array(
  fc.record({
    token: fc.integer({ min: 0, max: 2 }),
    minute: fc.integer({ min: 0, max: 6 * 60 - 1 }),
    net: fc.constantFrom('198.51.100.0/24', '203.0.113.0/24', '192.0.2.0/24'),
    operation: fc.constantFrom('GET /a', 'GET /b', 'DELETE /c'),
    id: fc.integer({ min: 1, max: 6 }),
    batch: fc.integer({ min: 0, max: BATCHES - 1 }),
  }),
  { minLength: 1, maxLength: 40 },
)
/** In which order the batches come. */
const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: BATCHES })

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

/** What every token does a day later: judged by what was learned of the first day. */
const NEXT = [0, 1, 2].map(token =>
  tinyEvent({ token, minute: 24 * 60, net: '192.0.2.0/24', operation: 'GET /a', id: 1 }, 90 + token),
)

async function tablesOf(world: TinyWorld): Promise<Record<string, unknown>[][]> {
  await ensureFacets(world.engine, world.workspace)
  const { activity, use, facets, features } = world.workspace
  return Promise.all([activity, use, facets, features].map(table => dump(world, table)))
}

test('property: a day that grows file by file, late ones first or last, comes to the same as one made at once', async () => {
  await fc.assert(
    fc.asyncProperty(events, order, async (list, batches) => {
      const worlds = [await openTinyWorld(), await openTinyWorld(), await openTinyWorld()] as const
      const [grown, whole, oneFile] = worlds
      try {
        const all = list.map(tinyEvent)
        await addEvents(oneFile, all)
        await addEvents(oneFile, NEXT)
        await bringUpToDate(oneFile)
        await addEvents(grown, NEXT)
        await addEvents(whole, NEXT)
        for (const batch of batches) {
          const some = all.filter((_, i) => list[i]!.batch === batch)
          if (some.length === 0) continue
          for (const world of [grown, whole]) await addEvents(world, some, `part-${batch}`)
          expect(await bringUpToDate(grown)).toEqual([DAY, NEXT_DAY])
        }
        await bringUpToDate(whole)
        const [theirs, ours, inOne] = await Promise.all(worlds.toReversed().map(tablesOf))
        for (const made of [ours!, inOne!])
          theirs!.forEach((table, t) => {
            expect(differences(table, made[t]!)).toEqual([])
          })
        // The stamps in it name the files of events, so what was made of other files has other bytes.
        expect(historyBytes(grown)).toEqual(historyBytes(whole))
      } finally {
        for (const world of worlds) world.close()
      }
    }),
    { numRuns: 6 },
  )
}, 120_000)

test.each(['features', 'activity', 'use'] as const)(
  'a day that lacks its table of %s is made again',
  async table => {
    const world = await openTinyWorld()
    await addEvents(world, NEXT)
    await bringUpToDate(world)
    const before = await tablesOf(world)
    expect(await bringUpToDate(world)).toEqual([])
    rmSync(listParquet(partition(world.workspace[table], NEXT_DAY))[0]!)
    expect(await bringUpToDate(world)).toEqual([NEXT_DAY])
    expect(await tablesOf(world)).toEqual(before)
    world.close()
  },
)
