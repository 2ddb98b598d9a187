import { expect, test } from 'vitest'
import { listParquet, partition } from '../../src/sql/workspace.ts'
import {
  addEvents,
  bringUpToDate,
  DAY_MS,
  HOUR_MS,
  momentOf,
  openTinyWorld,
  type TinyEvent,
} from './tiny-world.ts'

const TOKENS = 500

/**
 * Days large enough for several threads to share the work. Sums of many numbers then run in another order each time: what is
 * stored must not depend on it.
 */
function crowd(): TinyEvent[] {
  const events: TinyEvent[] = []
  for (let day = 0; day < 2; day++) {
    for (let token = 0; token < TOKENS; token++) {
      for (let call = 0; call < 24; call++) {
        const mixed = (day * 31 + token * 17 + call * 7) % 101
        events.push({
          event_id: `${day}-${token}-${call}`,
          time: momentOf('2026-03-02') + day * DAY_MS + (8 + (call % 8)) * HOUR_MS + mixed * 1000,
          token_id: `token-${token}`,
          tenant_id: `tenant-${token % 3}`,
          role: token % 2 === 0 ? 'reader' : 'writer',
          operation: `op-${mixed % 13}`,
          resource_type: 'task',
          resource_id: String((token * 3 + mixed) % 900),
          status: mixed % 11 === 0 ? 403 : 200,
          source_ip: `10.${token % 7}.${mixed % 3}.${token % 250}`,
          net: `10.${token % 7}.${mixed % 3}.0/24`,
          asn: token % 7,
          response_bytes: 1000 + mixed * 13,
        })
      }
    }
  }
  return events
}

test('one thread or four, the features are the same', async () => {
  const digests: Record<string, unknown>[] = []
  for (const threads of [1, 4]) {
    const world = await openTinyWorld(threads)
    await addEvents(world, crowd())
    await bringUpToDate(world)
    const files = listParquet(partition(world.workspace.features, '2026-03-03'))
    const [row] = await world.engine.rows(
      `SELECT count(*) AS rows, bit_xor(hash(tenant_id, token_id, window_start, COLUMNS(*)))::VARCHAR FROM read_parquet('${files[0]}')`,
    )
    digests.push(row!)
    world.close()
  }
  expect(digests[0]!.rows).toBe(TOKENS * 8)
  expect(digests[1]).toEqual(digests[0])
})
