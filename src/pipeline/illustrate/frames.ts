import { FACETS } from '../../schema/activity.ts'
import type { Frame, FrameValue, ReasonFact } from '../../schema/scores.ts'
import type { ExplainedHour } from './hour.ts'
import type { AskedValue, KnownValues } from './known-values.ts'
import { type Usual, usualOf } from './metric-frames.ts'
import { byDay, type PastHours, type PastNumber, type PastReader } from './past-hours.ts'
import { valueFrames } from './value-frames.ts'

const FRAMES: readonly Frame[] = ['self', 'peer', 'tenant']

interface Past {
  /** Feature files of the days before, ascending. */
  readonly features: readonly string[]
  readonly reader: PastReader
  /** Who showed what on them; null where that is not known any more. */
  readonly values: KnownValues | null
}

/**
 * What is usual for each fact of the asked hours under each frame, measured on the days before. Facts that the history cannot say (drift,
 * speed) have none.
 */
export async function readFrames(
  { features, reader, values }: Past,
  hours: readonly ExplainedHour[],
): Promise<(hour: number, fact: ReasonFact) => FrameValue[]> {
  if (features.length === 0) return () => []
  const codes = new Set(
    hours.flatMap(({ reasons }) => reasons.flatMap(reason => (reason.facts ?? []).map(fact => fact.code))),
  )
  const metrics = reader.numbers.filter(({ name }) => codes.has(`unusual_${name}`))
  const tenants = new Set(hours.map(hour => hour.tenantId))
  const past = await reader.read(
    features,
    metrics.map(({ name }) => name),
    tenants,
  )
  const numbers = metricFrames(past, metrics, hours)
  const shares = values === null ? null : valueFrames(past, values, hours, askedValues(hours))
  return (hour, fact) =>
    FRAMES.flatMap((frame): FrameValue[] => {
      const number = numbers(hour, fact, frame)
      if (number !== null) return [{ frame, ...number }]
      const value = shares?.get(JSON.stringify([hour, frame, nameOf(fact), fact.actual]))
      return value === undefined ? [] : [{ frame, typical: value, highest: null }]
    })
}

/** The metric or facet that a fact is of. */
function nameOf({ code }: ReasonFact): string {
  return code.replace(/^unusual_/, '')
}

/** Median and largest of the metric that a fact is of: over hours with traffic, of running totals over days; null for others. */
function metricFrames(
  past: PastHours,
  metrics: readonly PastNumber[],
  hours: readonly ExplainedHour[],
): (hour: number, fact: ReasonFact, frame: Frame) => Usual | null {
  const levels = new Map(metrics.map(({ name, level }) => [name, level]))
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
