import { DAY_MS, HOUR_MS, momentOf, type TinyEvent } from '../engine/tiny-world.ts'

/** Days of habits before the day of the deed; a slow campaign needs two weeks and a half of them. */
export const TODAY = 17
/** A Tuesday, so that the deed falls on a Friday. */
export const FIRST = momentOf('2026-03-03')
const USUAL_HOURS = [9, 11, 15]

/**
 * How hard a thief goes at it, hardest first: a smash-and-grab; what an incident report usually tells; and one who keeps about the
 * owner's pace or does the deed once or twice.
 */
export const INTENSITIES = ['loud', 'plain', 'faint'] as const
export type Intensity = (typeof INTENSITIES)[number]

/** One of these a scenario: what grows with the intensity. */
export type ByIntensity<Amount = number> = Readonly<Record<Intensity, Amount>>

/** Five tokens of one tenant with steady habits; a scenario adds the deed of one of them, the hero, and what excuses it. */
export interface Cast {
  /** Numbers of the tokens; the hero is 0. */
  readonly everyone: readonly number[]
  /** Columns of a call from a thief's rented machine abroad. */
  readonly foreign: Partial<TinyEvent>
  /** Columns of a call from the i-th of many providers of the same city; no other tenant sees its address. */
  elsewhere(i: number): Partial<TinyEvent>
  /** Adds n calls of a token in an hour, like its usual ones but for the columns given; days count from 0. */
  add(token: number, day: number, hour: number, n: number, columns: (i: number) => Partial<TinyEvent>): void
  /** Takes the token's usual calls out of a span of days, both ends included. */
  silence(token: number, from: number, to: number): void
  /** Columns for all of a token's usual calls from a day on. */
  fromDay(day: number, token: number, columns: Partial<TinyEvent>): void
}

const OPERATIONS = ['GET /tasks', 'GET /tasks/{id}', 'POST /tasks/{id}'] as const

/** The i-th call of a token in an hour, as it always was. */
function usualCall(tenant: Tenant, token: number, day: number, hour: number, i: number): TinyEvent {
  const step = i % 3
  return {
    token_id: `${tenant.name}/${token}`,
    tenant_id: tenant.name,
    principal_id: `person ${token}`,
    role: token === 4 ? 'service' : 'analyst',
    time: FIRST + day * DAY_MS + hour * HOUR_MS + i * 45_000 + token * 700,
    method: step === 2 ? 'POST' : 'GET',
    operation: OPERATIONS[step]!,
    resource_type: 'task',
    resource_id: step === 0 ? null : String(100 * token + ((day + i) % 7) * 5),
    granted_scopes: 'read write',
    required_scope: step === 2 ? 'write' : 'read',
    status: 200,
    source_ip: `10.${tenant.number}.${token}.5`,
    net: `10.${tenant.number}.${token}.0/24`,
    asn: 100,
    country: 'NL',
    network_type: 'business',
    latitude: 52.4,
    longitude: 4.9,
    client: 'sdk',
    user_agent: 'sdk/1',
    request_bytes: 200 + 10 * step,
    response_bytes: 1500 + 100 * ((day + i) % 5),
    latency_ms: 20 + ((day * 3 + i) % 7),
  }
}

/** A tenant of the stage; the number, 0-255, tells its addresses from the others'. */
export interface Tenant {
  readonly name: string
  readonly number: number
}

/** Every event of a tenant in which the scene is played. */
export function playCast(tenant: Tenant, play: (cast: Cast) => void): TinyEvent[] {
  const added: TinyEvent[] = []
  const silences: { token: number; from: number; to: number }[] = []
  const changes: { day: number; token: number; columns: Partial<TinyEvent> }[] = []
  const everyone = [0, 1, 2, 3, 4]
  const elsewhere = (i: number) => ({
    source_ip: `192.${tenant.number}.${i}.1`,
    net: `192.${tenant.number}.${i}.0/24`,
    asn: 65000 + i,
  })
  play({
    everyone,
    elsewhere,
    foreign: {
      ...elsewhere(100),
      country: 'US',
      network_type: 'hosting',
      latitude: 40.7,
      longitude: -74,
    },
    add(token, day, hour, n, columns) {
      for (let i = 0; i < n; i++) {
        const usual = usualCall(tenant, token, day, hour, i)
        // Spread over the hour, after the usual ones.
        const time = FIRST + day * DAY_MS + hour * HOUR_MS + 600_000 + Math.floor((i * 2_900_000) / n)
        added.push({ ...usual, time, ...columns(i) })
      }
    },
    silence: (token, from, to) => void silences.push({ token, from, to }),
    fromDay: (day, token, columns) => void changes.push({ day, token, columns }),
  })
  const events: TinyEvent[] = []
  for (let day = 0; day <= TODAY; day++) {
    for (const token of everyone) {
      if (silences.some(span => span.token === token && day >= span.from && day <= span.to)) continue
      const changed: Partial<TinyEvent> = Object.assign(
        {},
        ...changes.filter(one => one.token === token && day >= one.day).map(one => one.columns),
      )
      for (const hour of USUAL_HOURS) {
        const calls = 6 + ((day * 5 + token * 3 + hour) % 5)
        for (let i = 0; i < calls; i++) events.push({ ...usualCall(tenant, token, day, hour, i), ...changed })
      }
    }
  }
  return [...events, ...added]
}
