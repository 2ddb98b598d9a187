import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from '../../src/pipeline/context.ts'
import {
  acknowledgeAlert,
  assignAlert,
  noteAlert,
  reopenAlert,
  reopenOnNewEvidence,
} from '../../src/pipeline/desk.ts'
import { alertPerformance } from '../../src/pipeline/performance.ts'
import { findTokenRisk, listTokenRisks } from '../../src/pipeline/token-risk.ts'
import { findAlert, judgeAlert, listAlerts, withdrawVerdict } from '../../src/pipeline/triage.ts'
import { defaultConfig } from '../../src/schema/config.ts'
import type { AlertStatusFilter, Shown, Verdict } from '../../src/schema/labels.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { ALERT_COLUMNS } from '../../src/schema/scores.ts'
import { listAudit } from '../../src/state/audit.ts'
import { withState } from '../../src/state/state.ts'
import { recordVerdict } from '../../src/state/verdicts.ts'
import { HOUR_MS, momentOf, openTinyWorld, type TinyWorld } from '../engine/tiny-world.ts'
import { publishRows } from './judged-alerts.ts'

let world: TinyWorld
let context: Context

interface Given {
  readonly id: string
  readonly token: string
  readonly at: string
  readonly risk?: number
  readonly hours?: number
  readonly causes?: readonly string[]
  readonly shown?: Shown
  readonly foldedInto?: string
}

/** Alerts as scoring would have published them; called again, it replaces the days given. */
async function publish(...alerts: Given[]): Promise<void> {
  const rows = alerts.map(
    ({
      id,
      token,
      at,
      risk = 80,
      hours = 1,
      causes = ['new_place'],
      shown = 'queue',
      foldedInto = null,
    }) => ({
      at: momentOf(at),
      alert_id: id,
      tenant_id: 'acme',
      principal_id: 'user-1',
      token_id: token,
      first_seen: momentOf(at),
      last_seen: momentOf(at) + hours * HOUR_MS,
      windows: hours,
      severity: 'high',
      risk,
      score: 12,
      title: 'x',
      reasons: JSON.stringify(causes.map(code => ({ code, detector: code, contribution: 0.4, surprise: 8 }))),
      status: shown === 'suppressed' ? 'suppressed' : 'new',
      shown,
      suppressed_because: shown === 'suppressed' ? 'load test' : null,
      folded_into: foldedInto,
      model: 'default@1',
    }),
  )
  await publishRows(world, world.workspace.alerts, 'alerts.parquet', ALERT_COLUMNS, rows)
}

beforeEach(async () => {
  world = await openTinyWorld()
  context = { ...world, progress: silentProgress, now: new Date('2026-10-20T00:00Z'), actor: 'cli:ann' }
  await publish(
    { id: 'a1', token: 't1', at: '2026-10-05T01:00' },
    { id: 'a2', token: 't2', at: '2026-10-05T02:00' },
  )
})
afterEach(() => world.close())

const judge = (id: string, verdict: Verdict) => judgeAlert(context, id, { verdict, note: null, who: 'ann' })
const ids = async (status: AlertStatusFilter) =>
  (await listAlerts(context, { status })).map(one => one.alertId).sort()

describe('the life of an alert', () => {
  test('new, acknowledged, closed with a verdict, open again; each step in the audit trail', async () => {
    expect(await ids('new')).toEqual(['a1', 'a2'])
    const taken = await acknowledgeAlert(context, 'a1', 'ann')
    expect([taken.status, taken.life?.assignee]).toEqual(['acknowledged', 'ann'])
    expect(await ids('open')).toEqual(['a1', 'a2'])
    expect(await ids('acknowledged')).toEqual(['a1'])
    await assignAlert(context, 'a1', 'bob', 'ann')
    await noteAlert(context, 'a1', 'asked the owner', 'ann')
    await judge('a1', 'benign_trigger')
    expect(await ids('open')).toEqual(['a2'])
    expect(await ids('closed')).toEqual(['a1'])
    expect((await findAlert(context, 'a1')).life).toMatchObject({ assignee: 'bob', note: 'asked the owner' })
    const again = await reopenAlert(context, 'a1', 'ann', 'owner denies it')
    expect([again.status, again.verdict?.verdict, again.life?.note]).toEqual([
      'new',
      'benign_trigger',
      'owner denies it',
    ])
    expect(await ids('open')).toEqual(['a1', 'a2'])
    expect(await ids('judged')).toEqual(['a1'])
    const trail = await withState(world.workspace, state => listAudit(state, { subject: 'alert:a1' }))
    expect(trail.map(line => `${line.actor} ${line.action}`).reverse()).toEqual([
      'cli:ann alert.acknowledge',
      'cli:ann alert.assign',
      'cli:ann alert.note',
      'cli:ann alert.verdict',
      'cli:ann alert.close',
      'cli:ann alert.reopen',
    ])
  })

  test('knows no step out of turn', async () => {
    await expect(reopenAlert(context, 'a1', 'ann')).rejects.toMatchObject({ code: 'conflict' })
    await judge('a1', 'duplicate')
    await expect(acknowledgeAlert(context, 'a1', 'ann')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('closed as duplicate'),
    })
  })

  test('a verdict of an earlier version, which closed nothing, counts as closing', async () => {
    const bare = {
      alertId: 'a1',
      verdict: 'false_positive',
      note: null,
      who: 'ann',
      at: context.now,
    } as const
    await withState(world.workspace, state =>
      recordVerdict(state, { ...bare, tenantId: 'acme', tokenId: 't1', reasonCode: null }),
    )
    expect(await ids('open')).toEqual(['a2'])
    await publish({ id: 'a1', token: 't1', at: '2026-10-05T01:00', causes: ['new_place', 'exfiltration'] })
    expect(await ids('closed')).toEqual(['a1'])
  })
})

describe('a verdict that is withdrawn', () => {
  const counted = async () => (await alertPerformance(context)).whole.verdicts

  test('counts in no figure, and the alert stands where it stood before', async () => {
    const before = await counted()
    await acknowledgeAlert(context, 'a1', 'ann')
    await judge('a1', 'true_positive')
    expect(await counted()).not.toEqual(before)
    const alert = await withdrawVerdict(context, 'a1', 'ann')
    expect([alert.status, alert.verdict, alert.life?.judgedAs]).toEqual(['acknowledged', null, null])
    expect(await counted()).toEqual(before)
    const trail = await withState(world.workspace, state => listAudit(state, { subject: 'alert:a1' }))
    expect(trail.find(line => line.action === 'alert.withdraw')?.details).toEqual({
      verdict: 'true_positive',
      note: null,
    })
  })

  test('leaves the one before in force', async () => {
    await judge('a1', 'true_positive')
    await judge('a1', 'duplicate')
    const alert = await withdrawVerdict(context, 'a1', 'ann')
    expect([alert.status, alert.verdict?.verdict]).toEqual(['closed', 'true_positive'])
  })

  test('is one that there is, and of nobody else', async () => {
    await expect(withdrawVerdict(context, 'a1', 'ann')).rejects.toMatchObject({
      code: 'conflict',
      message: 'Alert a1 has no verdict.',
    })
    await judge('a1', 'true_positive')
    await expect(withdrawVerdict(context, 'a1', 'bob')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Only ann can withdraw it.'),
    })
    expect((await findAlert(context, 'a1')).status).toBe('closed')
  })
})

describe('new evidence', () => {
  test('brings back a closed alert at once, and is recorded once', async () => {
    await noteAlert(context, 'a1', 'moved office', 'ann')
    await judge('a1', 'false_positive')
    await judge('a2', 'false_positive')
    const more = {
      id: 'a1',
      token: 't1',
      at: '2026-10-05T01:00',
      hours: 3,
      causes: ['new_place', 'exfiltration'],
    }
    await publish(more, { id: 'a2', token: 't2', at: '2026-10-05T02:00', hours: 3 })
    const [back] = await listAlerts(context, { status: 'open' })
    expect(back).toMatchObject({ alertId: 'a1', life: { reopenedFor: ['new cause exfiltration'] } })
    expect(await reopenOnNewEvidence(context, ['2026-10-04'])).toEqual([])
    expect((await reopenOnNewEvidence(context, ['2026-10-05'])).map(one => one.alertId)).toEqual(['a1'])
    expect(await reopenOnNewEvidence(context)).toEqual([])
    expect(await ids('open')).toEqual(['a1'])
    expect((await findAlert(context, 'a1')).life?.note).toBe(
      'moved office; open again: new cause exfiltration',
    )
    const [line] = await withState(world.workspace, state => listAudit(state, { action: 'alert.reopen' }))
    expect(line).toMatchObject({ actor: 'keyhound:score', subject: 'alert:a1' })
    // Judged again with all that is known now, it stays closed.
    await judge('a1', 'true_positive')
    expect(await reopenOnNewEvidence(context)).toEqual([])
    expect(await ids('open')).toEqual([])
  })

  test('of another day is a new alert, linked to the closed one, with what is new about it', async () => {
    await judge('a1', 'false_positive')
    await publish(
      { id: 'b1', token: 't1', at: '2026-10-07T01:00' },
      { id: 'b2', token: 't1', at: '2026-10-07T05:00', causes: ['new_place', 'exfiltration'] },
      { id: 'b3', token: 't2', at: '2026-10-07T05:00' },
    )
    const follows = async (id: string) => (await findAlert(context, id)).life?.follows
    expect(await follows('b1')).toEqual({
      alertId: 'a1',
      verdict: 'false_positive',
      lastSeen: new Date('2026-10-05T02:00Z'),
      newCauses: [],
    })
    expect(await follows('b2')).toMatchObject({ alertId: 'a1', newCauses: ['exfiltration'] })
    expect(await follows('b3')).toBeNull()
    expect(await ids('open')).toEqual(['a2', 'b1', 'b2', 'b3'])
  })
})

describe('risk of tokens', () => {
  beforeEach(() =>
    publish(
      { id: 'a1', token: 't1', at: '2026-10-05T00:00', hours: 24, risk: 80 },
      { id: 'a2', token: 't1', at: '2026-10-05T23:00', hours: 1, risk: 60, shown: 'suppressed' },
      { id: 'a3', token: 't2', at: '2026-10-05T23:00', hours: 1, risk: 70 },
      { id: 'b1', token: 't1', at: '2026-10-12T23:00', hours: 1, risk: 50 },
    ),
  )
  // One half-life after the first alerts ended, and as the last one ends.
  const at = new Date('2026-10-13T00:00Z')

  test('adds up open alerts, decayed; held back ones add nothing', async () => {
    const [first, second] = await listTokenRisks(context, { at })
    // 80 and 70 have become 40 and 35: 1 - 0.6 * 0.5.
    expect(first).toMatchObject({
      tokenId: 't1',
      principalId: 'user-1',
      openAlerts: 2,
      countedAlerts: 2,
      lastAlert: at,
    })
    expect(first!.entityRisk).toBeCloseTo(70, 9)
    expect(second).toMatchObject({ tokenId: 't2', openAlerts: 1 })
    expect(second!.entityRisk).toBeCloseTo(35, 9)
    expect(await listTokenRisks(context, { at, limit: 1 })).toEqual([first])
    expect(await listTokenRisks(context, { at, tenantId: 'other' })).toEqual([])
  })

  test('misuse stays counted, what was judged harmless does not; the half-life is configured', async () => {
    await judge('b1', 'true_positive')
    await judge('a1', 'benign_trigger')
    const risk = await findTokenRisk(context, 't1', { at })
    expect(risk).toMatchObject({ openAlerts: 0, countedAlerts: 1 })
    expect(risk.entityRisk).toBeCloseTo(50, 9)
    expect(risk.alerts.map(one => [one.alert.alertId, one.decayedRisk])).toEqual([
      ['b1', 50],
      ['a1', 0],
      ['a2', 0],
    ])
    const config = defaultConfig()
    const fast = { ...context, config: { ...config, alerts: { ...config.alerts, riskHalfLifeDays: 3.5 } } }
    expect((await findTokenRisk(fast, 't2', { at })).entityRisk).toBeCloseTo(17.5, 9)
    await expect(findTokenRisk(context, 't9')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('what is folded into another goes with it, in the queue and in the risk, until somebody takes it up', async () => {
    await publish(
      { id: 'c1', token: 't1', at: '2026-10-12T23:00', risk: 80 },
      { id: 'f1', token: 't2', at: '2026-10-12T23:00', risk: 40, foldedInto: 'c1' },
    )
    const riskOfFolded = async () => (await findTokenRisk(context, 't2', { at })).alerts[0]!.decayedRisk
    expect(await ids('open')).not.toContain('f1')
    expect(await riskOfFolded()).toBe(40)
    await judge('c1', 'benign_trigger')
    expect((await findAlert(context, 'f1')).status).toBe('closed')
    expect(await riskOfFolded()).toBe(0)
    await judge('c1', 'true_positive')
    expect(await riskOfFolded()).toBe(40)
    await reopenAlert(context, 'f1', 'ann')
    expect(await ids('open')).toContain('f1')
    expect((await findAlert(context, 'c1')).status).toBe('closed')
  })

  test('as of a moment knows nothing later', async () => {
    const [first] = await listTokenRisks(context, { at: new Date('2026-10-06T00:00Z') })
    expect(first!.entityRisk).toBeCloseTo(80, 9)
  })
})
