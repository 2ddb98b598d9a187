import { describe, expect, test } from 'vitest'
import { type GateInput, holdToGate } from '../../src/pipeline/promotion-gate.ts'
import { defaultConfig } from '../../src/schema/config.ts'
import type { KnownIncident, ReplaySide } from '../../src/schema/replay.ts'

const side = (more: Partial<ReplaySide>): ReplaySide => ({
  models: [],
  budgetPerDay: 10,
  scoreThreshold: 5,
  alerts: 40,
  alertsPerDay: 10,
  beforeFilterPerDay: 10,
  heldBack: 0,
  analystHours: 10,
  analystHoursPerDay: 2.5,
  judged: 40,
  truePositives: 20,
  precision: 0.5,
  incidentsFound: 3,
  averagePrecision: 0.6,
  ...more,
})
const incident = (incidentId: string): KnownIncident => ({ incidentId, attackType: null, days: [] })
const input = (after: Partial<ReplaySide>, more: Partial<GateInput> = {}): GateInput => ({
  days: 4,
  before: side({}),
  after: side(after),
  incidents: { knownFrom: 'labels', known: 4, gained: [], lost: [] },
  ...more,
})
const { promotion } = defaultConfig()
const verdicts = (given: GateInput, drift: number | null = 0) =>
  Object.fromEntries(holdToGate(given, drift, promotion).map(({ rule, verdict }) => [rule, verdict]))

describe('holdToGate', () => {
  test('an equal passes every rule', () => {
    expect(verdicts(input({}))).toEqual({
      precision: 'passes',
      ranking: 'passes',
      incidents: 'passes',
      alerts: 'passes',
      drift: 'passes',
    })
  })

  test('each rule fails alone, just beyond its bound, and passes just within', () => {
    expect(verdicts(input({ precision: 0.451 })).precision).toBe('passes')
    expect(verdicts(input({ precision: 0.449 })).precision).toBe('fails')
    expect(verdicts(input({ averagePrecision: 0.551 })).ranking).toBe('passes')
    expect(verdicts(input({ averagePrecision: 0.549 })).ranking).toBe('fails')
    // 41 alerts and one against twice as many, and half as many.
    expect(verdicts(input({ alerts: 81 })).alerts).toBe('passes')
    expect(verdicts(input({ alerts: 82 })).alerts).toBe('fails')
    expect(verdicts(input({ alerts: 20 })).alerts).toBe('passes')
    expect(verdicts(input({ alerts: 19 })).alerts).toBe('fails')
    expect(verdicts(input({}), 0.25).drift).toBe('passes')
    expect(verdicts(input({}), 0.251).drift).toBe('fails')
  })

  test('a known incident may be lost only where another is gained', () => {
    const known = { knownFrom: 'labels', known: 4, lost: [incident('a')] } as const
    expect(verdicts(input({}, { incidents: { ...known, gained: [] } })).incidents).toBe('fails')
    expect(verdicts(input({}, { incidents: { ...known, gained: [incident('b')] } })).incidents).toBe('passes')
  })

  test('what nobody judged is unknown, and stands in nobody’s way', () => {
    const few = { judged: 29, truePositives: 0, precision: 0, averagePrecision: null }
    const given = input(few, {
      before: side({ judged: 29 }),
      incidents: { knownFrom: null, known: 0, gained: [], lost: [] },
    })
    expect(verdicts(given, null)).toEqual({
      precision: 'unknown',
      ranking: 'unknown',
      incidents: 'unknown',
      alerts: 'passes',
      drift: 'unknown',
    })
  })
})
