import { afterEach, describe, expect, test } from 'vitest'
import type { Context } from '../../src/pipeline/context.ts'
import { reopenAlert } from '../../src/pipeline/desk.ts'
import { judgeAlert } from '../../src/pipeline/triage.ts'
import {
  approveResponse,
  type Desk,
  executeResponse,
  rejectResponse,
  undoResponse,
} from '../../src/respond/carry-out.ts'
import { countAlertedDays, matches } from '../../src/respond/match.ts'
import { runResponses } from '../../src/respond/run-responses.ts'
import type { Verdict } from '../../src/schema/labels.ts'
import { playbookSchema } from '../../src/schema/playbooks.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { listAudit } from '../../src/state/audit.ts'
import { listResponses, moveResponse, type ResponseAction } from '../../src/state/responses.ts'
import { withState } from '../../src/state/state.ts'
import { recordVerdict } from '../../src/state/verdicts.ts'
import {
  ALERT,
  configOf,
  type GivenAlert,
  NOW,
  openAlerts,
  outsideAt,
  publishAlerts,
  reason,
} from './alerts.ts'
import { type Answer, type Received, receiveHttp } from './receivers.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

describe('which alerts a playbook is about', () => {
  const playbook = (match: object) =>
    playbookSchema.parse({ name: 'p', match, actions: [{ action: 'revoke', adapter: 'a' }] })
  const cases: [string, object, Partial<typeof ALERT>, number, boolean][] = [
    ['severe enough', { severity: 'high' }, {}, 1, true],
    ['not severe enough', {}, { severity: 'medium' }, 1, false],
    ['its strongest cause', { causes: ['new_client'] }, {}, 1, true],
    ['a weaker cause only', { causes: ['rate'] }, {}, 1, false],
    ['no cause at all', { causes: ['rate'] }, { reasons: [] }, 1, false],
    ['one technique of several', { techniques: ['T1528', 'API2:2023'] }, {}, 1, true],
    ['none of the techniques', { techniques: ['T1528'] }, {}, 1, false],
    ['alerted on too few days', { alertedDays: 3 }, {}, 2, false],
    ['alerted on enough days', { alertedDays: 3 }, {}, 3, true],
    ['another tenant', { tenants: ['other'] }, {}, 1, false],
    ['an account that must not stop', { exceptPrincipals: ['ann'] }, {}, 1, false],
  ]
  test.each(cases)('%s', (_, match, alert, days, expected) => {
    expect(matches(playbook(match), { ...ALERT, ...alert }, days)).toBe(expected)
  })

  test('alerted days: of the same token, up to the alert, within 30, without what was judged benign', () => {
    const on = (daysAgo: number, more = {}) => ({
      ...ALERT,
      ...more,
      firstSeen: new Date(ALERT.firstSeen.getTime() - daysAgo * DAY_MS),
    })
    const benign = { verdict: { verdict: 'benign_trigger' } as never }
    const count = countAlertedDays([
      on(0),
      on(0),
      on(1),
      on(2, benign),
      on(3, { tokenId: 'other' }),
      on(4, { tenantId: 'other' }),
      on(29),
      on(30),
      on(-1),
    ])
    expect(count(on(0))).toBe(3)
    expect(count(on(0, { tokenId: 'never' }))).toBe(1)
  })
})

/** A workspace, a receiver of actions, and a playbook that restricts by webhook. */
async function stage(
  playbook: object,
  alerts: readonly GivenAlert[] = [{ alertId: 'a1' }],
  answer?: (request: Received, count: number) => Answer | null,
) {
  const world = await openAlerts(alerts)
  const receiver = await receiveHttp(answer)
  closing.push(() => world.close(), receiver.close)
  const config = configOf({
    adapters: [{ name: 'gate', kind: 'webhook', url: receiver.url, secretEnv: 'HOOK' }],
    playbooks: [
      { name: 'takeover', match: {}, actions: [{ action: 'restrict', adapter: 'gate' }], ...playbook },
    ],
  })
  const at = (hours: number) => new Date(NOW.getTime() + hours * HOUR_MS)
  const outside = (hours: number) => outsideAt(world.workspace.root, () => at(hours))
  return {
    world,
    receiver,
    types: () => receiver.received.map(one => JSON.parse(one.body).type as string),
    run(hours = 0): Promise<ResponseAction[]> {
      const { engine, workspace } = world
      const context: Context = { engine, workspace, progress: silentProgress, now: at(hours), config }
      return runResponses(context, { outside: outside(hours) })
    },
    /** A step by hand, by ann. */
    byHand<T>(step: (desk: Desk, by: { actor: string; at: Date }) => Promise<T>, hours = 0): Promise<T> {
      return withState(world.workspace, state =>
        step({ state, config, outside: outside(hours) }, { actor: 'cli:ann', at: at(hours) }),
      )
    },
    judge(alertId: string, verdict: Verdict, hours = 0, source: 'analyst' | 'simulated' = 'analyst') {
      return withState(world.workspace, state =>
        recordVerdict(state, {
          alertId,
          verdict,
          source,
          note: null,
          who: 'ann',
          at: at(hours),
          tenantId: 'acme',
          tokenId: 'token-1',
          reasonCode: null,
        }),
      )
    },
    responses: () => withState(world.workspace, state => listResponses(state)),
    audit: async () =>
      (await withState(world.workspace, state => listAudit(state, { action: 'response' })))
        .reverse()
        .map(({ actor, action }) => `${actor} ${action}`),
  }
}

describe('dry run', () => {
  test('says what it would do, once, and does nothing; nobody can approve it; it expires', async () => {
    const { run, types, byHand, audit } = await stage({})
    const [proposed] = await run()
    expect(proposed).toMatchObject({
      status: 'proposed',
      dryRun: true,
      alertId: 'a1',
      target: 'token-1',
      detail: { would: 'ask "gate" to restrict token token-1' },
    })
    expect(await run(1)).toEqual([])
    await expect(byHand((desk, by) => approveResponse(desk, proposed!.id, by))).rejects.toThrow(
      'is a dry run',
    )
    expect(await run(72)).toMatchObject([{ status: 'expired' }])
    expect(types()).toEqual([])
    expect(await audit()).toEqual([
      'playbook:takeover response.propose',
      'playbook:takeover response.expired',
    ])
  })
})

describe('approval', () => {
  test('an analyst approves, the restriction is in force, and ends when its time is up', async () => {
    const { run, types, byHand, audit, receiver } = await stage({ mode: 'approve', restrictHours: 8 })
    const [{ id }] = (await run()) as [ResponseAction]
    expect(types()).toEqual([])
    const done = await byHand((desk, by) => approveResponse(desk, id, by, { note: 'stolen' }), 1)
    expect(done).toMatchObject({ status: 'executed', changedBy: 'cli:ann', detail: { note: 'stolen' } })
    expect(done.expiresAt).toEqual(new Date(NOW.getTime() + 9 * HOUR_MS))
    expect(JSON.parse(receiver.received[0]!.body).data.undoAt).toBe(done.expiresAt!.toISOString())
    expect(await run(8.9)).toEqual([])
    expect(await run(9)).toMatchObject([{ id, status: 'undone', detail: { because: 'its time is up' } }])
    expect(types()).toEqual(['response.restrict', 'response.restrict.undo'])
    expect(await audit()).toEqual([
      'playbook:takeover response.propose',
      'cli:ann response.approved',
      'cli:ann response.executed',
      'playbook:takeover response.undone',
    ])
    await expect(byHand((desk, by) => approveResponse(desk, id, by), 9)).rejects.toThrow('is undone')
  })

  test('undone by hand; not twice, not before', async () => {
    const { run, types, byHand } = await stage({ mode: 'approve' })
    const [{ id }] = (await run()) as [ResponseAction]
    const undo = () => byHand((desk, by) => undoResponse(desk, id, 'was a test', by))
    await expect(undo()).rejects.toThrow('only executed ones')
    await byHand((desk, by) => approveResponse(desk, id, by))
    expect(await undo()).toMatchObject({
      status: 'undone',
      detail: { because: 'was a test' },
      expiresAt: null,
    })
    await expect(undo()).rejects.toThrow('is undone')
    expect(types()).toEqual(['response.restrict', 'response.restrict.undo'])
  })

  test('too late, turned down, unknown', async () => {
    const { run, byHand } = await stage({ mode: 'approve', approvalHours: 2 }, [
      { alertId: 'a1' },
      { alertId: 'a2', tokenId: 'token-2' },
    ])
    const [first, second] = (await run()) as [ResponseAction, ResponseAction]
    await byHand((desk, by) => rejectResponse(desk, first.id, 'rotated already', by))
    await expect(byHand((desk, by) => approveResponse(desk, first.id, by))).rejects.toThrow('is rejected')
    await expect(byHand((desk, by) => approveResponse(desk, second.id, by), 2)).rejects.toThrow('in time')
    await expect(byHand((desk, by) => approveResponse(desk, 'nope', by))).rejects.toThrow('no response nope')
  })

  test('a revocation is for good', async () => {
    const { run, byHand } = await stage({ mode: 'approve', actions: [{ action: 'revoke', adapter: 'gate' }] })
    const [{ id }] = (await run()) as [ResponseAction]
    expect(await byHand((desk, by) => approveResponse(desk, id, by))).toMatchObject({ expiresAt: null })
    expect(await run(9999)).toEqual([])
    await expect(byHand((desk, by) => undoResponse(desk, id, 'x', by))).rejects.toThrow('is for good')
  })
})

/** Of two tokens. */
const TWO = [{ alertId: 'a1' }, { alertId: 'a2', tokenId: 'token-2' }]

describe('one token, several alerts', () => {
  const later = { alertId: 'a2', firstSeen: new Date(ALERT.firstSeen.getTime() + HOUR_MS / 2) }

  test('what waits for it or is in force is not proposed again; once it is undone it is', async () => {
    const { world, run, byHand } = await stage({ mode: 'approve', restrictHours: 8 })
    const [{ id }] = (await run()) as [ResponseAction]
    await publishAlerts(world, [{ alertId: 'a1' }, later])
    expect(await run(1)).toEqual([])
    await byHand((desk, by) => approveResponse(desk, id, by), 1)
    expect(await run(2)).toEqual([])
    expect(await run(9)).toMatchObject([
      { id, status: 'undone' },
      { alertId: 'a2', status: 'proposed' },
    ])
  })

  test('an alert that is folded into one of another token is answered as well', async () => {
    const { run } = await stage({ mode: 'approve' }, [{ alertId: 'a1' }, { ...TWO[1]!, foldedInto: 'a1' }])
    expect((await run()).map(one => one.target).sort()).toEqual(['token-1', 'token-2'])
  })
})

describe('verdicts', () => {
  test('opened again after a benign verdict: proposed anew, and not turned down for the old verdict', async () => {
    const { world, run } = await stage({ mode: 'approve' })
    const context: Context = { ...world, progress: silentProgress, now: NOW, actor: 'cli:ann' }
    await run()
    await judgeAlert(context, 'a1', { verdict: 'benign_trigger', note: null, who: 'ann' })
    expect(await run(1)).toMatchObject([{ status: 'rejected' }])
    await reopenAlert(context, 'a1', 'ann')
    expect(await run(2)).toMatchObject([{ status: 'proposed' }])
    expect(await run(3)).toEqual([])
  })

  test('benign: the proposal is turned down, the restriction lifted at once', async () => {
    const { run, judge, byHand, types } = await stage({ mode: 'approve' }, TWO)
    const proposed = await run()
    const { id } = proposed.find(one => one.alertId === 'a1')!
    await byHand((desk, by) => approveResponse(desk, id, by))
    await judge('a1', 'benign_trigger')
    await judge('a2', 'false_positive')
    const changed = await run(1)
    expect(changed.map(one => [one.alertId, one.status])).toEqual([
      ['a1', 'undone'],
      ['a2', 'rejected'],
    ])
    expect(types()).toEqual(['response.restrict', 'response.restrict.undo'])
  })

  test('misuse: no clock gives the token back, a person may', async () => {
    const { run, judge, byHand } = await stage({ mode: 'approve', restrictHours: 1 })
    const [{ id }] = (await run()) as [ResponseAction]
    await byHand((desk, by) => approveResponse(desk, id, by))
    await judge('a1', 'true_positive')
    expect(await run(100)).toEqual([])
    expect(await byHand((desk, by) => undoResponse(desk, id, 'replaced', by), 101)).toMatchObject({
      status: 'undone',
    })
  })
})

describe('automatic', () => {
  const old = ['o1', 'o2', 'o3'].map(alertId => ({ alertId, tokenId: `token-${alertId}` }))
  const fresh = (n: number) => ({
    alertId: `n${n}`,
    tokenId: `token-n${n}`,
    reasons: [reason('new_client', 'x')],
  })

  test('only once the newest N judged alerts of the playbook were all misuse; a benign one takes the right away', async () => {
    const { world, run, judge, types } = await stage({ mode: 'automatic', confirmations: 3 }, old)
    expect((await run()).map(one => one.status)).toEqual(['proposed', 'proposed', 'proposed'])
    await judge('o1', 'true_positive', 0)
    await judge('o2', 'true_positive', 0.1)
    await judge('o3', 'true_positive', 0.2, 'simulated')
    await publishAlerts(world, [...old, fresh(1)])
    expect((await run(1)).map(one => one.status)).toEqual(['proposed'])
    // Simulators do not count; an analyst does.
    await judge('o3', 'true_positive', 1)
    expect(await run(2)).toMatchObject([
      { alertId: 'n1', status: 'executed', changedBy: 'playbook:takeover' },
    ])
    expect(types()).toEqual(['response.restrict'])
    await judge('n1', 'false_positive', 2)
    await publishAlerts(world, [...old, fresh(1), fresh(2)])
    expect((await run(3)).map(one => [one.alertId, one.status])).toEqual([
      ['n1', 'undone'],
      ['n2', 'proposed'],
    ])
    expect(await run(4)).toEqual([])
  })

  test('no more alerts a day than allowed; the rest waits for an analyst', async () => {
    const { world, run, judge, receiver } = await stage(
      { mode: 'automatic', confirmations: 1, mostPerDay: 2, approvalHours: 1000 },
      [{ alertId: 'o1' }],
    )
    await run()
    await judge('o1', 'true_positive')
    await publishAlerts(world, [{ alertId: 'o1' }, fresh(1), fresh(2), fresh(3)])
    const count = async (hours: number) => (await run(hours)).filter(one => one.status === 'executed').length
    expect(await count(1)).toBe(2)
    expect(await count(2)).toBe(0)
    expect(await count(26)).toBe(1)
    expect(receiver.received.filter(one => JSON.parse(one.body).type === 'response.restrict')).toHaveLength(3)
  })
})

describe('what fails', () => {
  test('for a reason that may pass is tried again, with the same key; for good waits for a person', async () => {
    let status = 503
    const { run, byHand, receiver } = await stage({ mode: 'approve' }, undefined, () => ({ status }))
    const [{ id }] = (await run()) as [ResponseAction]
    const failed = await byHand((desk, by) => approveResponse(desk, id, by))
    expect(failed).toMatchObject({
      status: 'failed',
      detail: { error: 'answered 503', failedIn: 'execute', failures: 1 },
    })
    status = 403
    expect(await run(1)).toMatchObject([{ status: 'failed', detail: { error: 'answered 403', failures: 2 } }])
    expect(await run(2)).toEqual([])
    status = 200
    expect(await byHand((desk, by) => approveResponse(desk, id, by), 3)).toMatchObject({
      status: 'executed',
      detail: { error: null },
    })
    expect(new Set(receiver.received.map(one => one.headers['webhook-id'])).size).toBe(1)
  })

  test('an undoing that fails is tried again until the restriction is gone', async () => {
    const { run, byHand, types } = await stage(
      { mode: 'approve', restrictHours: 1 },
      undefined,
      (_, count) => ({
        status: count === 2 ? 500 : 200,
      }),
    )
    const [{ id }] = (await run()) as [ResponseAction]
    await byHand((desk, by) => approveResponse(desk, id, by))
    expect(await run(1)).toMatchObject([
      { status: 'failed', detail: { failedIn: 'undo', error: 'answered 500' } },
    ])
    await expect(byHand((desk, by) => approveResponse(desk, id, by), 1)).rejects.toThrow('respond undo')
    expect(await run(2)).toMatchObject([{ status: 'undone', detail: { error: null } }])
    expect(types()).toEqual(['response.restrict', 'response.restrict.undo', 'response.restrict.undo'])
  })

  test('approved and then killed: the next round carries it out', async () => {
    const { byHand, run, types } = await stage({ mode: 'approve' })
    const [{ id }] = (await run()) as [ResponseAction]
    await byHand(({ state }, by) => moveResponse(state, id, { to: 'approved' }, by))
    expect(await run(1)).toMatchObject([{ id, status: 'executed' }])
    expect(types()).toEqual(['response.restrict'])
  })

  test('two processes at once: the receiver is asked once', async () => {
    const { byHand, run, types } = await stage({ mode: 'approve' })
    const [{ id }] = (await run()) as [ResponseAction]
    await byHand(({ state }, by) => moveResponse(state, id, { to: 'approved' }, by))
    const both = await Promise.allSettled(
      [1, 2].map(() => byHand((desk, by) => executeResponse(desk, id, by))),
    )
    expect(both.map(one => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(types()).toEqual(['response.restrict'])
  })

  test('a secret that is not set fails the action, not the round', async () => {
    const { byHand, run } = await stage({ mode: 'approve' })
    const [{ id }] = (await run()) as [ResponseAction]
    const failed = await byHand((desk, by) =>
      approveResponse({ ...desk, outside: { ...desk.outside, env: {} } }, id, by),
    )
    expect(failed).toMatchObject({ status: 'failed', detail: { error: expect.stringContaining('HOOK') } })
    expect(await run(1)).toMatchObject([{ status: 'executed' }])
  })
})

test('a playbook that waits for a cause that no alert can have is said to', async () => {
  const { run } = await stage({ match: { causes: ['new_client', 'new_clinet'] } })
  await expect(run()).rejects.toThrow(/waits for "new_clinet", .*There are: .*new_client, /)
})

test('a playbook that asks an adapter for what it cannot do is refused when the configuration is read', () => {
  const aws = { name: 'aws', kind: 'aws-iam' }
  const with_ = (actions: object[]) => () =>
    configOf({ adapters: [aws], playbooks: [{ name: 'p', match: {}, actions }] })
  expect(with_([{ action: 'restrict', adapter: 'aws' }])).not.toThrow()
  expect(with_([{ action: 'rotate', adapter: 'aws' }])).toThrow('aws-iam cannot rotate')
  expect(with_([{ action: 'revoke', adapter: 'gcp' }])).toThrow('no adapter')
})
