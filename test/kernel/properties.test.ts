import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Kernel } from '../../src/kernel/kernel.ts'
import { HOUR_MS } from '../../src/kernel/memory.ts'
import { createEventWriter, type SpelledEvent } from '../../src/kernel/write-events.ts'
import { createRandom } from '../../src/lib/random.ts'
import { FIRST_DAY, randomLogs } from './random-logs.ts'
import { addRows, before, byDay, NO_RULINGS, type Rows, runLog } from './run-log.ts'

const RUNS = { numRuns: 20, seed: 5 }

describe('point in time', () => {
  test('no hour depends on a later one, of its day or of later days', () => {
    fc.assert(
      fc.property(
        randomLogs(12, 100),
        fc.integer({ min: 5, max: 11 }),
        fc.integer({ min: 8, max: 13 }),
        (log, day, hours) => {
          const hour = (FIRST_DAY + day) * 24 + hours
          const cut = log.filter(event => event.time < hour * HOUR_MS)
          expect(before(runLog(log).rows, hour)).toEqual(runLog(cut).rows)
        },
      ),
      RUNS,
    )
  })
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
      expect(rows).toEqual(plain.rows)
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
      expect(rows[1]).toEqual(rows[0])
    }),
    RUNS,
  )
})

test('the numbers that tokens and values happen to get change nothing', () => {
  fc.assert(
    fc.property(randomLogs(12, 100), fc.nat(), (log, seed) => {
      const shuffled: SpelledEvent[] = createRandom(seed).shuffle([...log])
      expect(runLog(log, shuffled).rows).toEqual(runLog(log).rows)
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
