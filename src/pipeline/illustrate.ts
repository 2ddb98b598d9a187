import { FEATURE_PARAMETERS } from '../features/parameters.ts'
import type { Reason, ReasonFact } from '../schema/scores.ts'
import { listParquet, partition } from '../sql/workspace.ts'
import type { Context } from './context.ts'
import { dayEventsSql } from './illustrate/day-events.sql.ts'
import { readExampleEvents } from './illustrate/example-events.ts'
import { askedValues, readFrames } from './illustrate/frames.ts'
import type { ExplainedHour } from './illustrate/hour.ts'
import { readKnownValues } from './illustrate/known-values.ts'

const DAY_MS = 86_400_000

/**
 * The reasons of token-hours of one UTC day with what the history and the events say of them: each fact's usual values for
 * the token itself, its role and its tenant, and each reason's most telling events. In the order of `hours`.
 */
export async function illustrate(
  context: Context,
  day: string,
  hours: readonly ExplainedHour[],
): Promise<Reason[][]> {
  if (hours.length === 0) return []
  const { engine, workspace } = context
  const values = await readKnownValues(context, day, hours, askedValues(hours))
  const before = (folder: string) =>
    Array.from({ length: FEATURE_PARAMETERS.historyDays }, (_, i) =>
      new Date(Date.parse(day) - (i + 1) * DAY_MS).toISOString().slice(0, 10),
    ).flatMap(past => listParquet(partition(folder, past)))
  const past = { features: before(workspace.features), values }
  await engine.load('asked_hours', {
    number: Float64Array.from(hours.keys()),
    tenant_id: hours.map(hour => hour.tenantId),
    token_id: hours.map(hour => hour.tokenId),
    start: Float64Array.from(hours, hour => hour.windowStart),
  })
  const asked = '(tenant_id, token_id) IN (SELECT (tenant_id, token_id) FROM asked_hours)'
  await engine.run(dayEventsSql(listParquet(partition(workspace.events, day)), asked))
  const events = await readExampleEvents(engine, values, hours)
  const frames = await readFrames(engine, past, hours)
  await engine.run('DROP TABLE asked_hours; DROP TABLE day_events')
  return hours.map((hour, h) =>
    hour.reasons.map((reason, r): Reason => {
      const framed = (fact: ReasonFact): ReasonFact => {
        const found = frames(h, fact)
        return found.length === 0 ? fact : { ...fact, frames: found }
      }
      const facts = reason.facts?.map(framed)
      const lead = facts?.[0]?.frames
      return {
        ...reason,
        ...(lead && { frames: lead }),
        ...(facts && { facts }),
        events: events.get(`${h}/${r}`) ?? [],
      }
    }),
  )
}
