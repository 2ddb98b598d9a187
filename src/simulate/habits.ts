import type { Random } from '../lib/random.ts'
import { type Actor, DAY, HOUR, type Overlay } from './model.ts'

/** 0 Sunday ... 6 Saturday, in the actor's local time. */
function localWeekday(time: number, offset: number): number {
  return Math.floor((time + offset * HOUR) / DAY + 4) % 7
}

/** Local hour of the day, 0-24, fractional. */
export function localHour(time: number, offset: number): number {
  return ((((time + offset * HOUR) % DAY) + DAY) % DAY) / HOUR
}

const bump = (x: number, centre: number, width: number) => Math.exp(-0.5 * ((x - centre) / width) ** 2)

/** Relative activity at a moment, about 0 to 1: two humps around a lunch break for people, flatter for machines. */
export function activityAt(actor: Actor, time: number, shiftHours = 0): number {
  const hour = localHour(time, actor.offset + shiftHours)
  const weekday = localWeekday(time, actor.offset + shiftHours)
  const day = weekday === 0 || weekday === 6 ? actor.weekend : 1
  const span = actor.workEnd - actor.workStart
  switch (actor.role.rhythm) {
    case 'human':
      return (
        day *
        (bump(hour, actor.workStart + 0.28 * span, span / 7) +
          0.9 * bump(hour, actor.workStart + 0.74 * span, span / 7) +
          (day < 1 ? 0.3 : 0.06) * bump(hour, 20.5, 1.5) +
          0.0008)
      )
    case 'mobile':
      return (
        day * (0.7 * bump(hour, actor.workStart - 1, 1) + bump(hour, 13, 3) + 0.8 * bump(hour, 19, 2) + 0.01)
      )
    case 'ci':
      return day * (bump(hour, 11, 2.2) + bump(hour, 16, 2.2) + 0.03) + 0.04
    case 'stream':
      return 0.35 + day * 0.65 * bump(hour, 13.5, 4)
    default:
      return 1
  }
}

/** Factor of a UTC day on the volume: weekends, month's ends in finance. */
export function dayFactor(actor: Actor, dayStart: number): number {
  const noon = dayStart + 12 * HOUR
  const weekday = localWeekday(noon, actor.offset)
  const weekend = weekday === 0 || weekday === 6
  const rhythm = actor.role.rhythm
  let factor = weekend && rhythm !== 'cron' && rhythm !== 'batch' ? actor.weekend : 1
  if (rhythm === 'stream' && weekend) factor = 0.4 + 0.6 * actor.weekend
  if (actor.role.name === 'finance') {
    const date = new Date(noon)
    const tomorrow = new Date(noon + DAY)
    if (tomorrow.getUTCDate() <= 2 || date.getUTCDate() <= 3) factor *= 1.8
  }
  return factor
}

/**
 * Relative volumes of one actor, a day each: weight x weekday x two layers of log-normal noise (days and weeks), zero on
 * days off. Overlays (absence, growth) are applied on top.
 */
export function plannedVolumes(
  actor: Actor,
  days: number,
  start: number,
  overlays: readonly Overlay[],
  random: Random,
): Float64Array {
  const out = new Float64Array(days)
  const sd = actor.dayToDay
  const human = actor.role.rhythm === 'human' || actor.role.rhythm === 'mobile'
  let week = 0
  for (let day = 0; day < days; day++) {
    if (day % 7 === 0) week = random.normal()
    const noise = Math.exp(sd * (0.85 * random.normal() + 0.5 * week) - 0.5 * sd * sd)
    const off = random.chance(human ? 0.05 : 0.003)
    if (off || day < actor.firstDay || day >= actor.lastDay) continue
    if (actor.silent.some(gap => day >= gap.from && day < gap.until)) continue
    const begin = start + day * DAY
    let volume = actor.weight * dayFactor(actor, begin) * noise
    for (const overlay of overlays) {
      if (overlay.start >= begin + DAY || overlay.end <= begin) continue
      if (overlay.absent) volume = 0
      if (overlay.volume) volume *= overlay.volume(day)
    }
    out[day] = volume
  }
  return out
}
