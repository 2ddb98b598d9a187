import { expect, test } from 'vitest'
import { type DayRecord, History } from '../../src/kernel/history/history.ts'
import { EVERYONE } from '../../src/kernel/history/pulse.ts'
import type { PulseRecord } from '../../src/kernel/history/records.ts'
import { dayNumber } from '../../src/kernel/memory.ts'
import { findGaps } from '../../src/kernel/midnight/find-gaps.ts'
import { MissingHours } from '../../src/kernel/midnight/missing.ts'
import { Tuples } from '../../src/kernel/tuples.ts'
import { createRandom } from '../../src/lib/random.ts'
import { TextHash } from '../../src/stats/text-hash.ts'

const TENANTS = 300
/** Four whole weeks and two days; the last one is looked at. */
const DAYS = 30
const LAST = dayNumber('2026-03-31')

/**
 * Tenants whose hours have events by chance, each hour apart: none of their silences is a gap. The share of the hours with events
 * is where the rule errs most: hours that are nearly always busy.
 */
test.each([0.5, 0.8, 0.9, 0.96, 0.99])('hours busy with chance %d make no gaps', busy => {
  const random = createRandom(7).fork(String(busy))
  const { entities, values } = new Tuples(new TextHash([1, 2]))
  const history = new History(entities, values, () => {
    throw new Error('nothing is forgotten or held here')
  })
  const tenants = Array.from({ length: TENANTS }, (_, t) => entities.tenant(`tenant-${t}`))
  const days = Array.from({ length: DAYS + 1 }, (): PulseRecord[] => [])
  for (const tenant of tenants) {
    for (const pulse of days) {
      let bits = 0
      for (let hour = 0; hour < 24; hour++) if (random.next() < busy) bits |= 1 << hour
      pulse.push({ tenant, bits })
    }
  }
  for (let d = 0; d < DAYS; d++) history.add(dayOf(LAST - DAYS + d, days[d]!))
  history.beginDay(LAST, [])
  const gaps = findGaps(history, new MissingHours(history.gaps), LAST, days[DAYS]!)
  // One silence in a thousand at most; a day has up to a dozen of them.
  expect(gaps.filter(gap => gap.tenant !== EVERYONE).length).toBeLessThanOrEqual(TENANTS * 12 * 0.001)
})

/** A day of which nothing is known but the hours with events. */
function dayOf(day: number, pulse: readonly PulseRecord[]): DayRecord {
  const nothing = { token: new Int32Array(0) } as DayRecord['delta']
  return { delta: { ...nothing, day }, pulse, gaps: [], links: [] }
}
