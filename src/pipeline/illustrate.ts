import { dayEventsSql, type EventPart } from '../activity/day-events.sql.ts'
import { tailsBeforeSql } from '../activity/tails.sql.ts'
import { FEATURE_PARAMETERS } from '../features/parameters.ts'
import type { Reason, ReasonFact } from '../schema/scores.ts'
import { quoteText, timestampLiteral } from '../sql/duckdb.ts'
import { listParquet, partition, type Workspace } from '../sql/workspace.ts'
import type { Context } from './context.ts'
import { readExampleEvents } from './illustrate/example-events.ts'
import { readFrames } from './illustrate/frames.ts'
import type { ExplainedHour } from './illustrate/hour.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * The reasons of token-hours of one UTC day with what the history and the events say of them: each fact's usual values for
 * the token itself, its role and its tenant, and each reason's most telling events. In the order of `hours`.
 */
export async function illustrate(
  { engine, workspace }: Pick<Context, 'engine' | 'workspace'>,
  day: string,
  hours: readonly ExplainedHour[],
): Promise<Reason[][]> {
  if (hours.length === 0) return []
  const before = (folder: string) =>
    Array.from({ length: FEATURE_PARAMETERS.historyDays }, (_, i) =>
      new Date(Date.parse(day) - (i + 1) * DAY_MS).toISOString().slice(0, 10),
    ).flatMap(past => listParquet(partition(folder, past)))
  const past = { features: before(workspace.features), facets: before(workspace.facets) }
  await engine.load('asked_hours', {
    number: Float64Array.from(hours.keys()),
    tenant_id: hours.map(hour => hour.tenantId),
    token_id: hours.map(hour => hour.tokenId),
    start: Float64Array.from(hours, hour => hour.windowStart),
  })
  await engine.run(dayEventsSql([askedEvents(workspace, day, hours)]))
  const events = await readExampleEvents(engine, past.facets, hours)
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

/** The events of the asked tokens from the first asked hour to the last, knowing what came before them. */
function askedEvents(
  workspace: Pick<Workspace, 'events' | 'tails'>,
  day: string,
  hours: readonly ExplainedHour[],
): EventPart {
  const starts = hours.map(hour => hour.windowStart)
  const since = new Date(Math.min(...starts))
  const until = new Date(Math.max(...starts) + HOUR_MS)
  const tails = listParquet(partition(workspace.tails, day)).map(quoteText).join(', ')
  return {
    files: listParquet(partition(workspace.events, day)),
    where: `time < ${timestampLiteral(until)} AND (tenant_id, token_id) IN (SELECT (tenant_id, token_id) FROM asked_hours)`,
    since,
    before: tailsBeforeSql(
      `SELECT * FROM read_parquet([${tails}], hive_partitioning = false)`,
      timestampLiteral(since),
    ),
  }
}
