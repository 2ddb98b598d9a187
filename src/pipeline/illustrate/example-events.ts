import type { FacetName } from '../../schema/activity.ts'
import type { ReasonFact } from '../../schema/scores.ts'
import type { Engine } from '../../sql/duckdb.ts'
import { FACET_VALUES } from './day-events.sql.ts'
import type { ExplainedHour } from './hour.ts'
import type { KnownValues } from './known-values.ts'

/** Events named for a reason at most. */
const MOST_EXAMPLES = 5

/** Which events of the hour show a fact, over day_events (e) and the fact's `value`; the most telling first. */
interface Example {
  readonly where: string
  /** Higher comes first. @default the earliest */
  readonly weight?: string
}

/** The event's value of a facet was never used by the token on an earlier day. */
const firstSeen = (facet: FacetName): Example => ({
  where: `NOT EXISTS (SELECT 1 FROM token_past p WHERE p.tenant_id = e.tenant_id AND p.token_id = e.token_id
    AND p.facet = '${facet}' AND p.value = ${FACET_VALUES[facet]}) AND ${FACET_VALUES[facet]} IS NOT NULL`,
})
const withObject: Example = { where: 'resource_id IS NOT NULL' }
const changed = (column: string): Example => ({ where: `${column} <> previous_${column}` })
const denied: Example = { where: 'status IN (401, 403)', weight: 'is_sensitive::INT' }
const deleted: Example = { where: `kind = 'delete'`, weight: 'is_sensitive::INT' }
const sensitive: Example = { where: 'is_sensitive', weight: `(kind <> 'read')::INT` }
const largest: Example = { where: 'response_bytes IS NOT NULL', weight: 'response_bytes' }
const any: Example = { where: 'true' }

/** By what the code of a fact ends on, after `unusual_`, `slow_` or `slow_new_`, and `day_`. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  failed: { where: 'status >= 400' },
  denied,
  denied_sensitive: { where: 'is_sensitive AND status IN (401, 403)' },
  not_found: { where: 'status IN (404, 410)' },
  server_errors: { where: 'status >= 500' },
  writes: { where: `kind = 'write'`, weight: 'is_sensitive::INT' },
  deletes: deleted,
  sensitive,
  operations: firstSeen('operation'),
  fresh_operations: firstSeen('operation'),
  operation_entropy: any,
  fresh_bigrams: firstSeen('bigram'),
  objects: withObject,
  object_entropy: withObject,
  fresh_objects: firstSeen('object'),
  foreign_objects: firstSeen('object'),
  private_objects: firstSeen('object'),
  id_steps: { where: 'try_cast(resource_id AS BIGINT)::HUGEINT - previous_number BETWEEN 1 AND 3' },
  nets: changed('net'),
  ips: changed('net'),
  asns: changed('net'),
  clients: changed('client'),
  client_switches: changed('client'),
  country_switches: changed('country'),
  net_returns: { where: 'net <> previous_net AND net = net_before_last' },
  impossible_travel: { where: 'net <> previous_net AND latitude IS NOT NULL' },
  out_of_grant: { where: 'is_out_of_grant' },
  permission_violation: { where: 'operation = a.value OR required_scope = a.value' },
  response_bytes: largest,
  bytes_per_request: largest,
  largest_response: largest,
  request_bytes: { where: 'request_bytes IS NOT NULL', weight: 'request_bytes' },
  latency: { where: 'latency_ms IS NOT NULL', weight: 'latency_ms' },
  quick_gaps: { where: 'epoch_ms(time) - epoch_ms(previous_time) <= 1000' },
}

function exampleOf({ code, actual }: ReasonFact): { kind: string; example: Example } {
  const kind = code.replace(/^(unusual|slow)_/, '').replace(/^(new|day)_/, '')
  if (kind in FACET_VALUES && code.startsWith('slow_'))
    return { kind: code, example: firstSeen(kind as FacetName) }
  if (kind in FACET_VALUES && actual !== null)
    return { kind, example: { where: `${FACET_VALUES[kind as FacetName]} = a.value` } }
  return kind in EXAMPLES ? { kind, example: EXAMPLES[kind]! } : { kind: 'any', example: any }
}

/**
 * Ids of the events that show a reason, by `${hour}/${reason}`: those that show most of its facts, told in the order of the
 * facts. Reads the tables day_events and asked_hours.
 */
export async function readExampleEvents(
  engine: Engine,
  past: KnownValues | undefined,
  hours: readonly ExplainedHour[],
): Promise<Map<string, string[]>> {
  const asked = hours.flatMap(({ reasons }, h) =>
    reasons.flatMap((reason, r) =>
      (reason.facts ?? [reason]).map(fact => ({
        key: `${h}/${r}`,
        number: h,
        ...exampleOf(fact),
        value: fact.actual === null ? null : String(fact.actual),
        share: fact.contribution,
      })),
    ),
  )
  if (asked.length === 0) return new Map()
  await engine.load('asked_examples', {
    key: asked.map(one => one.key),
    number: Float64Array.from(asked, one => one.number),
    shown_by: asked.map(one => one.kind),
    value: asked.map(one => one.value),
    share: Float64Array.from(asked, one => one.share),
  })
  const known = past?.shownBefore ?? []
  await engine.load('token_past', {
    tenant_id: known.map(one => one.tenantId),
    token_id: known.map(one => one.tokenId),
    facet: known.map(one => one.facet),
    value: known.map(one => one.value),
  })
  const kinds = new Map(asked.map(one => [one.kind, one.example]))
  const shows = [...kinds].map(
    ([kind, { where, weight }]) => `
SELECT a.key, e.event_id, e.time, a.share, ${weight ?? '0'}::DOUBLE AS weight FROM asked_examples a JOIN hour_events e USING (number)
WHERE a.shown_by = '${kind}' AND (${where})`,
  )
  await engine.run(`
CREATE OR REPLACE TEMP TABLE hour_events AS
SELECT h.number, e.* FROM day_events e JOIN asked_hours h
  ON e.tenant_id = h.tenant_id AND e.token_id = h.token_id AND epoch_ms(e.window_start) = h.start`)
  const rows = await engine.rows<{ key: string; events: string[] }>(`
SELECT key, list(event_id ORDER BY share DESC, weight DESC, time, event_id)[1:${MOST_EXAMPLES}] AS events FROM (
  SELECT key, event_id, any_value(time) AS time, sum(share) AS share, max(weight) AS weight
  FROM (${shows.join('\nUNION ALL')}) GROUP BY key, event_id)
GROUP BY key`)
  await engine.run('DROP TABLE asked_examples; DROP TABLE token_past; DROP TABLE hour_events')
  return new Map(rows.map(row => [row.key, row.events]))
}
