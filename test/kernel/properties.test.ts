import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DayRecord } from '../../src/kernel/history/history.ts'
import { Kernel } from '../../src/kernel/kernel.ts'
import { HOUR_MS } from '../../src/kernel/memory.ts'
import { createEventWriter, type SpelledEvent } from '../../src/kernel/write-events.ts'
import { createRandom } from '../../src/lib/random.ts'
import { FIRST_DAY, randomLogs } from './random-logs.ts'
import { addRows, byDay, differences, NO_RULINGS, type Rows, rowsBefore, runLog } from './run-log.ts'

/** Without shrinking: a log of a hundred events has too many smaller ones. */
const RUNS = { numRuns: 20, seed: 5, endOnFailure: true }

/** Features that are judged by what half of a tenant's tokens show. */
const OF_TENANT = /_(cusum|shift|budget): /

describe('point in time', () => {
  test('no hour depends on a later one of its day', () => {
    fc.assert(
      fc.property(randomLogs(10, 160), log => {
        const records = new Map<number, DayRecord>()
        const kernel = new Kernel([3, 4], day => records.get(day)!)
        const write = createEventWriter(kernel.tuples)
        const judge = (day: number, events: readonly SpelledEvent[]) => {
          const rows: Rows = new Map()
          const judged = kernel.judge(day, write(events), NO_RULINGS)
          addRows(rows, judged, kernel.tuples)
          return { rows, record: judged.record }
        }
        for (const [day, events] of byDay(log)) {
          const whole = judge(day, events)
          for (const hour of new Set(events.map(event => Math.floor(event.time / HOUR_MS)))) {
            const cut = events.filter(event => event.time < hour * HOUR_MS)
            expect(differences(rowsBefore(whole.rows, hour), judge(day, cut).rows)).toEqual([])
          }
          records.set(day, whole.record)
          kernel.learn(whole.record)
        }
      }),
      RUNS,
    )
  })

  const later = (isCounted: (difference: string) => boolean) =>
    fc.assert(
      fc.property(
        randomLogs(12, 100),
        fc.integer({ min: 5, max: 11 }),
        fc.integer({ min: 8, max: 13 }),
        (log, day, hours) => {
          const hour = (FIRST_DAY + day) * 24 + hours
          const cut = log.filter(event => event.time < hour * HOUR_MS)
          const found = differences(rowsBefore(runLog(log).rows, hour), runLog(cut).rows)
          expect(found.filter(isCounted)).toEqual([])
        },
      ),
      RUNS,
    )

  test('nor on one of a later day, and nothing is known of what comes later', () => {
    later(difference => !OF_TENANT.test(difference))
  })

  // A token that follows another one counts among its tenant's tokens on the whole day on which it is linked or used again.
  test.fails('nor does growth that a tenant shares', () => later(() => true))
})

test('what is withheld and released again is as if it had never been withheld', () => {
  fc.assert(
    fc.property(randomLogs(12, 100), fc.nat(99), (log, drawn) => {
      const plain = runLog(log)
      const kernel = new Kernel([3, 4], day => plain.records.get(day)!)
      const write = createEventWriter(kernel.tuples)
      const rows: Rows = new Map()
      for (const [day, events] of byDay(log)) {
        const written = write(events)
        const held = [...plain.records]
          .filter(([one]) => one < day)
          .flatMap(([one, { delta }]) => [...delta.token].map(token => ({ day: one, token })))
          .filter(({ day: one, token }) => (one * 7 + token * 3 + day + drawn) % 3 === 0)
        kernel.judge(day, written, { held, links: [] })
        addRows(rows, kernel.judge(day, written, NO_RULINGS), kernel.tuples)
        kernel.learn(plain.records.get(day)!)
      }
      expect(differences(plain.rows, rows)).toEqual([])
    }),
    RUNS,
  )
})

test('days older than the memory leave no trace', () => {
  fc.assert(
    fc.property(randomLogs(61, 200), log => {
      const last = FIRST_DAY + 60
      const { records } = runLog(log)
      const today = log.filter(event => event.time >= last * 24 * HOUR_MS)
      const rows: Rows[] = []
      for (const oldest of [0, last - 45]) {
        const kernel = new Kernel([3, 4], day => records.get(day)!)
        const write = createEventWriter(kernel.tuples)
        write(log)
        for (const [day, record] of records) if (day >= oldest && day < last) kernel.learn(record)
        rows.push(new Map())
        addRows(rows.at(-1)!, kernel.judge(last, write(today), NO_RULINGS), kernel.tuples)
      }
      expect(differences(rows[0]!, rows[1]!)).toEqual([])
    }),
    RUNS,
  )
})

test('the numbers that tokens and values happen to get change nothing', () => {
  fc.assert(
    fc.property(randomLogs(12, 100), fc.nat(), (log, seed) => {
      const shuffled: SpelledEvent[] = createRandom(seed).shuffle([...log])
      expect(differences(runLog(log).rows, runLog(log, shuffled).rows)).toEqual([])
    }),
    RUNS,
  )
})

test('the entity is a parameter: principals in place of tokens give a row a principal and hour', () => {
  fc.assert(
    fc.property(randomLogs(8, 60), log => {
      const ofPrincipals = log.map(event => ({
        ...event,
        who: { ...event.who, tokenId: event.who.principalId },
      }))
      const hours = log.map(
        ({ time, who }) => `${Math.floor(time / HOUR_MS)} ${who.tenantId} ${who.principalId}`,
      )
      expect(new Set(runLog(ofPrincipals).rows.keys())).toEqual(new Set(hours))
    }),
    RUNS,
  )
})
