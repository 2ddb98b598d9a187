import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addEvents,
  bringUpToDate,
  DAY_MS,
  featuresOf,
  HOUR_MS,
  momentOf,
  openTinyWorld,
  type TinyEvent,
  type TinyWorld,
} from '../engine/tiny-world.ts'

// Twelve days of habits, then a day on which the values are derived by hand.
const FIRST = momentOf('2026-03-03')
const HISTORY = 12
const TODAY = HISTORY
const HOME = '10.0.0.0/24'
const VPN = '10.0.1.0/24'
const STRANGE = '203.0.113.0/24'
const OTHER = '198.51.100.0/24'

function call(token: string, day: number, minute: number, columns: Partial<TinyEvent> = {}): TinyEvent {
  return {
    token_id: token,
    time: FIRST + day * DAY_MS + 9 * HOUR_MS + minute * 60_000,
    operation: 'base',
    ...columns,
  }
}

const via = (token: string, day: number, nets: readonly (string | null)[]) =>
  nets.map((net, i) => call(token, day, i * 10, { net }))
const everyDay = (make: (day: number) => TinyEvent[]) =>
  Array.from({ length: HISTORY }, (_, day) => make(day)).flat()
const objects = (token: string, day: number, ids: readonly string[], status: (i: number) => number) =>
  ids.map((id, i) =>
    call(token, day, i, { net: HOME, resource_type: 'doc', resource_id: id, status: status(i) }),
  )
const ids = (n: number) => Array.from({ length: n }, (_, i) => `d-${i}`)

const TOKENS = ['victim', 'mover', 'toggler', 'mate', 'joiner', 'walker', 'stormer', 'exporter', 'slow']

let world: TinyWorld
beforeAll(async () => {
  world = await openTinyWorld()
  await addEvents(world, [
    ...everyDay(day =>
      TOKENS.flatMap(token =>
        via(token, day, token === 'toggler' ? [HOME, VPN, HOME] : [token === 'mate' ? VPN : HOME]),
      ),
    ),
    // From 9:00 on, every ten minutes: the thief works while the owner does.
    ...via('victim', TODAY, [HOME, STRANGE, HOME, STRANGE, STRANGE, HOME, null, HOME, STRANGE]),
    ...via('mover', TODAY, [HOME, HOME, STRANGE, STRANGE, STRANGE]),
    ...via('toggler', TODAY, [HOME, VPN, HOME, VPN, HOME]),
    ...via('joiner', TODAY, [HOME, VPN, HOME, VPN, HOME]),
    ...via('newcomer', TODAY, [HOME, STRANGE, HOME, STRANGE]),
    ...objects('walker', TODAY, ids(4), i => [200, 404, 403, 404][i]!),
    ...objects('stormer', TODAY, Array(9).fill('d-0'), () => 403),
    ...objects('exporter', TODAY, ids(9), () => 200),
    ...via('slow', TODAY, [HOME, OTHER]),
    ...via('slow', TODAY + 2, [HOME, OTHER, HOME]),
    ...via('slow', TODAY + 3, [HOME]),
    // Two on the second day, one today; that of the first day is forgotten.
    ...via('slow', TODAY + 4, [HOME, OTHER]),
  ])
  await bringUpToDate(world)
})
afterAll(() => world.close())

const at = (token: string, hour: number, day = TODAY) =>
  featuresOf(world, token, new Date(FIRST + day * DAY_MS + hour * HOUR_MS).toISOString().slice(0, 16))

test('a thief beside the owner hands over each time, a person who moves once', async () => {
  // HOME S HOME S S HOME | null HOME S: four changes up to 9:50, one more after an event of unknown place.
  expect(await at('victim', 9)).toMatchObject({ day_handovers_actual: 4 })
  expect(await at('victim', 10)).toMatchObject({ day_handovers_actual: 5, three_day_handovers_actual: 5 })
  expect(await at('mover', 9)).toMatchObject({ day_handovers_actual: 1 })
})

test('a network of a week, of the tenant, or of a new token hands nothing over', async () => {
  for (const token of ['toggler', 'joiner', 'newcomer'])
    expect(await at(token, 9), token).toMatchObject({ day_handovers_actual: 0, day_handovers_tail: 0 })
})

test('the surprise of so many is their tail among the days of the token, its peers and all', async () => {
  // Nobody handed over before: half a day in all days and one, drawn over 12 pseudo-days to the peers, then to the own 12 days.
  const days = TOKENS.length * HISTORY
  const ofAll = 0.5 / (days + 1)
  const ofPeers = (12 * ofAll) / (days + 12)
  const expected = -Math.log((12 * ofPeers) / (HISTORY + 12))
  expect((await at('victim', 9)).day_handovers_tail).toBeCloseTo(expected, 5)
})

test('three days add up on a day with a handover, and the fourth forgets', async () => {
  expect(await at('slow', 9, TODAY + 2)).toMatchObject({
    day_handovers_actual: 2,
    three_day_handovers_actual: 3,
  })
  expect(await at('slow', 9, TODAY + 3)).toMatchObject({
    day_handovers_actual: 0,
    three_day_handovers_actual: 0,
  })
  expect(await at('slow', 9, TODAY + 4)).toMatchObject({ three_day_handovers_actual: 3 })
})

test('a walk is refused on new objects; a storm of 403 has one, an export none', async () => {
  expect(await at('walker', 9)).toMatchObject({ refused_objects_actual: 3, day_refused_objects_actual: 3 })
  expect(await at('stormer', 9)).toMatchObject({ refused_objects_actual: 1 })
  expect(await at('exporter', 9)).toMatchObject({ refused_objects_actual: 0, refused_objects_tail: 0 })
})
