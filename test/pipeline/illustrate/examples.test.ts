import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { illustrate } from '../../../src/pipeline/illustrate.ts'
import { prepare } from '../../../src/pipeline/prepare.ts'
import type { Reason, ReasonFact } from '../../../src/schema/scores.ts'
import { addEvents, type TinyEvent } from '../../engine/tiny-world.ts'
import { dayAt, days, type Office, officeCall, openOffice } from '../office.ts'

const DAY = '2026-03-05'
const AT = dayAt(3, 3).getTime()
let office: Office

/** An event of the hour that is explained, so many seconds after three o'clock. */
function call(id: string, seconds: number, fields: Partial<TinyEvent> = {}): TinyEvent {
  return { ...officeCall(3, 1, 3, 0), event_id: id, time: AT + seconds * 1000, method: 'GET', ...fields }
}

const elsewhere = { net: '198.51.100.0/24', source_ip: '198.51.100.9' }

beforeAll(async () => {
  office = await openOffice([
    ...days(0, 3),
    call('habit', 0, { operation: 'GET /tasks', resource_id: '10' }),
    call('denied', 60, { operation: 'GET /projects', resource_id: '11', status: 403 }),
    call('admin', 120, { operation: 'GET /admin/users', resource_id: '13', status: 403, ...elsewhere }),
    call('back', 180, { operation: 'GET /tasks', resource_id: '40', response_bytes: 9_000 }),
    call('quick', 180.5, {
      operation: 'DELETE /tasks/{id}',
      method: 'DELETE',
      resource_id: null,
      status: 500,
    }),
    call('b', 240, {
      operation: 'GET /exports',
      required_scope: 'export:read',
      granted_scopes: 'tasks:read',
    }),
  ])
  // Of the same millisecond as the last one, in another file: ids decide.
  await addEvents(office.world, [call('a', 240, { operation: 'GET /exports' })], 'later')
  await prepare(office.context)
})
afterAll(() => office.world.close())

const fact = (code: string, actual: string | number | null = null, contribution = 0.5): ReasonFact => ({
  code,
  feature: code,
  actual,
  typical: null,
  frame: 'self',
  contribution,
  text: '',
})

/** Events that show a reason that rests on the facts. */
async function shown(...facts: ReasonFact[]): Promise<readonly string[]> {
  const reason: Reason = { ...facts[0]!, detector: 'rate', facts }
  const hour = { tenantId: 'acme', tokenId: 'token-1', windowStart: AT, reasons: [reason] }
  const [reasons] = await illustrate(office.context, DAY, [hour])
  return reasons![0]!.events!
}

test('a number is shown by the events that were counted, the gravest or largest first', async () => {
  expect(await shown(fact('unusual_denied', 2))).toEqual(['admin', 'denied'])
  expect(await shown(fact('unusual_failed', 3))).toEqual(['denied', 'admin', 'quick'])
  expect(await shown(fact('unusual_server_errors', 1))).toEqual(['quick'])
  expect(await shown(fact('unusual_day_deletes', 1))).toEqual(['quick'])
  expect((await shown(fact('unusual_largest_response', 9000)))[0]).toBe('back')
  expect(await shown(fact('out_of_grant'))).toEqual(['b'])
})

test('what follows on the event before is told from it', async () => {
  // 10, 11, 13: steps of 1 and 2; 40 is no step.
  expect(await shown(fact('unusual_id_steps', 2))).toEqual(['denied', 'admin'])
  expect(await shown(fact('unusual_nets', 2))).toEqual(['admin', 'back'])
  expect(await shown(fact('unusual_net_returns', 1))).toEqual(['back'])
  // Half a second after another, and two of one millisecond.
  expect(await shown(fact('unusual_quick_gaps', 2))).toEqual(['quick', 'b'])
})

test('a value is shown by the events that have it; what is new, by those of which no earlier day knows', async () => {
  expect(await shown(fact('unusual_net', '198.51.100.0/24'))).toEqual(['admin'])
  expect(await shown(fact('unusual_status', '4xx read'))).toEqual(['denied', 'admin'])
  expect(await shown(fact('unusual_bigram', 'GET /tasks > GET /projects'))).toEqual(['denied'])
  expect(await shown(fact('permission_violation', 'export:read'))).toEqual(['b'])
  expect(await shown(fact('unusual_fresh_operations', 4))).toEqual(['admin', 'quick', 'a', 'b'])
})

test('events that show more of the facts come first; those of one moment in the order of their ids; at most five', async () => {
  const facts = [fact('unusual_denied', 2, 0.2), fact('unusual_net', '198.51.100.0/24', 0.1)]
  expect(await shown(...facts)).toEqual(['admin', 'denied'])
  expect(await shown(fact('unusual_net', 'nowhere'))).toEqual([])
  expect(await shown(fact('unusual_operation', 'GET /exports'))).toEqual(['a', 'b'])
  expect(await shown(fact('unusual_requests', 7))).toEqual(['habit', 'denied', 'admin', 'back', 'quick'])
})

test('where the history is not on disk, events are named all the same, and everything is new', async () => {
  const empty = await openOffice([])
  const { context } = office
  const whole = { ...context, engine: empty.context.engine }
  rmSync(`${context.workspace.history}/date=2026-03-02`, { recursive: true })
  const reason: Reason = { ...fact('unusual_fresh_operations', 4), detector: 'rate' }
  const hour = { tenantId: 'acme', tokenId: 'token-1', windowStart: AT, reasons: [reason] }
  const [reasons] = await illustrate(whole, DAY, [hour])
  expect(reasons![0]!.events).toEqual(['habit', 'denied', 'admin', 'back', 'quick'])
  empty.world.close()
})
