import { createRandom, type Random } from '../lib/random.ts'
import type { DayEvents } from './day-events.ts'
import type { DayRulings } from './kernel.ts'
import { dayNumber, HOUR_MS, isWeekend } from './memory.ts'
import type { CallFields, PlaceFields, Tuples, WhoFields } from './tuples.ts'
import { createEventWriter, type SpelledEvent } from './write-events.ts'

/** A day of the golden log. */
export interface GoldenDay {
  /** Counted from the epoch. */
  readonly day: number
  readonly events: DayEvents
  readonly rulings: DayRulings
}

/** A Monday; clocks changed in America the week before, and change in Europe on the thirteenth day after. */
const FIRST = dayNumber('2026-03-16')

/** Days of the log, from the first. Few, since every process reads them; a week without a line is a gap for those who always call. */
const LOGGED = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 13, 21, 22, 23, 24]
const LAST = 24

/** A day whose values are forgotten while the log runs. */
const FORGOTTEN = FIRST - 26

/** Nobody of `north` is logged from nine to twelve, when somebody always calls. */
const GAP_DAY = 22

type Agent = SpelledEvent['agent']

/** A token with its habits. */
interface Actor {
  readonly who: WhoFields
  readonly place: PlaceFields
  readonly agent: Agent
  readonly calls: readonly CallFields[]
  /** Hours of use; those of weekends in `weekend`. */
  readonly hours: readonly number[]
  readonly weekend?: readonly number[]
  /** First and last day of use, from the first of the log. @default all */
  readonly days?: readonly [number, number]
  /** Objects are numbered from here on. */
  readonly objects: number
  /** What the log never says of the token. */
  readonly isSilent?: true
}

const place = (
  net: number,
  country: string | null,
  [latitude, longitude]: readonly [number, number],
): PlaceFields => ({
  ip: `10.0.${net}.7`,
  net: `10.0.${net}.0/24`,
  asn: String(64_500 + (net >> 2)),
  country,
  networkType: net % 3 === 0 ? 'hosting' : 'business',
  latitude,
  longitude,
})
const BERLIN = place(1, 'DE', [52, 13])
const OFFICE = place(2, 'DE', [52, 13])
const TOKYO = place(12, 'JP', [35, 139])
const OHIO = place(20, 'US', [40, -82])
const CLOUD = place(30, null, [53, -6])
const PROXY = place(40, null, [52, 4])
const TOR = { ...place(99, 'US', [40, -74]), networkType: 'tor' }
const NOWHERE: PlaceFields = {
  ip: '2001:db8::1',
  net: null,
  asn: null,
  country: null,
  networkType: null,
  latitude: null,
  longitude: null,
}

const SDK: Agent = { userAgent: 'sdk/1.4', client: 'sdk' }
const BROWSER: Agent = { userAgent: 'Mozilla/5.0', client: 'browser' }
const CURL: Agent = { userAgent: 'curl/8', client: 'curl' }
const NEW_SDK: Agent = { userAgent: 'sdk/2.0', client: 'sdk-next' }
const NO_AGENT: Agent = { userAgent: null, client: null }

function call(operation: string, resourceType: string | null, requiredScope: string | null): CallFields {
  return { method: null, operation, path: null, resourceType, requiredScope }
}
const LIST = call('docs.list', 'docs', 'docs:read')
const GET = call('docs.get', 'docs', 'docs:read')
const UPDATE = call('docs.update', 'docs', 'docs:write')
const DELETE = call('docs.delete', 'docs', 'docs:write')
const USERS = call('users.get', 'users', 'users:read')
const KEYS = call('keys.create', 'keys', 'keys:write')
const EXPORT = call('reports.export', 'reports', 'reports:read')
const RELEASED = call('docs.search', 'docs', 'docs:search')
const PATH: CallFields = {
  method: 'POST',
  operation: null,
  path: '/v1/tokens',
  resourceType: null,
  requiredScope: null,
}

function who(tenantId: string, tokenId: string, role: string | null, principalId = tokenId): WhoFields {
  const grantedScopes =
    role === null ? null : role === 'admin' ? 'docs:read docs:write users:read' : 'docs:read docs:search'
  return {
    tenantId,
    tokenId,
    principalId,
    role,
    tokenKind: role === null ? 'service' : 'personal',
    grantedScopes,
    createdAt: null,
  }
}

const ALICE: Actor = {
  who: who('north', 'alice', 'admin'),
  place: BERLIN,
  agent: BROWSER,
  calls: [LIST, GET, UPDATE, USERS],
  hours: [8, 9, 13],
  weekend: [10],
  objects: 100,
}
const BOB: Actor = { ...ALICE, who: who('north', 'bob', 'admin'), hours: [9, 11], weekend: [], objects: 200 }
const ROBOT: Actor = {
  who: who('north', 'robot', 'job'),
  place: OFFICE,
  agent: SDK,
  calls: [LIST, GET],
  hours: [8, 9, 10, 11, 12],
  weekend: [9],
  objects: 300,
}
/** Takes a little more every day. */
const CREEPER: Actor = {
  ...ROBOT,
  who: who('north', 'creeper', 'job'),
  hours: [10, 13],
  weekend: [10],
  objects: 400,
}
const COURIER: Actor = {
  ...ROBOT,
  who: who('north', 'courier', 'job'),
  place: OHIO,
  hours: [9, 13],
  weekend: [],
  objects: 500,
}
/** Replaced by a token of the same habits. */
const DEPLOY: Actor = {
  ...ROBOT,
  who: who('north', 'deploy', 'job'),
  place: CLOUD,
  hours: [8, 10],
  weekend: [],
  days: [0, 3],
  objects: 600,
}
const DEPLOY_2: Actor = { ...DEPLOY, who: who('north', 'deploy-2', 'job', 'deploy'), days: [4, LAST] }
/** Seems to be replaced, and goes on. */
const SYNC: Actor = {
  ...DEPLOY,
  who: who('north', 'sync', 'job'),
  hours: [8, 11],
  days: [0, LAST],
  objects: 700,
}
const SYNC_2: Actor = { ...SYNC, who: who('north', 'sync-2', 'job', 'sync'), hours: [10], days: [8, LAST] }
/** Replaced by one of other habits: people say so. */
const BATCH: Actor = {
  ...ROBOT,
  who: who('south', 'batch', 'job'),
  place: CLOUD,
  hours: [9],
  days: [0, 8],
  objects: 800,
}
const BATCH_2: Actor = {
  ...BATCH,
  who: who('south', 'batch-2', 'job', 'batch'),
  place: PROXY,
  agent: CURL,
  hours: [13],
  days: [9, LAST],
}
const DORA: Actor = {
  ...ALICE,
  who: who('south', 'dora', 'admin'),
  place: OHIO,
  hours: [13, 15],
  weekend: [14],
  objects: 900,
}
/** Of whom the log says little. */
const EVAN: Actor = {
  who: who('south', 'evan', null),
  place: NOWHERE,
  agent: NO_AGENT,
  calls: [PATH, call('docs.get', null, null)],
  hours: [15],
  objects: 0,
  isSilent: true,
}
/** Comes late. */
const LATE: Actor = {
  ...BOB,
  who: who('south', 'late', 'admin'),
  hours: [9, 13],
  days: [10, LAST],
  objects: 1000,
}

const CAST = [
  ALICE,
  BOB,
  ROBOT,
  CREEPER,
  COURIER,
  DEPLOY,
  DEPLOY_2,
  SYNC,
  SYNC_2,
  BATCH,
  BATCH_2,
  DORA,
  EVAN,
  LATE,
]

/**
 * A log in which every feature takes several values: rotations that are found, withdrawn and stated, a gap in logging, a token-day that
 * is held back, changes of clocks, travel, slow drift, a release, a shared proxy, thefts, a latecomer, days that are forgotten. Made of
 * whole numbers and texts from one seed, so that it is the same everywhere.
 */
export function goldenLog(tuples: Tuples): GoldenDay[] {
  const random = createRandom(11)
  const write = createEventWriter(tuples)
  const early = hourOf(DORA, FORGOTTEN, 14, random)
  const days = [{ day: FORGOTTEN, events: write(early), rulings: NOTHING }]
  for (const d of LOGGED) {
    const events = CAST.flatMap(actor => dayOf(actor, d, random))
    if (d === 7 || d === 21) events.push(...theft(ALICE, d, random))
    if (d === 10 || d === 23) events.push(...theft(DORA, d, random))
    // Moments are whole minutes in part, so that tokens meet in one.
    events.sort((a, b) => a.time - b.time)
    days.push({ day: FIRST + d, events: write(events), rulings: rulingsOf(tuples, d) })
  }
  return days
}

const NOTHING: DayRulings = { held: [], links: [] }

/** Alice's first theft is held back for four days; a rotation is stated two days late, and one that never was is denied. */
function rulingsOf({ entities }: Tuples, d: number): DayRulings {
  const token = ({ who: { tenantId, tokenId } }: Actor) => entities.token(tenantId, tokenId)
  const since = (FIRST + 9) * 24 * HOUR_MS
  return {
    held: d > 7 && d < 11 ? [{ day: FIRST + 7, token: token(ALICE) }] : [],
    links:
      d < 10
        ? []
        : [
            { token: token(BATCH_2), previous: token(BATCH), isLinked: true, since },
            { token: token(LATE), previous: token(DORA), isLinked: false, since },
          ],
  }
}

function dayOf(actor: Actor, d: number, random: Random): SpelledEvent[] {
  const [first, last] = actor.days ?? [0, LAST]
  if (d < first || d > last) return []
  const isGap = d === GAP_DAY && actor.who.tenantId === 'north'
  const hours = isWeekend(FIRST + d) ? (actor.weekend ?? []) : actor.hours
  return hours
    .filter(hour => !isGap || hour < 9 || hour > 12)
    .flatMap(hour => hourOf(traveller(actor, d), FIRST + d, hour, random))
    .concat(actor === CREEPER && !isGap ? creep(d, random) : [])
}

/** Alice is in Tokyo for a day, and again when it is known; behind a proxy everybody is on one day; a release comes to all. */
function traveller(actor: Actor, d: number): Actor {
  if (actor.isSilent) return actor
  const isTravel = actor === ALICE && (d === 3 || d === 21)
  const at = isTravel ? TOKYO : d === 9 && actor !== ROBOT ? PROXY : actor.place
  const agent = d >= 11 && actor.agent === SDK ? NEW_SDK : actor.agent
  const calls = d >= 11 && actor.agent === SDK ? [...actor.calls, RELEASED] : actor.calls
  return { ...actor, place: at, agent, calls }
}

/** The habitual events of an hour. */
function hourOf(actor: Actor, day: number, hour: number, random: Random): SpelledEvent[] {
  const start = (day * 24 + hour) * HOUR_MS
  return Array.from({ length: 1 + random.int(3) }, (_, i) =>
    eventOf(
      actor,
      start + i * 600_000 + random.int(5) * 60_000,
      random.pick(actor.calls),
      actor.objects + random.int(30),
      random,
    ),
  )
}

function eventOf(
  actor: Actor,
  time: number,
  called: CallFields,
  object: number,
  random: Random,
): SpelledEvent {
  const bytes = 200 + random.int(2000)
  const known = actor.isSilent === undefined
  return {
    time,
    who: actor.who,
    place: actor.place,
    agent: actor.agent,
    call: called,
    resourceId: called.resourceType === null || called === LIST ? null : String(object),
    status: known ? random.pick([200, 200, 200, 201, 404, 500]) : null,
    requestBytes: known ? bytes >> 3 : null,
    responseBytes: known ? bytes : null,
    latencyMs: known ? 5 + random.int(80) : null,
  }
}

/** Each day a new operation, a scope, a system and an object of others more, and a refusal. */
function creep(d: number, random: Random): SpelledEvent[] {
  const time = ((FIRST + d) * 24 + 10) * HOUR_MS
  const fresh = (i: number) => call(`docs.get_part_${d}_${i % (1 + (d % 3))}`, 'docs', `docs:part:${d >> 1}`)
  const many = 1 + (d >> 2)
  return Array.from({ length: 3 * many }, (_, i) => ({
    ...eventOf(
      CREEPER,
      time + 3_000_000 + i * 4000,
      [fresh(i), USERS, GET][i % 3]!,
      100 + d + 100 * (i % 3),
      random,
    ),
    place: i === 0 ? place(48 + 4 * (d >> 1), 'DE', [52, 13]) : CREEPER.place,
    status: i % 3 === 1 ? 403 : 200,
    responseBytes: 500 * (d + 1),
  }))
}

/** A stolen token: from two places at once, quick, through the ids of others, refused, and then deleting. */
function theft(victim: Actor, d: number, random: Random): SpelledEvent[] {
  const actor: Actor = { ...victim, place: TOR, agent: CURL }
  const time = ((FIRST + d) * 24 + 2) * HOUR_MS
  const calls = [GET, USERS, KEYS, EXPORT, DELETE]
  return [0, 3].flatMap(hour =>
    Array.from({ length: 14 + d }, (_, i): SpelledEvent => {
      const called = calls[i < 8 ? 0 : i % calls.length]!
      const isHome = i % 7 === 3
      return {
        ...eventOf(
          isHome ? victim : actor,
          time + hour * HOUR_MS + i * (400 + 20 * d),
          called,
          300 + d + i,
          random,
        ),
        status: called === KEYS ? 403 : 200,
        responseBytes: 40_000 * (1 + random.int(d)),
      }
    }),
  )
}
