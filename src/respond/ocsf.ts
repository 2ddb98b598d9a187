import type { ExampleEvent } from '../pipeline/example-events.ts'
import type { TriagedAlert } from '../pipeline/triage.ts'
import type { Verdict } from '../schema/labels.ts'
import type { Frame, Reason, ReasonFact, Severity } from '../schema/scores.ts'
import { isAttackTechnique, namedTechnique } from './attack-names.ts'

/** Version of the Open Cybersecurity Schema Framework that findings are written in (https://schema.ocsf.io/1.7.0). */
export const OCSF_VERSION = '1.7.0'

const CLASS_UID = 2004

/** A JSON object of the schema. */
export type OcsfObject = { readonly [name: string]: unknown }

/**
 * An alert as OCSF Detection Finding (class 2004): what was found, the anomalies with the baselines they deviate from, and the
 * events that show them. `anomaly_analyses` has an entry a reason, in the order of `finding_info.types`. `events` are those
 * that the reasons name; the missing are left out. `productVersion` is Keyhound's.
 */
export function toDetectionFinding(
  alert: TriagedAlert,
  events: ReadonlyMap<string, ExampleEvent>,
  productVersion: string,
): OcsfObject {
  const [activityId, activity] = alert.verdict === null ? [1, 'Create'] : [2, 'Update']
  const [statusId, status] = statusOf(alert)
  const [severityId, severity, riskLevelId] = SEVERITIES[alert.severity]
  const first = alert.firstSeen.getTime()
  const last = alert.lastSeen.getTime()
  return withoutNulls({
    activity_id: activityId,
    activity_name: activity,
    category_uid: 2,
    category_name: 'Findings',
    class_uid: CLASS_UID,
    class_name: 'Detection Finding',
    type_uid: CLASS_UID * 100 + activityId,
    type_name: `Detection Finding: ${activity}`,
    time: last,
    start_time: first,
    end_time: last,
    severity_id: severityId,
    severity,
    status_id: statusId,
    status,
    is_alert: alert.status === 'new' && alert.verdict === null,
    message: [alert.title, alert.reasons[0]?.text].filter(Boolean).join('. '),
    ...confidenceOf(alert),
    risk_score: Math.round(alert.risk),
    risk_level_id: riskLevelId,
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Keyhound', vendor_name: 'Keyhound', version: productVersion },
      uid: alert.alertId,
      tenant_uid: alert.tenantId,
      correlation_uid: alert.incidentId,
      labels: alert.techniques.filter(id => !isAttackTechnique(id)).map(id => `OWASP API Security ${id}`),
    },
    finding_info: {
      uid: alert.alertId,
      title: alert.title,
      desc: alert.reasons.map(reason => reason.text).join('\n') || null,
      types: alert.reasons.map(reason => reason.code),
      analytic: {
        uid: alert.model,
        name: 'Keyhound',
        type_id: 4,
        type: 'Learning (ML/DL)',
        version: productVersion,
      },
      attacks: alert.techniques.filter(isAttackTechnique).map(attackOf),
      created_time: last,
      first_seen_time: first,
      last_seen_time: last,
      data_sources: ['API access log'],
    },
    resources: [{ uid: alert.tokenId, type: 'API token', owner: { uid: alert.principalId } }],
    evidences: evidencesOf(alert, events),
    anomaly_analyses: alert.reasons.map(reason => analysisOf(reason, alert)),
    observables: observablesOf(alert, events),
    unmapped: {
      score: alert.score,
      maturity: alert.maturity,
      token_hours: alert.windows,
      suppressed_because: alert.suppressedBecause,
      verdict: alert.verdict?.verdict ?? null,
      contributions: Object.fromEntries(alert.reasons.map(reason => [reason.code, reason.contribution])),
    },
  })
}

/** severity_id, severity, risk_level_id. */
const SEVERITIES: Readonly<Record<Severity, readonly [number, string, number]>> = {
  info: [1, 'Informational', 0],
  low: [2, 'Low', 1],
  medium: [3, 'Medium', 2],
  high: [4, 'High', 3],
  critical: [5, 'Critical', 4],
}

/** status_id 3: reviewed and judged benign, or held back; 2: under review. */
const JUDGED: Readonly<Record<Verdict, readonly [number, string]>> = {
  true_positive: [2, 'In Progress'],
  false_positive: [3, 'Suppressed'],
  benign_trigger: [3, 'Suppressed'],
  duplicate: [3, 'Suppressed'],
}

function statusOf({ status, verdict }: TriagedAlert): readonly [number, string] {
  if (status === 'acknowledged') return [2, 'In Progress']
  if (verdict !== null) return JUDGED[verdict.verdict]
  return status === 'suppressed' ? [3, 'Suppressed'] : [1, 'New']
}

/** The filter's probability where one judged the alert, else how much history stands behind the baselines. */
function confidenceOf({ filterProbability, maturity }: TriagedAlert): OcsfObject {
  const share = filterProbability ?? maturity
  if (share === null) return { confidence_id: 0, confidence: 'Unknown' }
  const level = Math.min(2, Math.floor(3 * share))
  return {
    confidence_score: Math.round(100 * share),
    confidence_id: 1 + level,
    confidence: ['Low', 'Medium', 'High'][level],
  }
}

function attackOf(id: string): OcsfObject {
  const [technique] = id.split('.') as [string]
  return technique === id
    ? { technique: namedTechnique(id) }
    : { technique: namedTechnique(technique), sub_technique: namedTechnique(id) }
}

/** A reason: what it is about, each of its facts as an anomaly, and what is usual under each frame as a baseline. */
function analysisOf(reason: Reason, { tokenId, principalId, firstSeen, lastSeen }: TriagedAlert): OcsfObject {
  const facts = reason.facts ?? [reason]
  const timespan = { start_time: firstSeen.getTime(), end_time: lastSeen.getTime() }
  const anomalies = facts.map(fact => ({
    observation_parameter: parameterOf(fact),
    ...patternOf(fact),
    observations: [{ value: textOf(fact.actual), timespan }],
  }))
  const baselines = facts.flatMap(fact =>
    framesOf(fact).map(({ frame, values }) => ({
      observation_parameter: parameterOf(fact),
      observation_type: patternOf(fact).observation_type,
      observed_pattern: FRAMES[frame],
      observations: values.map(value => ({ value })),
    })),
  )
  return {
    analysis_targets: [
      { name: tokenId, type: 'API token' },
      { name: principalId, type: 'Principal' },
    ],
    anomalies,
    baselines: baselines.length === 0 ? null : baselines,
  }
}

const FRAMES: Readonly<Record<Frame, string>> = {
  self: 'OWN_HISTORY',
  peer: 'TOKENS_OF_ITS_ROLE',
  tenant: 'TOKENS_OF_ITS_TENANT',
}

/** What is usual, by frame: as measured where it was, else as the fact itself says. */
function framesOf(fact: ReasonFact): { frame: Frame; values: string[] }[] {
  if (fact.frames !== undefined) {
    return fact.frames.map(({ frame, typical, highest }) => ({
      frame,
      values: highest === null ? [textOf(typical)] : [`median ${typical}`, `highest ${highest}`],
    }))
  }
  return fact.typical === null ? [] : [{ frame: fact.frame, values: [textOf(fact.typical)] }]
}

function parameterOf({ code, unit }: ReasonFact): string {
  return unit === null || unit === undefined ? code : `${code} (${unit})`
}

function textOf(value: number | string | null): string {
  return value === null ? 'unknown' : String(value)
}

/** Kind of analysis and pattern, in the terms that the schema suggests. */
function patternOf({ code, typical, actual }: ReasonFact): {
  observation_type: string
  observed_pattern: string
} {
  if (code === 'unusual_hour')
    return { observation_type: 'Time Pattern Analysis', observed_pattern: 'UNUSUAL_TIME' }
  if (code.startsWith('slow_')) return { observation_type: 'Trend Analysis', observed_pattern: 'SLOW_RISE' }
  if (code === 'unusual_bigram' || code === 'unusual_fresh_bigrams')
    return { observation_type: 'Sequence Analysis', observed_pattern: 'UNUSUAL_SEQUENCE' }
  if (typeof actual === 'string' || typeof typical === 'string')
    return {
      observation_type: 'Frequency Analysis',
      observed_pattern: typical === 'never seen' ? 'UNSEEN' : 'RARE',
    }
  return { observation_type: 'Volume Analysis', observed_pattern: typical === 0 ? 'SURGE' : 'HIGH_VOLUME' }
}

/** The events that reasons name, each once, with the first reason that names it. */
function namedEvents(
  { reasons }: TriagedAlert,
  events: ReadonlyMap<string, ExampleEvent>,
): { reason: Reason; event: ExampleEvent }[] {
  const named = new Map<string, { reason: Reason; event: ExampleEvent }>()
  for (const reason of reasons) {
    for (const id of reason.events ?? []) {
      const event = events.get(id)
      if (event !== undefined && !named.has(id)) named.set(id, { reason, event })
    }
  }
  return [...named.values()]
}

function evidencesOf(alert: TriagedAlert, events: ReadonlyMap<string, ExampleEvent>): OcsfObject[] {
  return namedEvents(alert, events).map(({ reason, event }) => ({
    uid: event.eventId,
    name: reason.code,
    actor: { user: { uid: alert.principalId }, session: { credential_uid: alert.tokenId } },
    api:
      event.operation === null
        ? null
        : {
            operation: event.operation,
            response: event.status === null ? null : { code: event.status },
          },
    http_request:
      event.method === null && event.userAgent === null
        ? null
        : { http_method: event.method, user_agent: event.userAgent },
    http_response: event.status === null ? null : { code: event.status, length: event.responseBytes },
    src_endpoint:
      event.sourceIp === null
        ? null
        : {
            ip: event.sourceIp,
            location: event.country === null ? null : { country: event.country },
            autonomous_system: event.asn === null ? null : { number: event.asn, name: event.asOrg },
          },
    resources: event.resourceId === null ? null : [{ uid: event.resourceId, type: event.resourceType }],
    data: { time: event.time.getTime(), client: event.client, required_scope: event.requiredScope },
  }))
}

/** What an investigation turns on: type_id as in the schema's Observable object. */
function observablesOf(alert: TriagedAlert, events: ReadonlyMap<string, ExampleEvent>): OcsfObject[] {
  const found = new Map<string, OcsfObject>()
  const add = (typeId: number, type: string, name: string, value: string | null) => {
    if (value !== null) found.set(`${typeId} ${value}`, { type_id: typeId, type, name, value })
  }
  add(10, 'Resource UID', 'resources[0].uid', alert.tokenId)
  namedEvents(alert, events).forEach(({ event }, i) => {
    const at = `evidences[${i}]`
    if (!found.has(`2 ${event.sourceIp}`)) add(2, 'IP Address', `${at}.src_endpoint.ip`, event.sourceIp)
    if (!found.has(`16 ${event.userAgent}`))
      add(16, 'HTTP User-Agent', `${at}.http_request.user_agent`, event.userAgent)
    if (!found.has(`14 ${event.country}`))
      add(14, 'Country', `${at}.src_endpoint.location.country`, event.country)
  })
  return [...found.values()]
}

/** Unknown attributes are absent in the schema, never null. */
function withoutNulls(value: OcsfObject): OcsfObject {
  return JSON.parse(JSON.stringify(value, (_, item) => (item === null ? undefined : item))) as OcsfObject
}
