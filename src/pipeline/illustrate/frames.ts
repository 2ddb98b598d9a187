import { METRICS } from '../../features/metrics.ts'
import { FACETS } from '../../schema/activity.ts'
import type { Frame, FrameValue, ReasonFact } from '../../schema/scores.ts'
import type { Engine } from '../../sql/duckdb.ts'
import { parquet } from '../batch.ts'
import type { ExplainedHour } from './hour.ts'
import type { KnownValues } from './known-values.ts'

const FRAMES: readonly Frame[] = ['self', 'peer', 'tenant']

/** Of which relation to the asked token a row of `past_hours` (p) is: own, others of its role, others of its tenant. */
const IN_FRAME: Readonly<Record<Frame, string>> = {
  self: 'p.token_id = h.token_id',
  // Where the log names no roles the tenant says it all.
  peer: 'p.token_id <> h.token_id AND p.role = r.role',
  tenant: 'p.token_id <> h.token_id',
}

interface Past {
  /** Feature files of the days before. */
  readonly features: readonly string[]
  /** Who showed what on them; undefined where that is not known any more. */
  readonly values: KnownValues | undefined
}

/**
 * What is usual for each fact of the asked hours under each frame, measured on the days before. Reads the table asked_hours.
 * Facts that the history cannot say (drift, speed) have none.
 */
export async function readFrames(
  engine: Engine,
  past: Past,
  hours: readonly ExplainedHour[],
): Promise<(hour: number, fact: ReasonFact) => FrameValue[]> {
  if (past.features.length === 0) return () => []
  const facts = hours.flatMap(({ reasons }, number) =>
    reasons.flatMap(reason => (reason.facts ?? []).map(fact => ({ number, fact }))),
  )
  const metrics = METRICS.filter(({ name }) => facts.some(({ fact }) => fact.code === `unusual_${name}`))
  await engine.run(`
CREATE OR REPLACE TEMP TABLE past_hours AS
SELECT tenant_id, token_id, window_start, role${metrics.map(({ name }) => `, ${name}_actual`).join('')}
FROM ${parquet(past.features)} WHERE tenant_id IN (SELECT tenant_id FROM asked_hours);
CREATE OR REPLACE TEMP TABLE past_roles AS
SELECT tenant_id, token_id, arg_max(role, window_start) AS role, count(DISTINCT window_start::DATE) AS days
FROM past_hours GROUP BY ALL`)
  const numbers = await metricFrames(engine, metrics)
  const values = await valueFrames(engine, past.values, hours, facts)
  await engine.run('DROP TABLE past_hours; DROP TABLE past_roles')
  return (hour, { code, actual }) => {
    const name = code.replace(/^unusual_/, '')
    return FRAMES.flatMap((frame): FrameValue[] => {
      const number = numbers.get(`${hour} ${frame} ${name}`)
      if (number !== undefined) return [{ frame, ...number }]
      const value = values.get(JSON.stringify([hour, frame, name, actual]))
      return value === undefined ? [] : [{ frame, typical: value, highest: null }]
    })
  }
}

/** Median and largest of each metric by `${hour} ${frame} ${metric}`: over hours with traffic, of running totals over days. */
async function metricFrames(
  engine: Engine,
  metrics: readonly (typeof METRICS)[number][],
): Promise<Map<string, { typical: number; highest: number }>> {
  const found = new Map<string, { typical: number; highest: number }>()
  for (const level of ['hour', 'day'] as const) {
    const names = metrics.filter(metric => metric.level === level).map(metric => metric.name)
    if (names.length === 0) continue
    const source =
      level === 'hour'
        ? 'past_hours'
        : `(SELECT tenant_id, token_id, arg_max(role, window_start) AS role, ${names.map(name => `max(${name}_actual) AS ${name}_actual`).join(', ')}
            FROM past_hours GROUP BY tenant_id, token_id, window_start::DATE)`
    for (const frame of FRAMES) {
      const columns = names.map(
        name =>
          `median(${name}_actual)::DOUBLE AS ${name}_typical, max(${name}_actual)::DOUBLE AS ${name}_highest`,
      )
      const rows = await engine.rows<Record<string, number | null>>(`
SELECT h.number, ${columns.join(', ')} FROM asked_hours h
LEFT JOIN past_roles r ON r.tenant_id = h.tenant_id AND r.token_id = h.token_id
JOIN ${source} p ON p.tenant_id = h.tenant_id AND ${IN_FRAME[frame]} GROUP BY h.number`)
      for (const row of rows) {
        for (const name of names) {
          const typical = row[`${name}_typical`]
          const highest = row[`${name}_highest`]
          if (typeof typical === 'number' && typeof highest === 'number')
            found.set(`${row.number} ${frame} ${name}`, { typical, highest })
        }
      }
    }
  }
  return found
}

/** Who used a value before, in words, by [hour, frame, facet, value]: `0 of 31 days` of the token itself, `2 of 14 tokens`. */
async function valueFrames(
  engine: Engine,
  past: KnownValues | undefined,
  hours: readonly ExplainedHour[],
  facts: readonly { readonly number: number; readonly fact: ReasonFact }[],
): Promise<Map<string, string>> {
  const asked = facts.flatMap(({ number, fact }) => {
    const facet = FACETS.find(({ name }) => fact.code === `unusual_${name}`)?.name
    return facet === undefined || fact.actual === null ? [] : [{ number, facet, value: String(fact.actual) }]
  })
  if (asked.length === 0 || past === undefined) return new Map()
  const users = past.usersOf(asked.map(one => ({ ...one, ...hours[one.number]! })))
  await engine.load('value_users', {
    tenant_id: users.map(one => one.tenantId),
    token_id: users.map(one => one.tokenId),
    facet: users.map(one => one.facet),
    value: users.map(one => one.value),
    days: Float64Array.from(users, one => one.days),
  })
  await engine.load('asked_values', {
    number: Float64Array.from(asked, one => one.number),
    facet: asked.map(one => one.facet),
    value: asked.map(one => one.value),
  })
  const rows = await engine.rows<Record<string, number> & { facet: string; value: string }>(`
SELECT a.number, a.facet, a.value,
  coalesce(sum(u.days) FILTER (${IN_FRAME.self}), 0)::DOUBLE AS self_have, coalesce(sum(p.days) FILTER (${IN_FRAME.self}), 0)::DOUBLE AS self_of,
  ${(['peer', 'tenant'] as const)
    .map(
      frame =>
        `count(u.token_id) FILTER (${IN_FRAME[frame]})::DOUBLE AS ${frame}_have, count(*) FILTER (${IN_FRAME[frame]})::DOUBLE AS ${frame}_of`,
    )
    .join(', ')}
FROM asked_values a JOIN asked_hours h USING (number)
LEFT JOIN past_roles r ON r.tenant_id = h.tenant_id AND r.token_id = h.token_id
JOIN past_roles p ON p.tenant_id = h.tenant_id
LEFT JOIN value_users u ON u.tenant_id = p.tenant_id AND u.token_id = p.token_id AND u.facet = a.facet AND u.value = a.value
GROUP BY a.number, a.facet, a.value`)
  await engine.run('DROP TABLE asked_values; DROP TABLE value_users')
  return new Map(
    rows.flatMap(row =>
      FRAMES.filter(frame => row[`${frame}_of`]! > 0).map(frame => {
        const things = frame === 'self' ? 'day' : 'token'
        const of = row[`${frame}_of`]!
        const key = JSON.stringify([row.number, frame, row.facet, row.value])
        return [key, `${row[`${frame}_have`]} of ${of} ${things}${of === 1 ? '' : 's'}`] as const
      }),
    ),
  )
}
