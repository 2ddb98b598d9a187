import { describe, expect, test } from 'vitest'
import { EVENT_COLUMNS } from '../../../src/schema/event.ts'
import { INJECTED_ATTACKS } from '../../../src/simulate/inject/catalogue.ts'
import {
  DAY,
  type EventRow,
  HOUR,
  INTENSITIES,
  type Intensity,
  type Scene,
} from '../../../src/simulate/inject/model.ts'
import { NEW_TOKEN } from '../../../src/simulate/inject/rotation-hijack.ts'
import { FROM, scene, TO } from './scene.ts'

const attack = (name: string) => INJECTED_ATTACKS.find(one => one.name === name)!

function events(name: string, given: Scene): readonly EventRow[] {
  const plan = attack(name).plan(given)
  if ('skipped' in plan) throw new Error(plan.skipped)
  return plan.events
}

/** What an event takes over from the victim's rows of that moment. */
const VICTIM = { tenant_id: 'acme', principal_id: 'of-t1', token_id: 't1', role: 'role-t1' }
const OWN_PLACE = { source_ip: '10.0.1.5', net: '10.0.1.0/24', asn: 101, country: 'FR' }
const OWN_CLIENT = { client: 'client-1', user_agent: 'client-1/1' }
const inventoried = { log: { inventoried: new Set(['of-t1']) } }

describe.each(INJECTED_ATTACKS.map(one => one.name))('%s', name => {
  const many = {
    ...inventoried,
    operations: ['readTask', 'listUsers', 'deleteUser', 'readKeys', 'exportAll', 'listKeys'],
  }
  test.each(INTENSITIES)(
    '%s: in the period, at the resolution, under known tokens, by the seed alone',
    intensity => {
      const made = events(name, scene(intensity, many))
      expect(made.length).toBeGreaterThan(0)
      for (const one of made) {
        expect(one.time).toBeGreaterThanOrEqual(FROM)
        expect(one.time).toBeLessThan(TO)
        expect(one.time % 1000).toBe(0)
        if (name !== 'stuffing' && name !== 'rotation_hijack') expect(one).toMatchObject(VICTIM)
      }
      expect(events(name, scene(intensity, many))).toEqual(made)
      expect(events(name, scene(intensity, { ...many, seed: 2 }))).not.toEqual(made)
    },
  )

  test('what the log does not know stays unknown', () => {
    const bare = (row: EventRow): EventRow => ({
      ...row,
      source_ip: null,
      net: null,
      asn: null,
      country: null,
      user_agent: null,
      client: null,
      status: null,
      response_bytes: null,
      session_id: null,
    })
    for (const intensity of INTENSITIES) {
      const given = scene(intensity, { ...many, rows: bare })
      if (attack(name).missing(given.log) !== null) continue
      for (const one of events(name, given))
        for (const { name: column } of EVENT_COLUMNS)
          if (!given.log.has.has(column)) expect(one[column], column).toBeNull()
    }
  })

  test('louder means more', () => {
    const sizes = INTENSITIES.map(intensity => events(name, scene(intensity, many)).length)
    if (name === 'stuffing' || name === 'scope_probing') expect(sizes[0]).toBeGreaterThanOrEqual(sizes[2]!)
    else expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
  })
})

describe('replay', () => {
  const requestOf = (row: EventRow) => [
    row.operation,
    row.path,
    row.status,
    row.response_bytes,
    row.latency_ms,
  ]

  test.each(INTENSITIES)(
    '%s: requests are a run of the victim, in its order; the network is new',
    intensity => {
      const given = scene(intensity)
      const made = events('replay', given)
      const requests = given.victim.rows.map(row => JSON.stringify(requestOf(row)))
      const first = requests.findIndex((_, i) =>
        made.every((one, k) => requests[i + k] === JSON.stringify(requestOf(one))),
      )
      expect(first).toBeGreaterThanOrEqual(0)
      for (const one of made) {
        expect(one.asn === 102 || one.asn === 103).toBe(true)
        expect(one.net).toBe(`10.0.${one.asn! - 100}.0/24`)
        // A machine of its own there.
        expect(one.source_ip).toMatch(new RegExp(`^10\\.0\\.${one.asn! - 100}\\.\\d+$`))
        expect(one.source_ip).not.toBe(`10.0.${one.asn! - 100}.5`)
      }
      expect(new Set(made.map(one => one.source_ip)).size).toBe(1)
    },
  )

  test('loud: from another country with another client; medium and quiet: with the own client; quiet: the own country', () => {
    for (const one of events('replay', scene('loud'))) {
      expect(one.country).toBe('DE')
      expect(one.client).not.toBe('client-1')
    }
    for (const one of events('replay', scene('medium'))) expect(one).toMatchObject(OWN_CLIENT)
    for (const one of events('replay', scene('quiet')))
      expect(one).toMatchObject({ ...OWN_CLIENT, country: 'FR', asn: 103 })
  })

  test("medium keeps the victim's gaps, cut to half an hour", () => {
    const times = events('replay', scene('medium')).map(one => one.time)
    for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBe(HOUR / 2)
  })

  test('a log of one network gets a documentation network', () => {
    const here = (row: EventRow): EventRow => ({
      ...row,
      source_ip: '10.0.1.5',
      net: '10.0.1.0/24',
      asn: 101,
      country: 'FR',
    })
    for (const one of events('replay', scene('medium', { rows: here }))) {
      expect(one.source_ip).toMatch(/^(198\.51\.100|203\.0\.113|192\.0\.2)\.\d+$/)
      expect(one.net).toBe(one.source_ip!.replace(/\d+$/, '0/24'))
      expect(one.asn).toBeGreaterThanOrEqual(64_496)
      expect(one.asn).toBeLessThanOrEqual(64_511)
      expect(one.country).toBe('FR')
    }
  })

  test('a log without places and clients cannot carry it, and says why', () => {
    const { log } = scene('loud', {
      rows: row => ({ ...row, source_ip: null, net: null, asn: null, country: null, client: null }),
    })
    expect(attack('replay').missing(log)).toMatch(/neither networks nor clients/)
  })
})

describe('account_switch', () => {
  test.each([
    ['loud', 60, false, false],
    ['medium', 40, true, false],
    ['quiet', 20, true, true],
  ] as const)('%s: %d events of a stranger', (intensity, count, ownPlace, ownClient) => {
    const made = events('account_switch', scene(intensity))
    expect(made).toHaveLength(count)
    for (const one of made) {
      expect(one).toMatchObject({ ...VICTIM, ...(ownPlace && OWN_PLACE), ...(ownClient && OWN_CLIENT) })
      if (!ownPlace) expect(one.asn).not.toBe(101)
      if (!ownClient) expect(one.client).not.toBe('client-1')
    }
    // The stranger begins at one of its hours, 17:00:07 to 20:00:07; an hour between its events, and its nights of 21 cut to 12.
    expect([17, 18, 19, 20]).toContain(new Date(made[0]!.time).getUTCHours())
    expect(made[0]!.time % HOUR).toBe(7000)
    const gaps = made.slice(1).map((one, i) => (one.time - made[i]!.time) / HOUR)
    expect(gaps.filter(gap => gap === 12)).toHaveLength(gaps.length - gaps.filter(gap => gap === 1).length)
    expect(gaps.filter(gap => gap === 12).length).toBe(
      count / 4 - 1 + (new Date(made[0]!.time).getUTCHours() === 17 ? 0 : 1),
    )
  })

  test("loud keeps the stranger's objects, quiet maps them onto the victim's five most used", () => {
    const loud = events('account_switch', scene('loud')).map(one =>
      Math.floor(Number(one.resource_id) / 1000),
    )
    expect(new Set(loud).has(1)).toBe(false)
    const quiet = events('account_switch', scene('quiet'))
    expect(new Set(quiet.map(one => one.resource_id)).size).toBeLessThanOrEqual(5)
    for (const one of quiet) {
      expect(Math.floor(Number(one.resource_id) / 1000)).toBe(1)
      expect(one.path).toBe(`/tasks/${one.resource_id}`)
    }
  })
})

test.each(INTENSITIES)(
  'drip, %s: reads on most days of two weeks, of objects that are not the own',
  intensity => {
    const given = scene(intensity)
    const made = events('drip', given)
    const days = new Set(made.map(one => Math.floor(one.time / DAY)))
    // At least one a day on average: a day without has e^-1.
    expect(days.size).toBeGreaterThanOrEqual(intensity === 'quiet' ? 5 : 12)
    for (const one of made) {
      expect(one).toMatchObject({ operation: 'readTask', method: 'GET', status: 200, ...OWN_CLIENT })
      expect(given.touched.has(one.resource_id!)).toBe(false)
      expect(one.path).toBe(`/tasks/${one.resource_id}`)
      expect([509, 510, 511, 512]).toContain(one.response_bytes)
      // Loud at an hour the victim does not know; else within 20 minutes of its own.
      const hour = (one.time % DAY) / HOUR
      if (intensity !== 'loud') {
        expect(one).toMatchObject(OWN_PLACE)
        expect(hour).toBeGreaterThan(8.6)
        expect(hour).toBeLessThan(12.4)
      } else expect(one.asn).not.toBe(101)
    }
  },
)

test.each(INTENSITIES)('object_walk, %s: one operation over objects never touched, each once', intensity => {
  const given = scene(intensity)
  const made = events('object_walk', given)
  const ids = made.map(one => one.resource_id!)
  expect(new Set(ids).size).toBe(ids.length)
  for (const one of made) {
    expect(one).toMatchObject({ operation: 'readTask', ...OWN_CLIENT })
    expect(given.touched.has(one.resource_id!)).toBe(false)
    expect(one.path).toBe(`/tasks/${one.resource_id}`)
    // A refusal is as large as the log's own refusals.
    if (one.status !== 200) expect([one.response_bytes, one.latency_ms]).toEqual([41, 1.5])
  }
  if (intensity === 'loud') {
    const refused = made.filter(one => one.status !== 200).length / made.length
    expect(refused).toBeGreaterThan(0.15)
    expect(refused).toBeLessThan(0.55)
    // In order: each the next of the one before.
    for (let i = 1; i < ids.length; i++) expect(Number(ids[i])).toBe(Number(ids[i - 1]) + 1)
  } else expect(made[0]).toMatchObject(OWN_PLACE)
})

test('scope_probing: only operations that the token never used, mostly refused; too few are no probing', () => {
  const operations = Array.from({ length: 12 }, (_, i) => `op${i}`)
  const made = events('scope_probing', scene('loud', { operations }))
  const names = made.map(one => one.operation)
  expect(new Set(names).size).toBe(names.length)
  expect(names).not.toContain('readTask')
  expect(names).toContain('op0')
  expect(made.filter(one => one.status === 403).length).toBeGreaterThan(made.length / 2)
  expect(attack('scope_probing').plan(scene('loud'))).toEqual({
    skipped: 'the log has only 2 operations that are new to the token',
  })
})

test('rotation_hijack: a new token and login of the same principal with a stranger’s run; none without inventory', () => {
  const made = events('rotation_hijack', scene('medium', inventoried))
  expect(made).toHaveLength(40)
  for (const one of made)
    expect(one).toMatchObject({
      tenant_id: 'acme',
      principal_id: 'of-t1',
      token_id: NEW_TOKEN,
      session_id: NEW_TOKEN,
      role: 'role-t1',
      token_created_at: null,
      ...OWN_CLIENT,
    })
  expect(made[0]!.asn).not.toBe(101)
  expect(events('rotation_hijack', scene('quiet', inventoried))[0]).toMatchObject({
    ...OWN_PLACE,
    ...OWN_CLIENT,
  })
  expect(attack('rotation_hijack').missing(scene('loud').log)).toMatch(/inventory/)
})

test('stuffing: one address tries every token with a request of its own', () => {
  const operations = Array.from({ length: 8 }, (_, i) => `op${i}`)
  const sizes: Record<Intensity, number> = { loud: 9, medium: 9, quiet: 6 }
  for (const intensity of INTENSITIES) {
    const given = scene(intensity, { operations })
    const made = events('stuffing', given)
    expect(new Set(made.map(one => one.source_ip)).size).toBe(1)
    expect(new Set(made.map(one => one.token_id)).size).toBe(sizes[intensity])
    for (const one of made) {
      const own = [given.victim, ...given.donors].find(other => other.token.tokenId === one.token_id)!.rows
      expect(own.map(row => row.operation)).toContain(one.operation)
      expect(own[0]!.principal_id).toBe(one.principal_id)
      if (intensity === 'quiet') expect(one.client).toBe(own[0]!.client)
    }
  }
})
