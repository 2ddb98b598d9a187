import { KeyhoundError } from '../lib/errors.ts'
import { listDays } from '../sql/workspace.ts'
import type { Context } from './context.ts'
import { newestEvent } from './newest-event.ts'

/** A time, or so long before the end of the log. */
export type Moment = Date | { readonly msBeforeEnd: number }

const HOUR_MS = 3_600_000

/** The moments given, as times. The log is looked at only where one counts back from its end; throws `not-found` if it is empty. */
export async function timesOf<Name extends string>(
  context: Context,
  moments: Readonly<Partial<Record<Name, Moment>>>,
): Promise<Partial<Record<Name, Date>>> {
  const given = (Object.entries(moments) as [Name, Moment | undefined][]).filter(
    ([, one]) => one !== undefined,
  )
  const isRelative = given.some(([, moment]) => !(moment instanceof Date))
  const end = isRelative ? (await endOfLog(context)).getTime() : Number.NaN
  const times = given.map(([name, moment]) => [
    name,
    moment instanceof Date ? moment : new Date(end - moment!.msBeforeEnd),
  ])
  return Object.fromEntries(times) as Partial<Record<Name, Date>>
}

/** The end of the hour of the newest event: hours are scored whole, so that a day back from a log of whole days is a whole day. */
async function endOfLog(context: Context): Promise<Date> {
  const { events, root } = context.workspace
  const days = listDays(events)
  if (days.length === 0) {
    throw new KeyhoundError(
      'not-found',
      `no events in ${events}, so no end of the log to count back from. Name a date, or bring logs in first: keyhound ingest PATH --workspace ${root}`,
      { where: events },
    )
  }
  const newest = await newestEvent(context, days)
  return new Date((Math.floor(newest.getTime() / HOUR_MS) + 1) * HOUR_MS)
}
