import { type OpenDay, withOpenDay } from '../engine/open-day.ts'
import type { Definition } from '../features/define.ts'
import { FEATURE_PARAMETERS } from '../features/parameters.ts'
import { workspaceKey } from '../ingest/identity.ts'
import { DAY_MS } from '../kernel/memory.ts'
import type { Reason, ReasonFact } from '../schema/scores.ts'
import { listParquet, partition } from '../sql/workspace.ts'
import type { Context } from './context.ts'
import { readRulings } from './held.ts'
import { DayLog } from './illustrate/day-log.ts'
import { type EventName, nameEvent, readEventIds } from './illustrate/event-ids.ts'
import { exampleEvents, firstEvents, type Span } from './illustrate/example-events.ts'
import { askedValues, readFrames } from './illustrate/frames.ts'
import type { ExplainedHour } from './illustrate/hour.ts'
import { type KnownValues, knownValues } from './illustrate/known-values.ts'
import { createPastReader, type PastReader } from './illustrate/past-hours.ts'
import { catalogueOf } from './own-features.ts'

/** A token-hour that is shown with the first events of some hours of its token. */
export interface ShownHour extends ExplainedHour, Span {}

/** What shows a token-hour. */
export interface Illustrated {
  /** With what the history and the events say of them. */
  readonly reasons: readonly Reason[]
  /** Ids of the first events of its span. */
  readonly firstEvents: readonly string[]
}

/**
 * The reasons of token-hours of one UTC day with what the history and the events say of them: each fact's usual values for
 * the token itself, its role and its tenant, and each reason's most telling events. In the order of `hours`.
 */
export async function illustrate(
  context: Context,
  day: string,
  hours: readonly ExplainedHour[],
): Promise<(readonly Reason[])[]> {
  const shown = hours.map(hour => ({ ...hour, firstSeen: 0, lastSeen: 0 }))
  return (await illustrateShown(context, day, shown, 0)).map(({ reasons }) => reasons)
}

/**
 * The same, and the ids of the first events of each hour's span, at most `mostFirst`.
 *
 * @param reader of past hours; one at hand spares reading the days before again
 */
export async function illustrateShown(
  context: Context,
  day: string,
  hours: readonly ShownHour[],
  mostFirst: number,
  reader: PastReader = createPastReader(context.engine, catalogueOf(context)),
): Promise<Illustrated[]> {
  if (hours.length === 0) return []
  const { workspace } = context
  const { own } = catalogueOf(context)
  const { told, values } = await withDay(context, day, opened =>
    opened === undefined ? nothingOf(hours) : readLog(opened, hours, { mostFirst, own }),
  )
  const names = told.flatMap(({ examples, first }) => [...examples.flat(), ...first])
  const ids = await readEventIds(context, day, names)
  const idOf = new Map(names.map((name, n) => [name, ids[n]]))
  const idsOf = (events: readonly EventName[]) =>
    events.map(event => idOf.get(event)).filter(id => id !== undefined)
  const features = Array.from({ length: FEATURE_PARAMETERS.historyDays }, (_, i) =>
    new Date(Date.parse(day) - (FEATURE_PARAMETERS.historyDays - i) * DAY_MS).toISOString().slice(0, 10),
  ).flatMap(past => listParquet(partition(workspace.features, past)))
  const frames = await readFrames({ features, reader, values }, hours)
  return hours.map((hour, h) => ({
    firstEvents: idsOf(told[h]!.first),
    reasons: hour.reasons.map((reason, r): Reason => {
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
        events: idsOf(told[h]!.examples[r] ?? []),
      }
    }),
  }))
}

/** Events of each span of a day, counted. */
export async function countEvents(context: Context, day: string, spans: readonly Span[]): Promise<number[]> {
  if (spans.length === 0) return []
  return withDay(context, day, opened => {
    if (opened === undefined) return spans.map(() => 0)
    const log = new DayLog(opened)
    return spans.map(span => firstEvents(log, span, 0).count)
  })
}

function withDay<T>(context: Context, day: string, use: (opened: OpenDay | undefined) => T): Promise<T> {
  const { engine, workspace } = context
  const options = {
    key: workspaceKey(workspace),
    rulings: () => readRulings(context, day),
    catalogue: catalogueOf(context),
  }
  return withOpenDay(engine, workspace, day, options, async opened => use(opened))
}

/** What the engine knows of an hour: events by their names. */
interface Told {
  readonly examples: readonly (readonly EventName[])[]
  readonly first: readonly EventName[]
}

interface ToldDay {
  readonly told: readonly Told[]
  readonly values: KnownValues | null
}

/** What is said of hours of a day without events. */
function nothingOf(hours: readonly ShownHour[]): ToldDay {
  return { told: hours.map(() => ({ examples: [], first: [] })), values: null }
}

function readLog(
  opened: OpenDay,
  hours: readonly ShownHour[],
  { mostFirst, own }: { readonly mostFirst: number; readonly own: readonly Definition[] },
): ToldDay {
  const log = new DayLog(opened)
  const told = hours.map((hour): Told => {
    const name = (at: number) => nameEvent(log, hour.tenantId, hour.tokenId, at)
    return {
      examples: exampleEvents(log, hour, own).map(events => events.map(name)),
      first: firstEvents(log, hour, mostFirst).events.map(name),
    }
  })
  return { told, values: opened.knowsPast ? knownValues(opened, hours, askedValues(hours)) : null }
}
