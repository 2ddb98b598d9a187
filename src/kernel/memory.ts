import { FEATURE_PARAMETERS } from '../features/parameters.ts'

/** Days that the rings of tokens hold: the memory of the baselines, today, and room to a round number. */
export const RING_DAYS = 48

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000

const { historyDays } = FEATURE_PARAMETERS

/** Place of a day, counted from the epoch, in a ring. */
export function ringSlot(day: number): number {
  return day % RING_DAYS
}

/** Place of the day before the one at a place: loops over a ring step instead of dividing. */
export function slotBefore(slot: number): number {
  return slot === 0 ? RING_DAYS - 1 : slot - 1
}

/** First day, counted from the epoch, that a day remembers. */
export function firstRemembered(day: number): number {
  return day - historyDays
}

/** Day, counted from the epoch, of a UTC date `YYYY-MM-DD`. */
export function dayNumber(date: string): number {
  return Date.parse(date) / DAY_MS
}

/** UTC date of a day counted from the epoch. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** Saturday or Sunday. The epoch was a Thursday. */
export function isWeekend(day: number): boolean {
  const weekday = (day + 4) % 7
  return weekday === 0 || weekday === 6
}

/** Slot of an hour in the week as habits know it: 0 to 23 on weekdays, 24 to 47 on weekends. */
export function weekSlot(day: number, hour: number): number {
  return (isWeekend(day) ? 24 : 0) + hour
}

/** The same of an hour counted from the epoch. */
export function slotOfHour(hour: number): number {
  return weekSlot(Math.floor(hour / 24), hour % 24)
}
