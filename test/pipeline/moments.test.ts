import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Context } from '../../src/pipeline/context.ts'
import { timesOf } from '../../src/pipeline/moments.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { addEvents, openTinyWorld, type TinyWorld } from '../engine/tiny-world.ts'

let world: TinyWorld
let context: Context
beforeAll(async () => {
  world = await openTinyWorld()
  const { engine, workspace } = world
  context = { engine, workspace, progress: silentProgress, now: new Date('2026-11-01T00:00:00Z') }
})
afterAll(() => world.close())

const DAY_MS = 86_400_000

test('an empty log has no end; dates need none', async () => {
  await expect(timesOf(context, { from: { msBeforeEnd: DAY_MS } })).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringMatching(/no events in .* keyhound ingest/),
  })
  const until = new Date('2026-10-05T00:00:00Z')
  expect(await timesOf(context, { from: undefined, until })).toEqual({ until })
})

test('the log ends with the hour of its newest event', async () => {
  await addEvents(world, [
    { token_id: 'a', time: '2026-10-04T08:00:00' },
    { token_id: 'a', time: '2026-10-05T22:10:00' },
    { token_id: 'b', time: '2026-10-05T03:00:00' },
  ])
  expect(
    await timesOf(context, { from: { msBeforeEnd: DAY_MS }, until: { msBeforeEnd: 0 }, to: undefined }),
  ).toEqual({ from: new Date('2026-10-04T23:00:00Z'), until: new Date('2026-10-05T23:00:00Z') })
})

test('an event that came on the hour belongs to the hour it begins', async () => {
  await addEvents(world, [{ token_id: 'a', time: '2026-10-05T23:00:00' }], 'later')
  expect(await timesOf(context, { from: { msBeforeEnd: 7 * DAY_MS } })).toEqual({
    from: new Date('2026-09-29T00:00:00Z'),
  })
})

test('a stray event of the future is not the end of the log', async () => {
  await addEvents(world, [{ token_id: 'a', time: '2038-01-19T03:14:07' }], 'stray')
  expect(await timesOf(context, { to: { msBeforeEnd: 0 } })).toEqual({ to: new Date('2026-10-06T00:00:00Z') })
})
