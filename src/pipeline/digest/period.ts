import { KeyhoundError } from '../../lib/errors.ts'

export const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

/** Whole UTC days; `to` is exclusive. */
export interface Period {
  readonly from: Date
  readonly to: Date
  readonly week: string | null
}

/**
 * The period that a digest is of: an ISO week (`2026-W41`, or a day of it), or from and to, of which the other end is a week away. Without
 * any, the last week that ended by `now`. Throws `usage` for what is neither, or begins later than it ends.
 */
export function periodOf({ week, from, to }: { week?: string; from?: Date; to?: Date }, now: Date): Period {
  if (week !== undefined) {
    if (from !== undefined || to !== undefined)
      throw new KeyhoundError('usage', 'a week has its own beginning and end: leave out --from and --to')
    const monday = parseWeek(week)
    return { from: monday, to: new Date(monday.getTime() + WEEK_MS), week: weekName(monday) }
  }
  if (from === undefined && to === undefined) {
    const monday = mondayOf(now)
    const start = new Date(monday.getTime() - WEEK_MS)
    return { from: start, to: monday, week: weekName(start) }
  }
  const begin = startOfDay(from ?? new Date(to!.getTime() - WEEK_MS))
  const end = to === undefined ? new Date(begin.getTime() + WEEK_MS) : endOfDay(to)
  if (begin >= end)
    throw new KeyhoundError('usage', `the period ends (${iso(end)}) before it begins (${iso(begin)})`)
  const isWeek = end.getTime() - begin.getTime() === WEEK_MS && mondayOf(begin).getTime() === begin.getTime()
  return { from: begin, to: end, week: isWeek ? weekName(begin) : null }
}

/** Its UTC days, YYYY-MM-DD. */
export function daysOf({ from, to }: Period): string[] {
  const days: string[] = []
  for (let at = from.getTime(); at < to.getTime(); at += DAY_MS)
    days.push(new Date(at).toISOString().slice(0, 10))
  return days
}

function parseWeek(text: string): Date {
  const parts = /^(\d{4})-?W(\d{1,2})$/i.exec(text)
  if (parts !== null) {
    // The first week of a year is that of 4 January (ISO 8601).
    const first = mondayOf(new Date(`${parts[1]}-01-04T00:00:00Z`))
    const monday = new Date(first.getTime() + (Number(parts[2]) - 1) * WEEK_MS)
    if (weekName(monday) === `${parts[1]}-W${parts[2]!.padStart(2, '0')}`) return monday
  }
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined
  if (day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text))
    return mondayOf(day)
  throw new KeyhoundError('usage', `"${text}" is no week; write 2026-W41, or a day of the week: 2026-10-07`)
}

/** 1970-01-05 was a Monday. */
function mondayOf(time: Date): Date {
  const since = time.getTime() - 4 * DAY_MS
  return new Date(4 * DAY_MS + Math.floor(since / WEEK_MS) * WEEK_MS)
}

/** The year of an ISO week is that of its Thursday. */
function weekName(monday: Date): string {
  const year = new Date(monday.getTime() + 3 * DAY_MS).getUTCFullYear()
  const first = mondayOf(new Date(Date.UTC(year, 0, 4)))
  const number = 1 + Math.round((monday.getTime() - first.getTime()) / WEEK_MS)
  return `${year}-W${String(number).padStart(2, '0')}`
}

function startOfDay(time: Date): Date {
  return new Date(Math.floor(time.getTime() / DAY_MS) * DAY_MS)
}

function endOfDay(time: Date): Date {
  return new Date(Math.ceil(time.getTime() / DAY_MS) * DAY_MS)
}

function iso(time: Date): string {
  return time.toISOString().slice(0, 10)
}
