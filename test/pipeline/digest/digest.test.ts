import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../../../src/pipeline/context.ts'
import { digest } from '../../../src/pipeline/digest/digest.ts'
import { configSchema } from '../../../src/schema/config.ts'
import type { Digest } from '../../../src/schema/digest.ts'
import { silentProgress } from '../../../src/schema/run.ts'
import { proposeResponse } from '../../../src/state/responses.ts'
import { beginRun, endRun } from '../../../src/state/runs.ts'
import { withState } from '../../../src/state/state.ts'
import { addSuppression } from '../../../src/state/suppressions.ts'
import { addEvents, openTinyWorld, type TinyWorld } from '../../engine/tiny-world.ts'
import { openJudged } from '../judged-alerts.ts'

const at = (text: string) => new Date(`${text}Z`)

let world: TinyWorld
let context: Context
let week: Digest

/** The alerts, verdicts and scored hours of judged-alerts.ts, and beside them runs, suppressions, an action and events. */
beforeAll(async () => {
  world = await openJudged()
  const { engine, workspace } = world
  const config = configSchema.parse({ alerts: { budgetPerDay: 2, minutesPerAlert: 30 } })
  context = { engine, workspace, progress: silentProgress, now: at('2026-11-01T00:00'), config }
  await addEvents(world, [
    { token_id: 'token-a1', time: '2026-10-05T01:00' },
    { token_id: 'token-a2', time: '2026-10-06T02:00' },
    { token_id: 'token-a2', time: '2026-10-04T02:00' },
  ])
  await withState(workspace, async state => {
    const run = async (command: 'ingest' | 'score', begin: string, end: string | null, figures: object) => {
      const id = await beginRun(state, { command, actor: 'cron', host: 'h', pid: 1 }, at(begin))
      if (end !== null) await endRun(state, id, { status: 'done', figures, error: null }, at(end))
    }
    await run('ingest', '2026-10-04T23:59', '2026-10-05T00:01', { rows: 999, rejects: 99 })
    await run('ingest', '2026-10-05T02:00', '2026-10-05T02:01', { rows: 400, rejects: 10 })
    await run('ingest', '2026-10-06T02:00', '2026-10-06T02:01', { rows: 600, rejects: 20 })
    await run('score', '2026-10-05T03:00', '2026-10-05T03:10', { lagSeconds: 600 })
    await run('score', '2026-10-06T03:00', '2026-10-06T03:10', { lagSeconds: 1200 })
    const failed = await beginRun(
      state,
      { command: 'score', actor: 'x', host: 'h', pid: 2 },
      at('2026-10-07T03:00'),
    )
    await endRun(state, failed, { status: 'failed', figures: {}, error: 'disk full' }, at('2026-10-07T03:01'))

    const suppress = (tokenId: string, until: string) =>
      addSuppression(state, {
        ...{ tenantId: 'acme', tokenId, because: 'load test', owner: 'ann' },
        ...{ createdAt: at('2026-10-01T00:00'), expiresAt: at(until) },
      })
    await suppress('ended', '2026-10-07T00:00')
    await suppress('soon', '2026-10-20T00:00')
    await suppress('later', '2026-11-20T00:00')
    await suppress('before', '2026-10-03T00:00')

    const response = {
      tenantId: 'acme',
      playbook: 'takeover',
      adapter: 'hook',
      dryRun: true,
      expiresAt: null,
    }
    const by = (text: string) => ({ actor: 'cli:ann', at: at(text) })
    await proposeResponse(
      state,
      { id: 'r1', alertId: 'a1', action: 'revoke', target: 't1', ...response },
      by('2026-10-06T12:00'),
    )
    await proposeResponse(
      state,
      { id: 'r2', alertId: 'a1', action: 'revoke', target: 't2', ...response },
      by('2026-10-13T12:00'),
    )
  })
  week = await digest(context, { week: '2026-W41' })
})
afterAll(() => world.close())

describe('a week, by hand', () => {
  test('alerts, verdicts and precision are those of the alerts first seen in it', () => {
    expect(week).toMatchObject({
      from: '2026-10-05T00:00:00.000Z',
      to: '2026-10-12T00:00:00.000Z',
      week: '2026-W41',
      days: 7,
    })
    expect(week.alerts).toMatchObject({
      start: '2026-10-05',
      days: 2,
      alerts: 5,
      alertsPerDay: 2.5,
      unjudged: 1,
      suppressed: 4,
    })
    expect(week.alerts.precision.value).toBeCloseTo(2 / 3, 12)
    expect(week.before).toBeNull()
    expect(week).toMatchObject({ budgetPerDay: 2, minutesPerAlert: 30, folded: 0 })
  })

  test('every day is told, scored or not; sampled ones count as held back, explored ones nowhere', () => {
    expect(
      week.daily.map(day => [day.day.slice(8), day.isScored, day.alerts, day.unjudged, day.held, day.events]),
    ).toEqual([
      ['05', true, 2, 0, 1, 1],
      ['06', true, 3, 1, 3, 1],
      ...['07', '08', '09', '10', '11'].map(day => [day, false, 0, 0, 0, 0]),
    ])
    expect(week.daily[1]!.verdicts).toEqual({
      true_positive: 0,
      false_positive: 1,
      benign_trigger: 0,
      duplicate: 1,
    })
    expect(week.data.unscoredDays).toEqual([
      '2026-10-07',
      '2026-10-08',
      '2026-10-09',
      '2026-10-10',
      '2026-10-11',
    ])
  })

  test('incidents: open first, then those confirmed, then those cleared', () => {
    expect(week.incidents.map(one => [one.incidentId, one.stand])).toEqual([
      ['a4', 'open'],
      ['a1', 'confirmed'],
      ['a2', 'confirmed'],
      ['a3', 'cleared'],
      ['a5', 'cleared'],
    ])
    expect(week.incidents[1]).toMatchObject({ verdicts: ['true_positive'], alerts: 1, tokens: ['token-a1'] })
  })

  test('runs that began in it: rows, rejects, lag, failures', () => {
    expect(week.data).toMatchObject({
      events: 2,
      eventsBefore: 1,
      rowsRead: 1000,
      rowsRejected: 30,
      medianLagSeconds: 900,
      longestLagSeconds: 1200,
      runs: [
        { command: 'ingest', count: 2, byStatus: { done: 2 } },
        { command: 'score', count: 3, byStatus: { done: 2, failed: 1 } },
      ],
      failures: [{ command: 'score', error: 'disk full' }],
    })
  })

  test('suppressions that ended in it or end within two weeks of it, and what they held back', () => {
    expect(week.suppressions).toMatchObject({ active: 2, heldBack: 2 })
    expect(week.suppressions.ending.map(one => [one.scope, one.isExpired])).toEqual([
      ['tenant acme, token ended', true],
      ['tenant acme, token soon', false],
    ])
  })

  test('actions that were moved in it', () => {
    expect(week.responses).toMatchObject([
      { action: 'revoke', target: 't1', status: 'proposed', dryRun: true },
    ])
  })

  test('no model is no model; few verdicts and days without scores are said', () => {
    expect([week.model, week.filter]).toEqual([null, null])
    expect(week.notes).toEqual([
      'Not scored, and so without alerts: 2026-10-07, 2026-10-08, 2026-10-09, 2026-10-10, 2026-10-11.',
      'Only 3 alerts are judged: read precision with its interval.',
    ])
  })

  test('it says the same each time', async () => {
    expect(await digest(context, { week: '2026-10-07' })).toEqual(week)
  })
})

test('the week after has the week before to be compared with, and the trend has both', async () => {
  const next = await digest(context, { week: '2026-W42' })
  expect(next.before).toMatchObject({ start: '2026-10-05', alerts: 5 })
  expect(next.weeks.map(one => one.start)).toEqual(['2026-10-05', '2026-10-12'])
  expect(next.incidents).toMatchObject([{ incidentId: 'b1', stand: 'cleared', verdicts: ['benign_trigger'] }])
  expect(next.responses).toMatchObject([{ target: 't2' }])
})

test('a workspace without anything has an empty digest that says so', async () => {
  const empty = await openTinyWorld()
  const found = await digest(
    { ...context, engine: empty.engine, workspace: empty.workspace },
    { week: '2026-W41' },
  )
  expect(found).toMatchObject({ incidents: [], tokens: [], responses: [], before: null, weeks: [] })
  expect(found.notes).toEqual(['Nothing of the period is scored: run keyhound score.'])
  empty.close()
})
