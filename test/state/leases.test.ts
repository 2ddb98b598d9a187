import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Lease, readLease, releaseLease, renewLease, takeLease } from '../../src/state/leases.ts'
import { beginRun, countRuns, endRun, listRuns, markKilled, newestRun } from '../../src/state/runs.ts'
import { closeState, openState, type State, withState } from '../../src/state/state.ts'
import { describeBackends, type TestPlace } from './backends.ts'

const at = (seconds: number) => new Date(Date.parse('2026-09-01T00:00:00Z') + 1000 * seconds)
const lease = (holder: string, since: number, seconds = 60): Lease => ({
  name: 'score',
  holder,
  purpose: 'score',
  host: 'box',
  pid: 7,
  since: at(since),
  expiresAt: at(since + seconds),
})

describeBackends('leases and runs', backend => {
  let place: TestPlace
  let state: State
  beforeEach(async () => {
    place = backend.makePlace()
    state = await openState(place)
  })
  afterEach(async () => {
    await closeState(state)
    await place.clean()
  })

  test('a lease has one holder until it lets go or the lease ends', async () => {
    expect(await takeLease(state, lease('a', 0))).toBeNull()
    expect(await takeLease(state, lease('b', 59))).toEqual(lease('a', 0))
    expect(await readLease(state, 'score')).toEqual(lease('a', 0))
    expect(await takeLease(state, lease('b', 60))).toBeNull()
    // a lost it meanwhile: it can neither renew nor take it from b by letting go.
    expect(await renewLease(state, lease('a', 0), at(300))).toBe(false)
    await releaseLease(state, { name: 'score', holder: 'a' })
    expect(await renewLease(state, lease('b', 60), at(300))).toBe(true)
    expect((await takeLease(state, lease('c', 299)))?.holder).toBe('b')
    await releaseLease(state, { name: 'score', holder: 'b' })
    expect(await readLease(state, 'score')).toBeNull()
    expect(await takeLease(state, { ...lease('d', 0), name: 'ingest' })).toBeNull()
  })

  test('of many who take it at once, one has it', async () => {
    const takers = Array.from({ length: 8 }, (_, i) =>
      withState(place, other => takeLease(other, lease(`taker ${i}`, 0))),
    )
    const holders = await Promise.all(takers)
    expect(holders.filter(holder => holder === null)).toHaveLength(1)
    expect(new Set(holders.filter(holder => holder !== null).map(holder => holder.holder)).size).toBe(1)
  })

  test('runs are listed newest first, with figures and error, and counted; those that never ended are marked', async () => {
    const run = { command: 'score', actor: 'cli:ann', host: 'box', pid: 7 } as const
    const first = await beginRun(state, run, at(0))
    await endRun(
      state,
      first,
      { status: 'done', figures: { alerts: 3, seconds: { score: 1.5 } }, error: null },
      at(2),
    )
    const second = await beginRun(state, run, at(10))
    await beginRun(state, { ...run, command: 'ingest' }, at(11))
    const fourth = await beginRun(state, { ...run, command: 'train' }, at(12))
    await markKilled(state, ['score', 'train'], fourth)
    await endRun(state, fourth, { status: 'failed', figures: {}, error: 'no events' }, at(13))
    expect((await listRuns(state)).map(one => [one.command, one.status])).toEqual([
      ['train', 'failed'],
      ['ingest', 'running'],
      ['score', 'killed'],
      ['score', 'done'],
    ])
    expect(await newestRun(state, 'score', 'done')).toEqual({
      ...run,
      runId: first,
      startedAt: at(0),
      endedAt: at(2),
      status: 'done',
      figures: { alerts: 3, seconds: { score: 1.5 } },
      error: null,
    })
    expect(await newestRun(state, 'ingest', 'done')).toBeNull()
    expect((await listRuns(state, { before: second, limit: 5 })).map(one => one.runId)).toEqual([first])
    expect(await listRuns(state, { command: 'train', status: 'failed' })).toMatchObject([
      { error: 'no events' },
    ])
    expect(await countRuns(state)).toContainEqual({ command: 'score', status: 'killed', count: 1 })
  })
})
