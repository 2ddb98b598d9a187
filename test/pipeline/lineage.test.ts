import { afterAll, beforeAll, expect, test } from 'vitest'
import { staleFeatureDays } from '../../src/engine/stamps.ts'
import type { Context } from '../../src/pipeline/context.ts'
import { decideLink, type LineageLink, lineageOf, listLineage } from '../../src/pipeline/lineage.ts'
import { prepare } from '../../src/pipeline/prepare.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { readLinkDecisions } from '../../src/state/lineage.ts'
import {
  addEvents,
  bringUpToDate,
  DAY_MS,
  differences,
  dump,
  featuresOf,
  HOUR_MS,
  momentOf,
  openTinyWorld,
  type TinyEvent,
  type TinyWorld,
} from '../engine/tiny-world.ts'

const FIRST = momentOf('2026-03-02')
const CHANGE = 4

/** Six requests at nine and six at ten on one day: from where, with what and on what is the principal's habit. */
function work(token: string, principal: string, day: number, place: number, hours = [9, 10]): TinyEvent[] {
  return hours.flatMap(hour =>
    Array.from({ length: 6 }, (_, call) => ({
      event_id: `${token}-${day}-${hour}-${call}`,
      time: FIRST + day * DAY_MS + hour * HOUR_MS + call * 60_000,
      token_id: token,
      principal_id: principal,
      role: 'reader',
      method: 'GET',
      operation: `op-${call % 3}-${place}`,
      status: 200,
      source_ip: `10.${place}.0.1`,
      net: `10.${place}.0.0/24`,
      asn: 100 + place,
      client: `client-${place}`,
      user_agent: `client-${place}/1`,
    })),
  )
}

const days = (count: number) => Array.from({ length: count }, (_, day) => day)

/** Until the fifth day one token each; then a rotation, a stranger's token, and a second one beside the first. */
const PAST = days(CHANGE).flatMap(day => [
  ...work('ann-1', 'ann', day, 1),
  ...work('bob-1', 'bob', day, 2),
  ...work('eve-1', 'eve', day, 3),
])
const MORNING = [
  ...work('ann-2', 'ann', CHANGE, 1),
  // Another network, client and work than bob's: a thief, who has a token made out in his name.
  ...work('bob-2', 'bob', CHANGE, 7),
  ...work('eve-2', 'eve', CHANGE, 3),
]
/** What comes after the first hours of the newcomers: eve's first token goes on. */
const AFTERNOON = [...work('eve-1', 'eve', CHANGE, 3, [14, 15, 16]), ...work('ann-2', 'ann', CHANGE, 1, [16])]
const NEXT_DAY = [
  ...work('ann-2', 'ann', CHANGE + 1, 1),
  ...work('eve-1', 'eve', CHANGE + 1, 3),
  ...work('eve-2', 'eve', CHANGE + 1, 3),
]
const NINE = '2026-03-06T09:00'
const NEXT_NINE = '2026-03-07T09:00'
const UNTIL_NOON = `epoch_ms(window_start) < ${momentOf('2026-03-06T12:00')}`

let world: TinyWorld
let context: Context
let early: Record<string, unknown>[]
beforeAll(async () => {
  world = await openTinyWorld()
  context = { ...world, progress: silentProgress, now: new Date('2026-03-09T00:00:00Z') }
  await addEvents(world, [...PAST, ...MORNING])
  await bringUpToDate(world)
  early = await dump(world, world.workspace.features, UNTIL_NOON)
  await addEvents(world, [...AFTERNOON, ...NEXT_DAY], 'part-2')
  await bringUpToDate(world)
})
afterAll(() => world.close())

const linkOf = (links: readonly LineageLink[], token: string) => links.find(link => link.tokenId === token)

test('a rotated token goes on with its history from its first hour on, and its newness stays visible', async () => {
  const follower = await featuresOf(world, 'ann-2', NINE)
  expect(follower.active_days).toBeCloseTo(Math.log(1 + CHANGE), 6)
  expect(follower.own_days).toBe(0)
  // Networks and operations of the predecessor, seen on each of its days: -ln(D / (D + 1)), weights aside.
  expect(follower.net_surprise).toBeLessThan(0.3)
  const next = await featuresOf(world, 'ann-2', NEXT_NINE)
  expect(next.active_days).toBeCloseTo(Math.log(1 + CHANGE + 1), 6)
  expect(next.own_days).toBeCloseTo(Math.log(2), 6)
})

test('a token made out to a thief inherits nothing', async () => {
  const stolen = await featuresOf(world, 'bob-2', NINE)
  expect(stolen.active_days).toBe(0)
  expect(linkOf(await listLineage(context), 'bob-2')).toBeUndefined()
})

test('a link is withdrawn from the next day on when the predecessor goes on', async () => {
  expect((await featuresOf(world, 'eve-2', NINE)).active_days).toBeCloseTo(Math.log(1 + CHANGE), 6)
  const apart = await featuresOf(world, 'eve-2', NEXT_NINE)
  expect(apart.active_days).toBeCloseTo(Math.log(2), 6)
  expect((await featuresOf(world, 'eve-1', NEXT_NINE)).active_days).toBeCloseTo(Math.log(1 + CHANGE + 1), 6)
  expect(linkOf(await listLineage(context), 'eve-2')).toMatchObject({ status: 'withdrawn' })
})

test('what follows changes no feature of the hours before it', async () => {
  expect(differences(early, await dump(world, world.workspace.features, UNTIL_NOON))).toEqual([])
})

test('links say why and how surely; a person undoes one and states another, and features follow', async () => {
  const links = await listLineage(context)
  const link = linkOf(links, 'ann-2')!
  expect(link).toMatchObject({ predecessorId: 'ann-1', principalId: 'ann', status: 'linked', owner: null })
  expect(link.confidence).toBeGreaterThan(0.8)
  expect(link.reason).toContain('100 % with a known client')
  expect(lineageOf(links, 'ann-1')).toEqual(['ann-1', 'ann-2'])

  const why = { because: 'nobody rotated it', owner: 'ola' }
  await decideLink(context, { tokenId: 'ann-2', predecessorId: 'ann-1', isLinked: false, ...why })
  await decideLink(context, { tokenId: 'bob-2', predecessorId: 'bob-1', isLinked: true, ...why })
  expect(staleFeatureDays(world.workspace, { links: await readLinkDecisions(world.workspace) })).toEqual([
    '2026-03-06',
    '2026-03-07',
  ])
  await prepare(context)
  expect((await featuresOf(world, 'ann-2', NINE)).active_days).toBe(0)
  expect((await featuresOf(world, 'bob-2', NINE)).active_days).toBeCloseTo(Math.log(1 + CHANGE), 6)
  const decided = await listLineage(context)
  expect(linkOf(decided, 'ann-2')).toMatchObject({ status: 'unlinked', owner: 'ola', confidence: null })
  expect(linkOf(decided, 'bob-2')).toMatchObject({ status: 'linked', reason: 'nobody rotated it' })
  expect(lineageOf(decided, 'ann-2')).toEqual(['ann-2'])

  await decideLink(context, { tokenId: 'ann-2', predecessorId: 'ann-1', isLinked: true, ...why })
  await prepare(context)
  expect((await featuresOf(world, 'ann-2', NINE)).active_days).toBeCloseTo(Math.log(1 + CHANGE), 6)
})

test('a link to an unknown token, or backwards, is refused', async () => {
  const why = { isLinked: true, because: 'test', owner: 'ola' }
  const unknown = decideLink(context, { tokenId: 'ann-2', predecessorId: 'nobody', ...why })
  await expect(unknown).rejects.toMatchObject({ code: 'not-found' })
  const backwards = decideLink(context, { tokenId: 'ann-1', predecessorId: 'ann-2', ...why })
  await expect(backwards).rejects.toMatchObject({ code: 'usage' })
})
