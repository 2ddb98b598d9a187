import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeyhoundError } from '../../src/lib/errors.ts'
import type { Context } from '../../src/pipeline/context.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { asRun } from '../../src/pipeline/run.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { type WatchOptions, watch } from '../../src/pipeline/watch.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { getCheckpoint } from '../../src/state/checkpoints.ts'
import { listRuns } from '../../src/state/runs.ts'
import { withState } from '../../src/state/state.ts'
import type { Batch, OpenSource } from '../../src/streams/source.ts'
import { differences, dump, type TinyEvent } from '../engine/tiny-world.ts'
import { linesOf, liveOptions, officeConfig } from './live-office.ts'
import { dayAt, days, type Office, openOffice, takeover } from './office.ts'

const TRAINED = 4
const END = 5
const NOW = dayAt(END)
const byTime = (a: TinyEvent, b: TinyEvent) => Number(a.time) - Number(b.time)
/** A day with a takeover in its night, as it comes. */
const live = [...days(TRAINED, END), ...takeover(TRAINED, 4)].sort(byTime)

/** Copies of one trained workspace, each with a log file beside it. */
let template: Office
const copies: string[] = []
beforeAll(async () => {
  template = await openOffice(days(0, TRAINED))
  await train(template.context, { until: dayAt(TRAINED) })
})
afterAll(() => {
  template.world.close()
  for (const root of copies) rmSync(root, { recursive: true, force: true })
})

interface Copy {
  readonly context: Context
  readonly log: string
  options(more?: Partial<WatchOptions>): WatchOptions
  tables(): Promise<Record<string, unknown>[][]>
}

function copy(): Copy {
  const root = mkdtempSync(join(tmpdir(), 'keyhound-live-'))
  copies.push(root)
  cpSync(template.world.workspace.root, root, { recursive: true })
  const workspace = openWorkspace(root)
  const { engine } = template.world
  const log = join(root, 'gateway.jsonl')
  writeFileSync(log, '')
  return {
    context: { engine, workspace, progress: silentProgress, now: NOW, config: officeConfig },
    log,
    options: more => ({ ...liveOptions(workspace, log, NOW), ...more }),
    tables: () =>
      Promise.all(
        [workspace.events, workspace.scores, workspace.alerts].map(folder => dump({ engine }, folder)),
      ),
  }
}

/** What all at once comes to. */
async function undisturbed(events: readonly TinyEvent[]): Promise<Record<string, unknown>[][]> {
  const whole = copy()
  writeFileSync(whole.log, linesOf(events))
  await ingest(whole.context, { paths: [whole.log], tokens: 'identifier' })
  await score(whole.context, { from: dayAt(TRAINED) })
  return whole.tables()
}

function same(found: Record<string, unknown>[][], wanted: Record<string, unknown>[][]): void {
  const [events, scores, alerts] = found.map((rows, i) => differences(rows, wanted[i]!))
  expect({ events, scores, alerts }).toEqual({ events: [], scores: [], alerts: [] })
}

const spoolOf = ({ context }: Copy) =>
  readdirSync(join(context.workspace.root, 'data', 'spool')).filter(name => name.endsWith('.batch'))

describe('watching a file', () => {
  let whole: Record<string, unknown>[][]
  beforeAll(async () => {
    whole = await undisturbed(live)
    expect(whole[2]!.length).toBeGreaterThan(0)
  })

  test('in batches it comes to the same events, scores and alerts as all at once, and is on record', async () => {
    const one = copy()
    writeFileSync(one.log, linesOf(live))
    const summary = await watch(one.context, one.options())
    expect(summary).toMatchObject({
      model: 'default@1',
      events: live.length,
      added: live.length,
      rejected: 0,
    })
    expect(summary.batches).toBeGreaterThan(1)
    same(await one.tables(), whole)
    expect(spoolOf(one)).toEqual([])
    const [run] = await withState(one.context.workspace, state => listRuns(state, { command: 'watch' }))
    expect(run).toMatchObject({
      status: 'done',
      figures: { rows: live.length, added: live.length, model: 'default@1' },
    })
    // The next start has nothing to do.
    expect(await watch(one.context, one.options())).toMatchObject({ batches: 0, events: 0 })
  })

  test('an alert is there while its hour is not over', async () => {
    const one = copy()
    const half = live.filter(event => Number(event.time) < dayAt(TRAINED, 3.5).getTime())
    writeFileSync(one.log, linesOf(half))
    await watch(one.context, one.options())
    const [, , alerts] = await one.tables()
    expect(alerts!.some(alert => `${alert.token_ids ?? alert.token_id}`.includes('token-4'))).toBe(true)
    // A scheduled run begins with the hour that was not over.
    const { from } = await score({ ...one.context, clock: () => dayAt(TRAINED, 5.5) })
    expect(from).toEqual(dayAt(TRAINED, 3))
    appendFileSync(one.log, linesOf(live.slice(half.length)))
    await watch(one.context, one.options())
    same(await one.tables(), whole)
  })

  test('killed at every point, one after the other, it loses nothing and doubles nothing', async () => {
    const one = copy()
    writeFileSync(one.log, linesOf(live))
    const script = fileURLToPath(new URL('killed-watch.ts', import.meta.url))
    for (const moment of ['spooled', 'ingested', 'scored', 'delivered', 'committed']) {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', script, one.context.workspace.root, one.log, moment, NOW.toISOString()],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      )
      const [, signal] = await once(child, 'exit')
      expect([moment, signal]).toEqual([moment, 'SIGKILL'])
      if (moment !== 'committed') expect(spoolOf(one).length).toBeGreaterThan(0)
    }
    await watch(one.context, one.options())
    same(await one.tables(), whole)
    expect(spoolOf(one)).toEqual([])
  }, 180_000)

  test('events that come a day late are scored at once, older ones when it catches up', async () => {
    const late = live.filter(event => `${event.event_id}`.startsWith('takeover'))
    const one = copy()
    writeFileSync(one.log, linesOf([...live.filter(event => !late.includes(event)), ...late]))
    await watch(one.context, one.options())
    same(await one.tables(), whole)
  })

  test('told to stop it ends after the batch at hand; the next start goes on', async () => {
    const one = copy()
    writeFileSync(one.log, linesOf(live))
    const stop = new AbortController()
    const { untilIdleMs, ...options } = one.options()
    const summary = await watch(one.context, {
      ...options,
      signal: stop.signal,
      on: moment => {
        if (moment === 'committed') stop.abort()
      },
    })
    expect(summary.batches).toBe(1)
    expect(summary.events).toBeLessThan(live.length)
    const rest = await watch(one.context, one.options())
    expect(summary.events + rest.events).toBe(live.length)
    same(await one.tables(), whole)
  })
})

/** A source that gives what it is told, and notes what was asked of it. */
function stub(contents: readonly string[]): { open: OpenSource; reads: number; committed: unknown[] } {
  const seen = { open, reads: 0, committed: [] as unknown[] }
  async function open(): ReturnType<OpenSource> {
    return {
      name: 'stub',
      async read({ waitMs }): Promise<Batch | null> {
        const text = contents[seen.reads]
        if (text === undefined) {
          await new Promise(resolve => setTimeout(resolve, waitMs))
          return null
        }
        const content = Buffer.from(text)
        return { content, events: text.split('\n').length - 1, header: null, offset: { n: ++seen.reads } }
      },
      async commit(offset) {
        seen.committed.push(offset.n)
      },
      async close() {},
    }
  }
  return seen
}

describe('a watcher', () => {
  const some = live.slice(0, 40)
  const batches = [some.slice(0, 10), some.slice(10, 20), some.slice(20, 30), some.slice(30)].map(linesOf)

  test('does not read its source while the spool is full, and commits in order', async () => {
    const one = copy()
    const source = stub(batches)
    let most = 0
    const summary = await watch(
      one.context,
      one.options({
        open: source.open,
        // Full with the first batch.
        spoolBytes: 100,
        on: moment => {
          if (moment === 'spooled') most = Math.max(most, spoolOf(one).length)
        },
      }),
    )
    expect(most).toBe(1)
    expect(summary.timesFull).toBeGreaterThan(0)
    expect(summary.added).toBe(40)
    expect(source.committed).toEqual([1, 2, 3, 4])
  })

  test('keeps rejects, puts aside what cannot be read at all, and goes on', async () => {
    const one = copy()
    const said: string[] = []
    const source = stub([batches[0]!, 'no log at all\n', `${batches[1]!}{"time": 1}\n`])
    const summary = await watch(
      { ...one.context, progress: { ...silentProgress, say: line => void said.push(line) } },
      one.options({ open: source.open, spoolBytes: 1 }),
    )
    expect(summary.added).toBe(20)
    expect(summary.rejected).toBe(1)
    expect(source.committed).toEqual([1, 2, 3])
    expect(said.join('\n')).toContain(join('spool', 'refused', '1.log'))
    expect(readdirSync(join(one.context.workspace.root, 'data', 'spool', 'refused'))).toEqual(['1.log'])
  })

  test('delivers after each batch; what a delivery throws is said, not lost events', async () => {
    const one = copy()
    const said: string[] = []
    let calls = 0
    const summary = await watch(
      { ...one.context, progress: { ...silentProgress, say: line => void said.push(line) } },
      one.options({
        open: stub(batches.slice(0, 1)).open,
        async deliver() {
          calls++
          throw new Error('no route')
        },
      }),
    )
    expect(calls).toBe(1)
    expect(summary.added).toBe(10)
    expect(said).toContain('alerts are not delivered yet: no route')
  })

  test('waits for a run on the same workspace, and tries a source that does not answer again', async () => {
    const one = copy()
    const source = stub(batches.slice(0, 1))
    let failures = 0
    const open: OpenSource = async spooled => {
      const opened = await source.open(spooled)
      return {
        ...opened,
        async read(want) {
          if (failures++ === 0) throw new KeyhoundError('unavailable', 'no answer')
          return opened.read(want)
        },
      }
    }
    let ended = false
    const other = asRun(
      { ...one.context, now: NOW },
      'ingest',
      async () => {
        await new Promise(resolve => setTimeout(resolve, 1000))
        ended = true
      },
      () => ({}),
    )
    const summary = await watch(one.context, one.options({ open, untilIdleMs: 1500 }))
    await other
    expect(ended).toBe(true)
    expect(summary.added).toBe(10)
  })

  test('is alone on its workspace, and needs a model', async () => {
    const one = copy()
    await watch(
      one.context,
      one.options({
        open: stub(batches.slice(0, 1)).open,
        async on(moment) {
          if (moment !== 'committed') return
          await expect(watch(one.context, one.options())).rejects.toMatchObject({ code: 'busy' })
        },
      }),
    )
    await expect(watch(one.context, one.options({ model: 'other' }))).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(
      await withState(one.context.workspace, state => getCheckpoint(state, `watch files ${one.log}`)),
    ).toBeNull()
  })
})
