import { METRICS, type Metric } from '../../features/metrics.ts'
import { FACETS } from '../../schema/activity.ts'
import type { Frame, FrameValue, ReasonFact } from '../../schema/scores.ts'
import type { Engine } from '../../sql/duckdb.ts'
import { parquet } from '../batch.ts'
import type { ExplainedHour } from './hour.ts'
import type { AskedValue, KnownValues } from './known-values.ts'
import { type Usual, usualOf } from './metric-frames.ts'
import { byDay, readPastHours } from './past-hours.ts'

const FRAMES: readonly Frame[] = ['self', 'peer', 'tenant']

/** Of which relation to the asked token a row of `past_roles` (p) is: own, others of its role, others of its tenant. */
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
  await engine.run(`
CREATE OR REPLACE TEMP TABLE past_roles AS
SELECT tenant_id, token_id, arg_max(role, window_start) AS role, count(DISTINCT window_start::DATE) AS days
FROM ${parquet(past.features)} WHERE tenant_id IN (SELECT tenant_id FROM asked_hours) GROUP BY ALL`)
  const numbers = await metricFrames(engine, past.features, hours, facts)
  const values = await valueFrames(engine, past.values, hours)
  await engine.run('DROP TABLE past_roles')
  return (hour, fact) =>
    FRAMES.flatMap((frame): FrameValue[] => {
      const number = numbers(hour, fact, frame)
      if (number !== null) return [{ frame, ...number }]
      const value = values.get(JSON.stringify([hour, frame, nameOf(fact), fact.actual]))
      return value === undefined ? [] : [{ frame, typical: value, highest: null }]
    })
}

/** The metric or facet that a fact is of. */
function nameOf({ code }: ReasonFact): string {
  return code.replace(/^unusual_/, '')
}

interface AskedFact {
  /** Of the hour. */
  readonly number: number
  readonly fact: ReasonFact
}

/** Median and largest of the metric that a fact is of: over hours with traffic, of running totals over days; null for others. */
async function metricFrames(
  engine: Engine,
  files: readonly string[],
  hours: readonly ExplainedHour[],
  facts: readonly AskedFact[],
): Promise<(hour: number, fact: ReasonFact, frame: Frame) => Usual | null> {
  const metrics = METRICS.filter(({ name }) => facts.some(({ fact }) => fact.code === `unusual_${name}`))
  if (metrics.length === 0) return () => null
  const levels = new Map<string, Metric['level']>(metrics.map(({ name, level }) => [name, level]))
  const past = await readPastHours(engine, files, [...levels.keys()])
  const totals = metrics.filter(({ level }) => level === 'day').map(({ name }) => name)
  const rows = { hour: past, day: byDay(past, totals) }
  return (hour, fact, frame) => {
    const level = fact.code.startsWith('unusual_') ? levels.get(nameOf(fact)) : undefined
    return level === undefined ? null : usualOf(past, rows[level], nameOf(fact), frame, hours[hour]!)
  }
}

/** Values that the hours' facts are of, with the number of their hour. */
export function askedValues(hours: readonly ExplainedHour[]): (AskedValue & { readonly number: number })[] {
  return hours.flatMap(({ tenantId, tokenId, reasons }, number) =>
    reasons
      .flatMap(reason => reason.facts ?? [])
      .flatMap(({ code, actual }) => {
        const facet = FACETS.find(({ name }) => code === `unusual_${name}`)?.name
        const isAsked = facet !== undefined && actual !== null
        return isAsked ? [{ number, tenantId, tokenId, facet, value: String(actual) }] : []
      }),
  )
}

/** Who used a value before, in words, by [hour, frame, facet, value]: `0 of 31 days` of the token itself, `2 of 14 tokens`. */
async function valueFrames(
  engine: Engine,
  past: KnownValues | undefined,
  hours: readonly ExplainedHour[],
): Promise<Map<string, string>> {
  const asked = askedValues(hours)
  if (asked.length === 0 || past === undefined) return new Map()
  const { users, activeDays } = past
  await engine.load('known_days', {
    tenant_id: activeDays.map(one => one.tenantId),
    token_id: activeDays.map(one => one.tokenId),
    days: Float64Array.from(activeDays, one => one.days),
  })
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
  coalesce(sum(u.days) FILTER (${IN_FRAME.self}), 0)::DOUBLE AS self_have, coalesce(sum(k.days) FILTER (${IN_FRAME.self}), 0)::DOUBLE AS self_of,
  ${(['peer', 'tenant'] as const)
    .map(
      frame =>
        `count(u.token_id) FILTER (${IN_FRAME[frame]})::DOUBLE AS ${frame}_have, count(*) FILTER (${IN_FRAME[frame]})::DOUBLE AS ${frame}_of`,
    )
    .join(', ')}
FROM asked_values a JOIN asked_hours h USING (number)
LEFT JOIN past_roles r ON r.tenant_id = h.tenant_id AND r.token_id = h.token_id
JOIN past_roles p ON p.tenant_id = h.tenant_id
LEFT JOIN known_days k ON k.tenant_id = p.tenant_id AND k.token_id = p.token_id
LEFT JOIN value_users u ON u.tenant_id = p.tenant_id AND u.token_id = p.token_id AND u.facet = a.facet AND u.value = a.value
GROUP BY a.number, a.facet, a.value`)
  await engine.run('DROP TABLE asked_values; DROP TABLE value_users; DROP TABLE known_days')
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
