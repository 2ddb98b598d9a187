import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changeAlert, getAlertState, listAlertStates } from '../../src/state/alert-states.ts'
import { createApiKey, listApiKeys, revokeApiKey, verifyApiKey } from '../../src/state/api-keys.ts'
import { listAudit } from '../../src/state/audit.ts'
import {
  claimDeliveries,
  countDeliveries,
  enqueueDelivery,
  forgetPayloads,
  knownDeliveries,
  listDeliveries,
  markDelivered,
  markFailed,
  reviveDelivery,
} from '../../src/state/outbox.ts'
import {
  getResponse,
  listResponses,
  moveResponse,
  type NewResponse,
  proposeResponse,
} from '../../src/state/responses.ts'
import { closeState, openState, type State } from '../../src/state/state.ts'
import { describeBackends, type TestPlace } from './backends.ts'

const minute = (n: number) => new Date(Date.UTC(2026, 9, 5, 0, n))
const by = (actor: string, n = 0) => ({ actor, at: minute(n) })

describeBackends('keys, outbox, alert states and responses', backend => {
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

  describe('API keys', () => {
    test('are shown once, kept as a hash, and known again', async () => {
      const { key, ...made } = await createApiKey(
        state,
        { name: 'siem', role: 'viewer', tenantId: 'acme' },
        by('cli:ann'),
      )
      expect(key).toMatch(/^kh_[0-9a-f]{12}_[\w-]{43}$/)
      const [row] = await state.db.selectFrom('api_keys').selectAll().execute()
      expect(row!.hash).toMatch(/^[0-9a-f]{64}$/)
      expect(JSON.stringify([row, await listAudit(state)])).not.toContain(key.slice(16))
      expect(await verifyApiKey(state, key, minute(3))).toEqual({ ...made, lastUsedAt: minute(3) })
      expect(await listApiKeys(state)).toEqual([{ ...made, lastUsedAt: minute(3) }])
    })

    test('of the wrong secret, an unknown id, another form or an end are none', async () => {
      const { key, keyId } = await createApiKey(state, { name: 'a', role: 'admin' }, by('cli:ann'))
      const other = await createApiKey(state, { name: 'b', role: 'admin' }, by('cli:ann'))
      const swapped = `kh_${keyId}_${other.key.slice(16)}`
      for (const wrong of [swapped, key.replace(keyId, '000000000000'), key.slice(1), `${key}x`, ''])
        expect(await verifyApiKey(state, wrong, minute(1)), wrong).toBeNull()
      expect(await verifyApiKey(state, key, minute(1))).toMatchObject({
        keyId,
        role: 'admin',
        tenantId: null,
      })
      expect((await revokeApiKey(state, keyId, by('cli:bob', 2))).revokedAt).toEqual(minute(2))
      expect(await verifyApiKey(state, key, minute(3))).toBeNull()
      await expect(revokeApiKey(state, keyId, by('cli:bob'))).rejects.toMatchObject({ code: 'conflict' })
      await expect(revokeApiKey(state, 'ffff', by('cli:bob'))).rejects.toMatchObject({ code: 'not-found' })
      expect((await listAudit(state, { action: 'key' })).map(line => [line.actor, line.action])).toEqual([
        ['cli:bob', 'key.revoke'],
        ['cli:ann', 'key.create'],
        ['cli:ann', 'key.create'],
      ])
    })
  })

  describe('the outbox', () => {
    const delivery = (id: string) => ({ id, sink: 'slack', alertId: 'a1', payload: '{"x":1}' })
    const claim = (n: number, limit = 10) =>
      claimDeliveries(state, { now: minute(n), leaseUntil: minute(n + 5), limit })

    test('takes each delivery once, and hands it out to one at a time', async () => {
      expect(await enqueueDelivery(state, delivery('d1'), minute(0))).toBe(true)
      expect(await enqueueDelivery(state, delivery('d1'), minute(0))).toBe(false)
      expect(await enqueueDelivery(state, delivery('d2'), minute(1))).toBe(true)
      const twin = await openState(place)
      const [here, there] = await Promise.all([
        claim(2),
        claimDeliveries(twin, { now: minute(2), leaseUntil: minute(7), limit: 10 }),
      ])
      await closeState(twin)
      expect([...here, ...there].map(one => one.id).sort()).toEqual(['d1', 'd2'])
      expect(await claim(6)).toEqual([])
      // Whoever took them has died: the lease is over.
      expect((await claim(7)).map(one => one.id)).toEqual(['d1', 'd2'])
    })

    test('keeps what failed until it is delivered or dead, and revives the dead', async () => {
      await enqueueDelivery(state, delivery('d1'), minute(0))
      await enqueueDelivery(state, delivery('d2'), minute(0))
      expect(await claim(0)).toHaveLength(2)
      await markFailed(state, 'd1', { error: 'HTTP 503', nextAt: minute(9) })
      await markDelivered(state, 'd2')
      expect(await claim(8)).toEqual([])
      expect(await claim(9)).toMatchObject([{ id: 'd1', attempts: 1, lastError: 'HTTP 503' }])
      await markFailed(state, 'd1', { error: 'HTTP 410', nextAt: null })
      expect(await claim(59)).toEqual([])
      expect(await listDeliveries(state, { status: 'dead' })).toMatchObject([{ id: 'd1', attempts: 2 }])
      await expect(reviveDelivery(state, 'd2', by('cli:ann'))).rejects.toMatchObject({ code: 'not-found' })
      await reviveDelivery(state, 'd1', by('cli:ann', 30))
      expect(await claim(30)).toMatchObject([{ id: 'd1', attempts: 0, status: 'pending' }])
      expect(await listDeliveries(state, { status: 'delivered' })).toMatchObject([{ id: 'd2' }])
    })
  })

  test('the outbox knows its ids, counts by sink, and forgets texts of what was delivered, not ids', async () => {
    const add = (id: string, sink: string, n: number) =>
      enqueueDelivery(state, { id, sink, alertId: 'a1', payload: 'text' }, minute(n))
    await add('d1', 'slack', 0)
    await add('d2', 'slack', 5)
    await add('d3', 'mail', 0)
    await markDelivered(state, 'd1')
    await markDelivered(state, 'd2')
    const many = Array.from({ length: 2500 }, (_, i) => `x${i}`)
    expect(await knownDeliveries(state, [...many, 'd1', 'd3'])).toEqual(new Set(['d1', 'd3']))
    expect(await knownDeliveries(state, [])).toEqual(new Set())
    expect(await countDeliveries(state)).toEqual([
      { sink: 'mail', status: 'pending', count: 1 },
      { sink: 'slack', status: 'delivered', count: 2 },
    ])
    await forgetPayloads(state, minute(3))
    const texts = (await listDeliveries(state)).map(one => [one.id, one.payload])
    expect(texts).toEqual([
      ['d1', ''],
      ['d3', 'text'],
      ['d2', 'text'],
    ])
    expect(await add('d1', 'slack', 9)).toBe(false)
  })

  describe('alert states', () => {
    const alert = { alertId: 'a1', tenantId: 'acme' }

    test('keep what is not changed, whoever changes the rest', async () => {
      expect(await getAlertState(state, 'a1')).toBeNull()
      await Promise.all([
        changeAlert(state, alert, 'acknowledge', { status: 'acknowledged' }, by('cli:ann', 1)),
        changeAlert(state, alert, 'assign', { assignee: 'bob' }, by('cli:bob', 1)),
      ])
      expect(await getAlertState(state, 'a1')).toMatchObject({ status: 'acknowledged', assignee: 'bob' })
      await changeAlert(
        state,
        alert,
        'close',
        { status: 'closed', causes: ['new_network'], seenUntil: minute(1) },
        by('key:7', 2),
      )
      expect(await listAlertStates(state, { status: 'closed', tenantId: 'acme' })).toEqual([
        {
          ...alert,
          status: 'closed',
          assignee: 'bob',
          note: null,
          causes: ['new_network'],
          seenUntil: minute(1),
          changedAt: minute(2),
          changedBy: 'key:7',
        },
      ])
      expect(await listAlertStates(state, { tenantId: 'other' })).toEqual([])
      const [last] = await listAudit(state, { subject: 'alert:a1' })
      expect(last).toMatchObject({
        action: 'alert.close',
        actor: 'key:7',
        tenantId: 'acme',
        details: { before: 'acknowledged', status: 'closed' },
      })
    })
  })

  describe('responses', () => {
    const response: NewResponse = {
      id: 'r1',
      alertId: 'a1',
      tenantId: 'acme',
      playbook: 'takeover',
      action: 'revoke',
      adapter: 'oauth',
      target: 't1',
      dryRun: false,
      expiresAt: minute(30),
    }

    test('go from proposal to undoing, one step at a time, each in the audit trail', async () => {
      expect(await proposeResponse(state, response, by('playbook:takeover', 1))).toBe(true)
      expect(await proposeResponse(state, response, by('playbook:takeover', 2))).toBe(false)
      await expect(
        moveResponse(state, 'r1', { to: 'executed' }, by('playbook:takeover')),
      ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('is proposed') })
      await moveResponse(state, 'r1', { to: 'approved' }, by('cli:ann', 3))
      await moveResponse(
        state,
        'r1',
        { to: 'executed', detail: { undoWith: 7 }, expiresAt: minute(40) },
        by('x', 4),
      )
      expect(await listResponses(state, { expiresBy: minute(39) })).toEqual([])
      expect(await listResponses(state, { status: 'executed', expiresBy: minute(40) })).toHaveLength(1)
      const undone = await moveResponse(state, 'r1', { to: 'undone', detail: { ok: true } }, by('cli:bob', 5))
      expect(undone).toEqual({
        ...response,
        status: 'undone',
        expiresAt: minute(40),
        createdAt: minute(1),
        changedAt: minute(5),
        changedBy: 'cli:bob',
        detail: { undoWith: 7, ok: true },
      })
      expect(await getResponse(state, 'r1')).toEqual(undone)
      const trail = await listAudit(state, { action: 'response' })
      expect(trail.map(line => [line.actor, line.action])).toEqual([
        ['cli:bob', 'response.undone'],
        ['x', 'response.executed'],
        ['cli:ann', 'response.approved'],
        ['playbook:takeover', 'response.propose'],
      ])
      await expect(moveResponse(state, 'r9', { to: 'approved' }, by('x'))).rejects.toMatchObject({
        code: 'not-found',
      })
    })

    test('are executed by one of two that try at once', async () => {
      await proposeResponse(state, response, by('p'))
      await moveResponse(state, 'r1', { to: 'approved' }, by('cli:ann'))
      const twin = await openState(place)
      const tries = await Promise.allSettled(
        [state, twin].map(one => moveResponse(one, 'r1', { to: 'executed' }, by('x'))),
      )
      await closeState(twin)
      expect(tries.map(one => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    })
  })
})
