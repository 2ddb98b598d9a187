import { expect, test } from 'vitest'
import type { Alert } from '../../../src/pipeline/alerts.ts'
import type { Judgement } from '../../../src/pipeline/judge.ts'
import type { Known } from '../../../src/pipeline/replay/known-incidents.ts'
import {
  addDay,
  incidentsOnlyIn,
  openTally,
  sideDay,
  sideReport,
} from '../../../src/pipeline/replay/tally.ts'

const DAY = '2026-03-02'
const ROWS = [
  ['a', 'ann', 30],
  ['b', 'ann', 90],
  ['c', 'bob', 60],
  ['a', 'ann', 70],
] as const
const keys = {
  tenantId: ROWS.map(() => 'acme'),
  tokenId: ROWS.map(([token]) => token),
  principalId: ROWS.map(([, principal]) => principal),
  role: ROWS.map(() => null),
  windowStart: Float64Array.from(ROWS.keys(), hour => Date.parse(DAY) + hour * 3_600_000),
}
const judgements = ROWS.map(([, , risk]) => ({ risk }) as Judgement)

const alertOf = (tokenId: string, principalId: string, risk: number, more: Partial<Alert> = {}) =>
  ({
    alertId: `${tokenId} ${principalId}`,
    tenantId: 'acme',
    tokenId,
    principalId,
    day: DAY,
    risk,
    severity: 'low',
    title: tokenId,
    reasons: [],
    isFiltered: false,
    filterProbability: 0.01,
    ...more,
  }) as unknown as Alert

const ALERTS = [alertOf('a', 'ann', 70), alertOf('b', 'ann', 90), alertOf('c', 'bob', 60)]
const key = (entity: string) => JSON.stringify(['acme', entity, DAY])
const day = (alerts: Alert[], entity: 'token' | 'principal' = 'token') =>
  sideDay({ alerts, judgements, beforeFilter: alerts.length }, keys, DAY, {
    suppressions: [],
    selection: { sampleShare: 0, explorePerDay: 0, seed: 1 },
    entity,
  })

const known = (part: Partial<Known>): Known => ({
  from: 'labels',
  incidents: new Map([['i', { incidentId: 'i', attackType: 'theft', days: [DAY] }]]),
  byDay: new Map([[key('b'), ['i']]]),
  verdicts: new Map(),
  ...part,
})

test('a side knows the highest risk of every entity-day, alerted or not', () => {
  const side = day([ALERTS[1]!])
  expect([...side.risk]).toEqual([
    [key('a'), 70],
    [key('b'), 90],
    [key('c'), 60],
  ])
  expect([...side.shown.keys()]).toEqual([key('b')])
})

test('tokens of one principal are one entity, at the riskiest; each alert costs its time', () => {
  const side = day(ALERTS, 'principal')
  expect([...side.shown].map(([entity, alert]) => [entity, alert.title])).toEqual([
    [key('ann'), 'b'],
    [key('bob'), 'c'],
  ])
  expect(side.alerts).toBe(3)
})

test('what is gained, lost and kept, and why; hours by hand', () => {
  const tally = openTally()
  const filtered = alertOf('b', 'ann', 40, { isFiltered: true })
  addDay(tally, known({}), day([ALERTS[0]!, ALERTS[1]!]), day([ALERTS[0]!, ALERTS[2]!, filtered]))
  expect(tally.kept).toBe(1)
  expect(tally.gained).toMatchObject([{ tokenId: 'c', because: 'below the threshold', incidents: [] }])
  expect(tally.lost).toMatchObject([
    { tokenId: 'b', incidents: ['i'], because: expect.stringMatching(/^held back: filter: 1 %/) },
  ])
  expect(incidentsOnlyIn(known({}), tally.before.found, tally.after.found)).toMatchObject([
    { incidentId: 'i' },
  ])
  const setting = { models: [], budgetPerDay: 1, scoreThreshold: null }
  const [before, after] = [tally.before, tally.after].map(side =>
    sideReport(side, { days: 2, minutesPerAlert: 15 }, setting),
  )
  expect(before).toMatchObject({ alerts: 2, alertsPerDay: 1, analystHours: 0.5, analystHoursPerDay: 0.25 })
  expect(before).toMatchObject({ judged: 2, truePositives: 1, precision: 0.5, incidentsFound: 1 })
  expect(after).toMatchObject({ alerts: 2, heldBack: 1, precision: 0, incidentsFound: 0 })
})

test('verdicts judge only the alerts that somebody looked at; a duplicate says nothing of its own', () => {
  const tally = openTally()
  const verdicts = new Map([
    [key('a'), 'duplicate' as const],
    [key('b'), 'true_positive' as const],
  ])
  addDay(tally, known({ from: 'verdicts', verdicts }), day(ALERTS), day([]))
  expect(tally.before).toMatchObject({ alerts: 3, judged: 1, truePositives: 1 })
  expect(sideReport(tally.after, { days: 1, minutesPerAlert: 15 }, {} as never).precision).toBeNull()
})
