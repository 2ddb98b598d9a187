import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Foldable, foldAlerts } from '../../src/risk/fold.ts'
import { SEVERITIES } from '../../src/schema/scores.ts'

const DAY = 86_400_000

function alert(alertId: string, day: number, facts: Partial<Foldable> = {}): Foldable {
  return {
    alertId,
    firstSeen: day * DAY,
    risk: 70,
    severity: 'medium',
    causes: ['new_place'],
    judgedAt: null,
    ...facts,
  }
}

/** All of one incident. */
const fold = (alerts: Foldable[]) => foldAlerts(alerts, new Map(alerts.map(one => [one.alertId, 'inc'])))

describe('an alert of an incident', () => {
  test('that repeats the cause of an open one is folded into it, day after day', () => {
    expect(fold([alert('a', 0), alert('b', 1), alert('c', 2)])).toEqual(
      new Map([
        ['b', 'a'],
        ['c', 'a'],
      ]),
    )
  })

  test('of one day goes under the riskiest', () => {
    expect(fold([alert('a', 0, { risk: 60 }), alert('b', 0, { risk: 90 })])).toEqual(new Map([['a', 'b']]))
  })

  test('with another chief cause stands by itself, unless the title of the first told it', () => {
    const causes = ['rate', 'new_place']
    expect(fold([alert('a', 0), alert('b', 1, { causes })])).toEqual(new Map())
    expect(fold([alert('a', 0, { causes }), alert('b', 1)])).toEqual(new Map([['b', 'a']]))
  })

  test('that is severer stands by itself, and what follows is no severer than it', () => {
    const severe = { severity: 'high' } as const
    expect(fold([alert('a', 0), alert('b', 1, severe), alert('c', 2, severe)])).toEqual(new Map([['c', 'b']]))
  })

  test('after a verdict stands by itself: the thief goes on; what came before it stays folded', () => {
    const judged = alert('a', 0, { judgedAt: 1.5 * DAY })
    expect(fold([judged, alert('b', 1), alert('c', 2), alert('d', 3)])).toEqual(
      new Map([
        ['b', 'a'],
        ['d', 'c'],
      ]),
    )
  })

  test('keeps the place that an earlier run gave it', () => {
    const earlier = [alert('a', 0, { foldedInto: null }), alert('b', 1, { foldedInto: 'x' })]
    expect(fold([...earlier, alert('c', 2)])).toEqual(
      new Map([
        ['b', 'x'],
        ['c', 'a'],
      ]),
    )
  })
})

test('alerts of other incidents never fold into each other', () => {
  const alerts = [alert('a', 0), alert('b', 1)]
  expect(
    foldAlerts(
      alerts,
      new Map([
        ['a', 'one'],
        ['b', 'two'],
      ]),
    ),
  ).toEqual(new Map())
})

test('property: what is folded repeats an alert that stands by itself, and the order given changes nothing', () => {
  const alerts = fc
    .array(
      fc.record({
        day: fc.integer({ min: 0, max: 4 }),
        risk: fc.integer({ min: 50, max: 99 }),
        severity: fc.constantFrom(...SEVERITIES),
        causes: fc.subarray(['rate', 'new_place', 'off_hours'], { minLength: 1 }),
      }),
      { maxLength: 12 },
    )
    .map(list => list.map(({ day, ...facts }, i) => alert(`alert-${i}`, day, facts)))
  fc.assert(
    fc.property(alerts, list => {
      const folded = fold(list)
      expect(fold(list.toReversed())).toEqual(folded)
      const byId = new Map(list.map(one => [one.alertId, one]))
      for (const [id, lead] of folded) {
        expect(folded.has(lead)).toBe(false)
        expect(byId.get(lead)!.causes).toContain(byId.get(id)!.causes[0])
      }
      expect(list.length === 0 || folded.size < list.length).toBe(true)
    }),
  )
})
