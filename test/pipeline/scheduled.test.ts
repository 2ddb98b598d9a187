import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../../src/pipeline/context.ts'
import { asRun } from '../../src/pipeline/run.ts'
import { workspaceMetrics } from '../../src/pipeline/run-metrics.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { configSchema } from '../../src/schema/config.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { releaseLease, takeLease } from '../../src/state/leases.ts'
import { listRuns } from '../../src/state/runs.ts'
import { withState } from '../../src/state/state.ts'
import { addEvents, differences, dump } from '../engine/tiny-world.ts'
import { dayAt, days, type Office, officeDay, openOffice, takeover } from './office.ts'

const TRAINED = 6
const END = 9
const events = () => [...days(0, END), ...takeover(TRAINED + 1, 4)]

/** The office at a time of day: scheduled runs look at the clock. */
const at = (office: Office, time: Date): Context => ({ ...office.context, now: time, clock: () => time })
const scored = (office: Office) => dump(office.world, office.world.workspace.scores)
const alerts = (office: Office) => dump(office.world, office.world.workspace.alerts)

async function trained(): Promise<Office> {
  const office = await openOffice(events())
  await train(office.context, { until: dayAt(TRAINED) })
  return office
}

describe('scoring by the clock', () => {
  let whole: Office
  beforeAll(async () => {
    whole = await trained()
    await score(whole.context)
  })
  afterAll(() => whole.world.close())

  test('hour by hour, as the log grows, it comes to the same scores and alerts as all at once', async () => {
    const all = events()
    const office = await openOffice(days(0, TRAINED))
    await train(office.context, { until: dayAt(TRAINED) })
    let known = dayAt(TRAINED)
    let compared = 0
    for (let day = TRAINED; day <= END; day++) {
      for (const hour of [10.5, 17.5]) {
        const now = dayAt(day, hour)
        const isNew = ({ time }: { time: string | number }) =>
          Number(time) >= known.getTime() && Number(time) < now.getTime()
        await addEvents(office.world, all.filter(isNew), `until-${day}-${hour}`)
        known = now
        const { skew } = await score(at(office, now))
        // A later run scores the earlier hours of its first day again: not a bit may change.
        expect(skew).toEqual({ compared: expect.any(Number), changed: 0, largest: 0 })
        compared += skew.compared
      }
    }
    expect(compared).toBeGreaterThan(100)
    expect(differences(await scored(office), await scored(whole))).toEqual([])
    expect(differences(await alerts(office), await alerts(whole))).toEqual([])
    office.world.close()
  })

  test('an hour waits until events can no longer be late to it, and a run with nothing to do does nothing', async () => {
    const office = await openOffice(
      days(0, TRAINED + 1).filter(event => Number(event.time) < dayAt(TRAINED, 11.7).getTime()),
    )
    await train(office.context, { until: dayAt(TRAINED) })
    // Events until 11:4x are there; at 12:10 the hour from 11 on is not yet sure, at 12:15 it is.
    const early = await score(at(office, dayAt(TRAINED, 12 + 10 / 60)))
    expect(early.to).toEqual(dayAt(TRAINED, 11))
    expect(early.windows).toBe(12)
    const again = await score(at(office, dayAt(TRAINED, 12 + 14 / 60)))
    expect(again).toMatchObject({ windows: 0, days: 0 })
    const later = await score(at(office, dayAt(TRAINED, 12.25)))
    expect(later.to).toEqual(dayAt(TRAINED, 12))
    // A day is published whole.
    expect(later.windows).toBe(24)
    const patient = {
      ...office.context,
      config: configSchema.parse({ ...office.context.config, scoring: { latenessMinutes: 120 } }),
    }
    const { to } = await score({ ...patient, now: dayAt(TRAINED, 13.9), clock: () => dayAt(TRAINED, 13.9) })
    expect(to).toEqual(dayAt(TRAINED, 11))
    // One event of the year 2038 does not make all hours until then count as scored.
    await addEvents(office.world, [{ ...officeDay(TRAINED)[0]!, time: '2038-01-19T03:14:07' }], 'stray')
    const past = await score(at(office, dayAt(TRAINED, 13.25)))
    expect(past).toMatchObject({ to: dayAt(TRAINED, 13), windows: 24 })
    office.world.close()
  })

  test('events that come late to a scored day are scored: the same as if they had been there', async () => {
    const all = events()
    const late = all.filter(
      event => event.token_id === 'token-4' && event.event_id?.toString().startsWith('takeover'),
    )
    expect(late.length).toBeGreaterThan(0)
    const office = await openOffice(all.filter(event => !late.includes(event)))
    await train(office.context, { until: dayAt(TRAINED) })
    await score(office.context)
    expect((await alerts(office)).filter(alert => Number(alert.risk) >= 50)).toEqual([])
    await addEvents(office.world, late, 'late')
    const summary = await score(office.context)
    expect(summary.from).toEqual(dayAt(TRAINED + 1))
    expect(summary.skew.compared).toBeGreaterThan(36)
    expect(summary.skew.changed).toBeGreaterThan(0)
    expect(differences(await scored(office), await scored(whole))).toEqual([])
    expect(differences(await alerts(office), await alerts(whole))).toEqual([])
    // Too old to be scored by itself, it is named.
    const said: string[] = []
    await addEvents(
      office.world,
      officeDay(TRAINED).map((event, i) => ({ ...event, event_id: `again-${i}` })),
      'old',
    )
    const config = configSchema.parse({ ...office.context.config, scoring: { lateDays: 1 } })
    const progress = { ...silentProgress, say: (line: string) => void said.push(line) }
    expect((await score({ ...office.context, config, progress })).windows).toBe(0)
    expect(said.join()).toContain(`keyhound score --from ${dayAt(TRAINED).toISOString().slice(0, 10)}`)
    office.world.close()
  })

  test('each run is on record with its figures and its stages, and told to Prometheus', async () => {
    const runs = await withState(whole.world.workspace, state => listRuns(state))
    expect(runs.map(run => [run.command, run.status])).toEqual([
      ['score', 'done'],
      ['train', 'done'],
    ])
    const { figures } = runs[0]!
    expect(figures).toMatchObject({
      model: 'default@1',
      tokenHours: 36 * 3 + 1,
      scoredTo: dayAt(END).toISOString(),
    })
    expect(figures!.lagSeconds).toBeCloseTo((dayAt(30).getTime() - dayAt(END).getTime()) / 1000, -3)
    // Training made the features of its own days only.
    expect(figures!.seconds).toEqual({ features: expect.any(Number), score: expect.any(Number) })
    const text = await workspaceMetrics(whole.context)
    expect(text).toMatch(/^keyhound_runs\{command="score",status="done"\} 1$/m)
    expect(text).toMatch(/^keyhound_run_figure\{command="score",figure="tokenHours"\} 109$/m)
    expect(text).toContain(`keyhound_scored_until_timestamp_seconds ${dayAt(END).getTime() / 1000}\n`)
    expect(text).toMatch(/^keyhound_alerts_open\{severity="(high|critical)"\} 1$/m)
  })
})

describe('a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-run-'))
  const workspace = openWorkspace(folder)
  const now = new Date('2026-09-01T00:00:00Z')
  const context = { workspace, progress: silentProgress, now }
  const nothing = async () => 'done'
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('fails with busy while another is at work on the same files, naming it; other stages go on', async () => {
    await asRun(
      context,
      'score',
      async () => {
        await expect(asRun(context, 'train', nothing, () => ({}))).rejects.toMatchObject({
          code: 'busy',
          message: expect.stringContaining(`score (process ${process.pid} on ${hostname()}`),
        })
        expect(await asRun(context, 'ingest', nothing, () => ({}))).toBe('done')
      },
      () => ({}),
    )
    expect(await asRun(context, 'train', nothing, () => ({}))).toBe('done')
  })

  test('that may wait takes its turn', async () => {
    const order: string[] = []
    let begin = () => {}
    const begun = new Promise<void>(resolve => {
      begin = resolve
    })
    const first = asRun(
      context,
      'score',
      async () => {
        begin()
        await new Promise(resolve => setTimeout(resolve, 300))
        order.push('first')
      },
      () => ({}),
    )
    await begun
    await asRun(
      { ...context, waitMs: 60_000 },
      'score',
      async () => order.push('second'),
      () => ({}),
    )
    await first
    expect(order).toEqual(['first', 'second'])
  })

  test('that fails says why on record, and lets go', async () => {
    const failing = asRun(
      context,
      'score',
      () => Promise.reject(new Error('disk full')),
      () => ({}),
    )
    await expect(failing).rejects.toThrow('disk full')
    const [newest] = await withState(workspace, state => listRuns(state, { limit: 1 }))
    expect(newest).toMatchObject({ command: 'score', status: 'failed', error: 'disk full' })
    expect(await asRun(context, 'score', nothing, () => ({}))).toBe('done')
  })

  test('takes over at once from a dead process of this machine, and from another machine when its lease ends', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    const pid = child.pid!
    await once(child, 'exit')
    const lease = {
      name: 'score',
      holder: 'gone',
      purpose: 'score',
      pid,
      since: now,
      expiresAt: new Date(now.getTime() + 60_000),
    }
    await withState(workspace, state => takeLease(state, { ...lease, host: hostname() }))
    expect(await asRun(context, 'score', nothing, () => ({}))).toBe('done')
    await withState(workspace, state => takeLease(state, { ...lease, host: 'elsewhere' }))
    await expect(asRun(context, 'score', nothing, () => ({}))).rejects.toMatchObject({ code: 'busy' })
    const later = new Date(now.getTime() + 61_000)
    expect(await asRun({ ...context, now: later }, 'score', nothing, () => ({}))).toBe('done')
    await withState(workspace, state => releaseLease(state, lease))
  })
})
