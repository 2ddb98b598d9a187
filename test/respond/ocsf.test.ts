import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SIGNALS } from '../../src/detectors/signals/catalogue.ts'
import type { ExampleEvent } from '../../src/pipeline/example-events.ts'
import type { TriagedAlert } from '../../src/pipeline/triage.ts'
import { isAttackTechnique, namedTechnique } from '../../src/respond/attack-names.ts'
import { OCSF_VERSION, toDetectionFinding } from '../../src/respond/ocsf.ts'
import type { Reason } from '../../src/schema/scores.ts'
import { type JsonSchema, problemsOf } from './json-schema.ts'

const schema = JSON.parse(
  readFileSync(new URL(`./ocsf-detection-finding-${OCSF_VERSION}.schema.json`, import.meta.url), 'utf8'),
) as JsonSchema
const problems = (finding: unknown) => problemsOf(schema, finding)

const FIRST = Date.UTC(2026, 9, 5, 3)
const bytes = {
  code: 'unusual_response_bytes',
  feature: 'response_bytes_tail',
  actual: 99_500_000,
  typical: 46_300,
  unit: 'bytes',
  frame: 'self',
  contribution: 0.2,
  text: '99.5 MB sent back in the hour; usually about 46.3 kB',
  frames: [
    { frame: 'self', typical: 46_300, highest: 90_000 },
    { frame: 'peer', typical: 50_000, highest: 2_000_000 },
  ],
} as const
const network = {
  code: 'unusual_net',
  feature: 'net_surprise',
  actual: '203.0.113.0/24',
  typical: 'never seen',
  unit: null,
  frame: 'peer',
  contribution: 0.5,
  text: 'Network "203.0.113.0/24" was never seen before from this token or any of its role',
  frames: [{ frame: 'self', typical: '0 of 23 days', highest: null }],
} as const
const reasons: readonly Reason[] = [
  { ...network, code: 'new_place', detector: 'new_place', facts: [network], events: ['e1', 'e2'] },
  { ...bytes, code: 'exfiltration', detector: 'exfiltration', facts: [bytes], events: ['e2', 'gone'] },
]
const ALERT: TriagedAlert = {
  alertId: 'abc1',
  incidentId: 'inc-1',
  tenantId: 'acme',
  principalId: 'user-1',
  tokenId: 'token-1',
  firstSeen: new Date(FIRST),
  lastSeen: new Date(FIRST + 2 * 3_600_000),
  windows: 2,
  severity: 'critical',
  risk: 99.4,
  score: 31.2,
  maturity: 0.8,
  filterProbability: null,
  shown: 'queue',
  foldedInto: null,
  folds: 0,
  title: 'Use from a new network or place; unusual amount of data taken out',
  reasons,
  evidence: ['e1', 'e2', 'e3'],
  techniques: ['T1550.001', 'T1530', 'API1:2023'],
  status: 'new',
  suppressedBecause: null,
  model: 'default@3',
  verdict: null,
}
const event = (eventId: string): ExampleEvent => ({
  eventId,
  time: new Date(FIRST + 60_000),
  method: 'GET',
  operation: 'GET /files/{id}',
  resourceType: 'file',
  resourceId: '17',
  requiredScope: 'files:read',
  status: 200,
  sourceIp: '203.0.113.7',
  asn: 64500,
  asOrg: 'Example Hosting',
  country: 'US',
  client: 'curl',
  userAgent: 'curl/8.1',
  responseBytes: 5_000_000,
})
const EVENTS = new Map([event('e1'), event('e2')].map(one => [one.eventId, one]))

/** Only what the log said: everything else of the event is unknown. */
const BARE = Object.fromEntries(Object.keys(event('e1')).map(name => [name, null])) as unknown as ExampleEvent
const findingOf = (alert: Partial<TriagedAlert> = {}, events = EVENTS) =>
  toDetectionFinding({ ...ALERT, ...alert }, events, '1.2.3')

describe('a detection finding', () => {
  test('is one by the schema, with everything known and with little', () => {
    expect(problems(findingOf())).toEqual([])
    expect(problems(findingOf({}, new Map()))).toEqual([])
    expect(
      problems(findingOf({}, new Map([['e1', { ...BARE, eventId: 'e1', time: new Date(FIRST) }]]))),
    ).toEqual([])
    expect(problems(findingOf({ reasons: [], maturity: null, incidentId: null, techniques: [] }))).toEqual([])
    // As earlier versions published reasons.
    const { facts: _, frames: __, unit: ___, events: ____, ...old } = reasons[0]! as Reason
    expect(problems(findingOf({ reasons: [old] }))).toEqual([])
  })

  test('says what, when, who and how sure', () => {
    expect(findingOf()).toMatchObject({
      class_uid: 2004,
      type_uid: 200401,
      time: FIRST + 2 * 3_600_000,
      start_time: FIRST,
      severity_id: 5,
      severity: 'Critical',
      status_id: 1,
      is_alert: true,
      confidence_score: 80,
      confidence_id: 3,
      risk_score: 99,
      risk_level_id: 4,
      metadata: {
        version: OCSF_VERSION,
        product: { name: 'Keyhound', version: '1.2.3' },
        tenant_uid: 'acme',
        correlation_uid: 'inc-1',
        labels: ['OWASP API Security API1:2023'],
      },
      finding_info: {
        uid: 'abc1',
        title: ALERT.title,
        types: ['new_place', 'exfiltration'],
        attacks: [
          {
            technique: { uid: 'T1550', name: 'Use Alternate Authentication Material' },
            sub_technique: { uid: 'T1550.001', name: 'Application Access Token' },
          },
          { technique: { uid: 'T1530', name: 'Data from Cloud Storage' } },
        ],
      },
      resources: [{ uid: 'token-1', type: 'API token', owner: { uid: 'user-1' } }],
    })
  })

  test('has an anomaly analysis a reason: its facts as anomalies, what is usual under each frame as baselines', () => {
    const [place, exfiltration] = findingOf().anomaly_analyses as Record<string, unknown>[]
    const timespan = { start_time: FIRST, end_time: FIRST + 2 * 3_600_000 }
    expect(place).toEqual({
      analysis_targets: [
        { name: 'token-1', type: 'API token' },
        { name: 'user-1', type: 'Principal' },
      ],
      anomalies: [
        {
          observation_parameter: 'unusual_net',
          observation_type: 'Frequency Analysis',
          observed_pattern: 'UNSEEN',
          observations: [{ value: '203.0.113.0/24', timespan }],
        },
      ],
      baselines: [
        {
          observation_parameter: 'unusual_net',
          observation_type: 'Frequency Analysis',
          observed_pattern: 'OWN_HISTORY',
          observations: [{ value: '0 of 23 days' }],
        },
      ],
    })
    expect(exfiltration).toMatchObject({
      anomalies: [
        {
          observation_parameter: 'unusual_response_bytes (bytes)',
          observation_type: 'Volume Analysis',
          observations: [{ value: '99500000' }],
        },
      ],
      baselines: [
        {
          observed_pattern: 'OWN_HISTORY',
          observations: [{ value: 'median 46300' }, { value: 'highest 90000' }],
        },
        {
          observed_pattern: 'TOKENS_OF_ITS_ROLE',
          observations: [{ value: 'median 50000' }, { value: 'highest 2000000' }],
        },
      ],
    })
  })

  test('names each event once, under the first reason that it shows, and what to pivot on', () => {
    const finding = findingOf()
    expect(finding.evidences).toMatchObject([
      {
        uid: 'e1',
        name: 'new_place',
        src_endpoint: { ip: '203.0.113.7', autonomous_system: { number: 64500 } },
      },
      { uid: 'e2', name: 'new_place', api: { operation: 'GET /files/{id}', response: { code: 200 } } },
    ])
    expect(finding.observables).toEqual([
      { type_id: 10, type: 'Resource UID', name: 'resources[0].uid', value: 'token-1' },
      { type_id: 2, type: 'IP Address', name: 'evidences[0].src_endpoint.ip', value: '203.0.113.7' },
      {
        type_id: 16,
        type: 'HTTP User-Agent',
        name: 'evidences[0].http_request.user_agent',
        value: 'curl/8.1',
      },
      { type_id: 14, type: 'Country', name: 'evidences[0].src_endpoint.location.country', value: 'US' },
    ])
  })

  test('follows the verdict, and what holds the alert back', () => {
    const judged = (verdict: NonNullable<TriagedAlert['verdict']>['verdict']) =>
      findingOf({
        verdict: {
          ...ALERT,
          verdict,
          note: null,
          who: 'ann',
          at: new Date(FIRST),
          reasonCode: null,
          source: 'analyst',
          seenAt: null,
          detectors: null,
          values: [],
        },
      })
    expect(judged('true_positive')).toMatchObject({ activity_id: 2, type_uid: 200402, status_id: 2 })
    expect(judged('benign_trigger')).toMatchObject({ status_id: 3, is_alert: false })
    expect(problems(judged('duplicate'))).toEqual([])
    expect(findingOf({ status: 'suppressed', suppressedBecause: 'load test' })).toMatchObject({
      status_id: 3,
      is_alert: false,
      unmapped: { suppressed_because: 'load test' },
    })
  })
})

describe('the schema finds', () => {
  test.each<[string, object]>([
    ['an attribute that the class does not have', { surprise: 1 }],
    ['a severity beyond the enumeration', { severity_id: 7 }],
    ['another class', { class_uid: 2001 }],
    ['a time in words', { time: '2026-10-05' }],
    ['an analysis without anomalies', { anomaly_analyses: [{ analysis_targets: [] }] }],
    ['evidence of nothing', { evidences: [{ name: 'new_place' }] }],
    ['an observable of an unknown type', { observables: [{ type_id: 1234 }] }],
  ])('%s', (_, change) => {
    expect(problems({ ...findingOf(), ...change })).not.toEqual([])
  })
})

test('every technique of the signals has its name', () => {
  const ids = [...new Set(SIGNALS.flatMap(signal => signal.techniques))].filter(isAttackTechnique)
  expect(ids.length).toBeGreaterThan(5)
  for (const id of ids) expect(namedTechnique(id).name, id).toBeDefined()
})
