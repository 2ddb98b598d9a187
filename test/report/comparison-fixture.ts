import type { ModelComparison } from '../../src/schema/promotion.ts'
import type { AlertChange, ReplaySide } from '../../src/schema/replay.ts'
import { HOSTILE } from './digest-fixture.ts'

const SIDE: ReplaySide = {
  models: [{ model: 'default@1', contentId: '0123456789abcdef' }],
  budgetPerDay: 6,
  scoreThreshold: 5.6,
  alerts: 21,
  alertsPerDay: 3,
  beforeFilterPerDay: 4,
  heldBack: 7,
  analystHours: 7,
  analystHoursPerDay: 1,
  judged: 20,
  truePositives: 8,
  precision: 0.4,
  incidentsFound: 3,
  averagePrecision: 0.7,
}

const alert = (more: Partial<AlertChange>): AlertChange => ({
  tenantId: 'acme',
  principalId: 'ann',
  tokenId: HOSTILE,
  day: '2026-10-05',
  title: `New place ${HOSTILE}`,
  severity: 'high',
  riskBefore: 80,
  riskAfter: 20,
  because: `below the threshold ${HOSTILE}`,
  incidents: [],
  verdict: null,
  ...more,
})

const INCIDENT = { incidentId: 'inc-7', attackType: 'token_theft', days: ['2026-10-05'] }

export const FULL_COMPARISON: ModelComparison = {
  champion: 'default@1',
  challenger: 'default@2',
  replay: {
    change: { model: 'default@2' },
    from: new Date('2026-10-05T00:00:00Z'),
    to: new Date('2026-10-12T00:00:00Z'),
    days: 7,
    minutesPerAlert: 20,
    before: SIDE,
    after: { ...SIDE, alerts: 63, alertsPerDay: 9, incidentsFound: 2 },
    kept: 19,
    gained: [alert({ riskBefore: null, riskAfter: 70, verdict: 'benign_trigger' })],
    lost: [alert({ incidents: ['inc-7'] }), alert({})],
    incidents: { knownFrom: 'labels', known: 3, gained: [], lost: [INCIDENT] },
    stored: { alerts: 21, differing: 0 },
    notes: [HOSTILE],
  },
  scoreDrift: { champion: 0.1, challenger: null },
  findings: [
    { rule: 'precision', verdict: 'passes', text: 'precision 0.4' },
    { rule: 'alerts', verdict: 'fails', text: '9.0 alerts a day, champion 3.0' },
    { rule: 'drift', verdict: 'unknown', text: 'drift: not kept' },
  ],
  passes: false,
}

/** Two models of which nothing is judged, over a period without an alert. */
export const EMPTY_COMPARISON: ModelComparison = {
  ...FULL_COMPARISON,
  replay: {
    ...FULL_COMPARISON.replay,
    ...Object.fromEntries(
      ['before', 'after'].map(side => [
        side,
        {
          ...SIDE,
          scoreThreshold: null,
          alerts: 0,
          alertsPerDay: 0,
          judged: 0,
          truePositives: 0,
          precision: null,
          incidentsFound: 0,
          averagePrecision: null,
        },
      ]),
    ),
    kept: 0,
    gained: [],
    lost: [],
    incidents: { knownFrom: null, known: 0, gained: [], lost: [] },
    notes: [],
  },
  scoreDrift: { champion: null, challenger: null },
  findings: [{ rule: 'precision', verdict: 'unknown', text: 'nothing judged' }],
  passes: true,
}
