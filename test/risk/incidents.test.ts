import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { groupIncidents, type Linkable } from '../../src/risk/incidents.ts'

const DAY = 86_400_000

function alert(alertId: string, day: number, facts: Partial<Linkable> = {}): Linkable {
  return {
    alertId,
    tenantId: 'tenant',
    principalId: 'ann',
    tokenId: 'token',
    firstSeen: day * DAY,
    places: [],
    ...facts,
  }
}

/** Incidents as sets of alert ids, in one order: the partition without the names. */
function partition(incidents: Map<string, string>): string[] {
  const groups = new Map<string, string[]>()
  for (const [id, incident] of incidents) groups.set(incident, [...(groups.get(incident) ?? []), id])
  return [...groups.values()].map(ids => ids.sort().join()).sort()
}

const alerts = fc
  .array(
    fc.record({
      day: fc.integer({ min: 0, max: 12 }),
      tenantId: fc.constantFrom('t1', 't2'),
      principalId: fc.constantFrom('ann', 'bob', 'cy'),
      places: fc.subarray(['203.0.113.7', '203.0.113.0/24', '198.51.100.9']),
    }),
    { maxLength: 12 },
  )
  .map(list => list.map(({ day, ...facts }, i) => alert(`alert-${i}`, day, facts)))

describe('groupIncidents', () => {
  test('one principal: within three days of the last is one story, later is another', () => {
    const found = groupIncidents([alert('a', 0), alert('b', 3), alert('c', 6), alert('d', 9.1)])
    expect(partition(found)).toEqual(['a,b,c', 'd'])
  })

  test('equal names in two tenants are two people', () => {
    const found = groupIncidents([alert('a', 0), alert('b', 0, { tenantId: 'other' })])
    expect(partition(found)).toEqual(['a', 'b'])
  })

  test('one new place joins principals within a day', () => {
    const at = (id: string, day: number, principalId: string) =>
      alert(id, day, { principalId, places: ['203.0.113.7'] })
    expect(partition(groupIncidents([at('a', 0, 'ann'), at('b', 1, 'bob'), at('c', 2.1, 'cy')]))).toEqual([
      'a,b',
      'c',
    ])
  })

  test('is a partition that the order of the alerts does not change, names included', () => {
    fc.assert(
      fc.property(alerts, fc.nat(), (list, cut) => {
        const found = groupIncidents(list)
        expect([...found.keys()].sort()).toEqual(list.map(one => one.alertId).sort())
        const at = list.length === 0 ? 0 : cut % list.length
        const turned = groupIncidents([...list.slice(at), ...list.slice(0, at)].reverse())
        expect([...turned].sort()).toEqual([...found].sort())
      }),
    )
  })

  test('keeps its names when alerts come back with them, and when more follow', () => {
    fc.assert(
      fc.property(alerts, list => {
        const found = groupIncidents(list)
        const named = list.map(one => ({ ...one, incidentId: found.get(one.alertId)! }))
        expect(groupIncidents(named)).toEqual(found)
        const later = groupIncidents([...named, alert('later', 13, { principalId: 'dee' })])
        for (const [id, name] of found) expect(later.get(id)).toBe(name)
      }),
    )
  })

  test('takes the name an earlier run gave, also when an alert from before joins it', () => {
    const known = alert('known', 2, { incidentId: 'inc-first' })
    expect(groupIncidents([alert('before', 1), known, alert('after', 3)])).toEqual(
      new Map([
        ['before', 'inc-first'],
        ['known', 'inc-first'],
        ['after', 'inc-first'],
      ]),
    )
  })
})
