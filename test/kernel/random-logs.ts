import fc from 'fast-check'
import { dayNumber } from '../../src/kernel/memory.ts'
import type { SpelledEvent } from '../../src/kernel/write-events.ts'

/** A Monday of a week in which no clock changes; clocks changed in Europe some weeks before. */
export const FIRST_DAY = dayNumber('2026-04-13')

const TOKENS = [
  ['north', 'a', 'ann', 'admin'],
  ['north', 'b', 'ann', 'admin'],
  ['north', 'c', 'cy', 'job'],
  // Replaced every few days, see below.
  ['north', 'r', 'ro', 'job'],
  ['south', 'a', 'ann', 'job'],
  ['south', 'd', 'di', null],
  // New every day.
  ['north', 'n', 'ann', 'admin'],
  ['north', 'm', 'cy', 'job'],
] as const
const COUNTRIES = ['DE', 'US', 'JP', null] as const
const OPERATIONS = ['docs.list', 'docs.get', 'docs.delete', 'users.get', 'keys.create', 'docs.put'] as const
const STATUSES = [200, 200, 404, 403, 500, null] as const

/** Few values of everything, so that they meet; whole minutes, so that events tie. */
const drawn = fc.record({
  /** Of six hours of the day, so that hours hold several events. */
  minute: fc.nat(6 * 60 - 1),
  token: fc.nat(TOKENS.length - 1),
  net: fc.nat(4),
  agent: fc.nat(2),
  operation: fc.nat(OPERATIONS.length - 1),
  object: fc.option(fc.nat(9)),
  status: fc.nat(STATUSES.length - 1),
  bytes: fc.option(fc.nat(5000)),
  /** Now and then a token is of another role or principal. */
  guise: fc.nat(11),
})

/** Logs over so many days, in order of time; about one to two events a token and day. */
export function randomLogs(days: number, events: number): fc.Arbitrary<SpelledEvent[]> {
  const dated = fc.tuple(fc.nat(days - 1), drawn)
  return fc.array(dated, { minLength: events, maxLength: events * 2, size: 'max' }).map(all =>
    all
      .map(([day, one], at) => ({ at, event: eventOf(day, one) }))
      .sort((a, b) => a.event.time - b.event.time || a.at - b.at)
      .map(({ event }) => event),
  )
}

function eventOf(day: number, one: typeof drawn extends fc.Arbitrary<infer T> ? T : never): SpelledEvent {
  const [tenantId, name, principal, role] = TOKENS[one.token]!
  const turn = name === 'r' ? 4 : name === 'n' || name === 'm' ? 1 : Number.POSITIVE_INFINITY
  const tokenId = `${name}-${Math.floor(day / turn)}`
  const operation = OPERATIONS[one.operation]!
  const country = COUNTRIES[one.net % COUNTRIES.length]!
  return {
    time: (FIRST_DAY + day) * 86_400_000 + (one.minute + 420) * 60_000,
    who: {
      tenantId,
      tokenId,
      principalId: one.guise === 0 ? 'someone' : principal,
      role: one.guise === 1 ? 'guest' : role,
      tokenKind: one.guise === 2 ? null : 'key',
      grantedScopes: role === 'admin' ? 'docs users' : role === 'job' ? 'docs' : null,
      createdAt: null,
    },
    place: {
      ip: `10.0.${one.net}.${one.minute % 3}`,
      net: `10.0.${one.net}.0/24`,
      asn: one.net === 4 ? null : String(64_500 + (one.net >> 1)),
      country,
      networkType: one.net === 0 ? 'hosting' : null,
      latitude: country === null ? null : 10 * one.net,
      longitude: country === null ? null : 20,
    },
    agent: { userAgent: `agent/${one.agent}`, client: one.agent === 2 ? null : 'sdk' },
    call: {
      method: null,
      operation,
      path: null,
      resourceType: operation.split('.')[0]!,
      requiredScope: operation.split('.')[0]!,
    },
    resourceId: one.object === null ? null : String(one.object),
    status: STATUSES[one.status]!,
    requestBytes: one.bytes === null ? null : one.bytes >> 2,
    responseBytes: one.bytes,
    latencyMs: one.bytes === null ? null : one.bytes % 97,
  }
}
