import { zone } from './settings.ts'

const LOCALE = 'en-GB'
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 })
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumSignificantDigits: 3 })

/** 12,345; with three significant digits below a hundred; – for null. */
export function formatNumber(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return '–'
  return Number.isInteger(value) || Math.abs(value) >= 100 ? whole.format(value) : short.format(value)
}

/** 1.2M */
export const formatCompact = (value: number): string => compact.format(value)

/** 0.943 as 94.3 %; – for null. */
export function formatShare(value: number | null | undefined, digits = 1): string {
  return value == null ? '–' : `${(value * 100).toFixed(digits)} %`
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (Math.abs(value) >= 1000 && unit < BYTE_UNITS.length - 1) [value, unit] = [value / 1000, unit + 1]
  return `${short.format(value)} ${BYTE_UNITS[unit]}`
}

/** A span of time in its largest unit: 54 min, 3 h, 12 d. */
export function formatSpan(ms: number): string {
  const span = Math.abs(ms)
  if (span < MINUTE_MS) return `${Math.round(span / 1000)} s`
  if (span < 2 * HOUR_MS) return `${Math.round(span / MINUTE_MS)} min`
  if (span < 2 * DAY_MS) return `${Math.round(span / HOUR_MS)} h`
  return `${Math.round(span / DAY_MS)} d`
}

/** 3 h ago */
export function formatAge(moment: string | Date, now: Date): string {
  const ms = now.getTime() - new Date(moment).getTime()
  return ms < MINUTE_MS ? 'just now' : `${formatSpan(ms)} ago`
}

const formats = new Map<string, Intl.DateTimeFormat>()

function inZone(style: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const timeZone = zone.value === 'utc' ? 'UTC' : undefined
  const key = `${style} ${timeZone}`
  const known = formats.get(key) ?? new Intl.DateTimeFormat(LOCALE, { ...options, timeZone })
  formats.set(key, known)
  return known
}

/** Mon 5 Oct, 13:00, in the zone that the page is set to; the header says which. */
export function formatTime(moment: string | Date): string {
  const options = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  } as const
  return inZone('time', options).format(new Date(moment))
}

/** Mon 5 Oct 2026 */
export function formatDay(moment: string | Date): string {
  const options = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const
  return inZone('day', options).format(new Date(moment))
}

/** 13:00 */
export function formatClock(moment: string | Date): string {
  return inZone('clock', { hour: '2-digit', minute: '2-digit' }).format(new Date(moment))
}

/** A long id by its ends; the whole is for the title attribute. */
export function shortId(id: string, most = 18): string {
  return id.length <= most ? id : `${id.slice(0, Math.ceil(most / 2))}…${id.slice(-Math.floor(most / 2) + 1)}`
}
