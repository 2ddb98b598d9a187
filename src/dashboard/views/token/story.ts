import type { Row } from '../../lib/rows.ts'

export type Activity = Row<'TokenActivity'>
export type Profile = Row<'TokenProfile'>
export type Alert = Row<'Alert'>

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** When an alert was seen, as the timeline marks it. */
export interface Window {
  readonly from: Date
  readonly to: Date
  readonly alert: Alert
}

export function windowsOf(alerts: readonly Alert[]): Window[] {
  return alerts
    .filter(alert => alert.shown !== 'suppressed')
    .map(alert => ({ from: new Date(alert.firstSeen), to: new Date(alert.lastSeen), alert }))
}

/** The UTC days of a story, YYYY-MM-DD. */
export function daysOf({ from, to }: Activity['subject']): string[] {
  const days: string[] = []
  for (let at = Date.parse(from); at < Date.parse(to); at += DAY_MS)
    days.push(new Date(at).toISOString().slice(0, 10))
  return days
}

/** The hour that tells most: the riskiest, the last of equal ones. */
export function riskiestHour(hours: Activity['hours']): string | null {
  let found: Activity['hours'][number] | null = null
  for (const hour of hours) if (hour.risk !== null && hour.risk >= (found?.risk ?? 0)) found = hour
  return found?.start ?? hours.at(-1)?.start ?? null
}

/** One hour of the week on the token's own clock. */
export interface WeekHour {
  /** 0 Monday to 6 Sunday. */
  readonly weekday: number
  readonly hour: number
  readonly requests: number
  readonly isAlerted: boolean
}

/** Requests by hour of the week, on a clock so many hours ahead of UTC. */
export function weekOf(
  hours: Activity['hours'],
  windows: readonly Window[],
  offsetHours: number,
): WeekHour[] {
  const cells = new Map<number, { requests: number; isAlerted: boolean }>()
  for (const { start, requests } of hours) {
    const at = Date.parse(start)
    const own = new Date(at + offsetHours * HOUR_MS)
    const key = ((own.getUTCDay() + 6) % 7) * 24 + own.getUTCHours()
    const known = cells.get(key) ?? { requests: 0, isAlerted: false }
    const isAlerted = windows.some(window => at >= window.from.getTime() && at < window.to.getTime())
    cells.set(key, { requests: known.requests + requests, isAlerted: known.isAlerted || isAlerted })
  }
  return [...cells].map(([key, cell]) => ({ weekday: Math.floor(key / 24), hour: key % 24, ...cell }))
}

/** How an operation stands to the permission cluster of its token. */
export type Standing = 'outside' | 'rare' | 'usual' | 'unused' | 'unknown'

/** Below this share of a cluster's tokens an operation is rare in it: fewer than one in four. */
const RARE_SHARE = 0.25
/** Nobody of the cluster but this token, or nobody at all. */
const OUTSIDE_SHARE = 0.02

export function standingOf({ requests, clusterShare }: Profile['operations'][number]): Standing {
  if (clusterShare === null) return 'unknown'
  if (requests === 0) return 'unused'
  if (clusterShare <= OUTSIDE_SHARE) return 'outside'
  return clusterShare < RARE_SHARE ? 'rare' : 'usual'
}

export const hourEnd = (start: string): string => new Date(Date.parse(start) + HOUR_MS).toISOString()
