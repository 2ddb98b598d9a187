import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../../src/kernel/memory.ts'
import { type AddedEvent, StandingDay } from '../../src/kernel/standing-day.ts'
import { createEventWriter } from '../../src/kernel/write-events.ts'
import { createRandom } from '../../src/lib/random.ts'
import { FIRST_DAY, randomLogs } from './random-logs.ts'
import { addRows, differences, NO_RULINGS, type Rows, runLog } from './run-log.ts'

const RUNS = { numRuns: 12, seed: 6, endOnFailure: true }
const LAST = FIRST_DAY + 11

/** The last day of a log without some of its events, and those. */
function standing(log: readonly AddedEvent[], isAdded: (event: AddedEvent) => boolean) {
  const before = log.filter(event => event.time < LAST * DAY_MS)
  const today = log.filter(event => event.time >= LAST * DAY_MS)
  const there = today.filter(event => !isAdded(event))
  const { kernel } = runLog(before)
  const events = createEventWriter(kernel.tuples)(there)
  const idsOf = (token: number) =>
    there
      .filter(({ who }) => kernel.tuples.entities.token(who.tenantId, who.tokenId) === token)
      .map(event => event.eventId)
  const day = new StandingDay(kernel, LAST, { events, idsOf }, NO_RULINGS)
  return { before, there, today, kernel, day }
}

/** Rows of a day whose events have come. */
function rowsOfDay(before: readonly AddedEvent[], today: readonly AddedEvent[]): Rows {
  const { kernel } = runLog(before)
  const rows: Rows = new Map()
  addRows(rows, kernel.judge(LAST, createEventWriter(kernel.tuples)(today), NO_RULINGS), kernel.tuples)
  return rows
}

function rowsWith(
  { day, kernel }: ReturnType<typeof standing>,
  added: readonly AddedEvent[],
): Rows | undefined {
  return day.judgeWith(added, ({ table }) => {
    const rows: Rows = new Map()
    addRows(rows, { table } as Parameters<typeof addRows>[1], kernel.tuples)
    return rows
  })
}

const identified = (days: number, events: number) =>
  randomLogs(days, events).map(log =>
    log.map((event, at): AddedEvent => ({ ...event, eventId: String(at).padStart(6, '0') })),
  )

describe('a day that stands ready', () => {
  test('says of the tokens of added events, request after request, what the day with them says', () => {
    let answered = 0
    let passed = 0
    fc.assert(
      fc.property(identified(12, 240), fc.nat(), (log, seed) => {
        const random = createRandom(seed)
        const chosen = new Map(log.map(event => [event, random.int(8)]))
        const world = standing(log, event => chosen.get(event)! < 3)
        const marked = world.kernel.tuples.mark()
        for (const turn of [0, 1, 2, 0]) {
          const added = world.today.filter(event => chosen.get(event) === turn)
          const found = rowsWith(world, random.shuffle([...added]))
          expect(world.kernel.tuples.mark()).toEqual(marked)
          if (found === undefined) {
            passed++
            continue
          }
          answered++
          const all = rowsOfDay(
            world.before,
            world.today.filter(event => chosen.get(event)! >= 3 || chosen.get(event) === turn),
          )
          const asked = new Set(added.map(({ who }) => `${who.tenantId} ${who.tokenId}`))
          const wanted = new Map([...all].filter(([key]) => asked.has(key.replace(/^\d+ /, ''))))
          expect(differences(wanted, found)).toEqual([])
        }
      }),
      RUNS,
    )
    // Tokens of this log are new each day, and replace each other: of a real log nearly all is answered.
    expect(answered).toBeGreaterThan(passed)
    expect(passed).toBeGreaterThan(0)
  })

  test('an event that is there already, and one that comes twice, count once', () => {
    const [log] = fc.sample(identified(12, 240), { numRuns: 1, seed: 2 })
    const world = standing(log!, () => false)
    const [one] = world.today
    const counted = world.day.judgeWith([one!, one!, { ...one!, eventId: 'another' }], ({ kept }) =>
      kept.map(event => event.eventId),
    )
    expect(counted).toEqual(['another'])
  })

  test('a tenant that nobody has seen is for the whole day to judge', () => {
    const [log] = fc.sample(identified(12, 240), { numRuns: 1, seed: 2 })
    const world = standing(log!, () => false)
    const [one] = world.today
    const stranger = { ...one!, eventId: 'new', who: { ...one!.who, tenantId: 'elsewhere' } }
    expect(rowsWith(world, [stranger])).toBeUndefined()
    expect(rowsWith(world, [{ ...one!, eventId: 'new' }])).toBeDefined()
  })

  test('of a token that nobody has seen it says the same as the whole day', () => {
    const [log] = fc.sample(identified(12, 240), { numRuns: 1, seed: 2 })
    const world = standing(log!, () => false)
    const one = world.today.find(event => event.place.net !== null)!
    const added = [1, 2].map(i => ({
      ...one,
      eventId: `new-${i}`,
      who: { ...one.who, tokenId: `new-${i}`, principalId: `newcomer-${i}` },
    }))
    const all = rowsOfDay(
      world.before,
      [...world.today, ...added].sort((a, b) => a.time - b.time),
    )
    const wanted = new Map([...all].filter(([key]) => key.includes(' new-')))
    expect(wanted.size).toBe(2)
    expect(differences(wanted, rowsWith(world, added)!)).toEqual([])
  })

  test('a tenant whose events are read while the day stands is for the whole day to judge', () => {
    const [log] = fc.sample(identified(12, 240), { numRuns: 1, seed: 2 })
    const world = standing(log!, () => false)
    const [one] = world.today
    const late = { ...one!, eventId: 'late', who: { ...one!.who, tenantId: 'elsewhere' } }
    createEventWriter(world.kernel.tuples)([late])
    expect(rowsWith(world, [{ ...late, eventId: 'new' }])).toBeUndefined()
    expect(rowsWith(world, [{ ...one!, eventId: 'new' }])).toBeDefined()
  })
})
