import type { Estimate } from '../schema/evaluation.ts'

/** What stands where a figure is unknown. */
const UNKNOWN = '–'

/** Keeps a figure and its unit on one line. */
const NBSP = '\u00a0'

/** 0.678 -> "68 %"; one digit more below 10 %, two below 1 %. */
export function percent(share: number | null): string {
  if (share === null) return UNKNOWN
  const value = 100 * share
  const digits = value === 0 || value >= 9.95 ? 0 : value >= 0.995 ? 1 : 2
  return `${value.toFixed(digits)}${NBSP}%`
}

/** "48 to 83 %" of an estimate; empty where unknown. */
export function percentRange({ low, high }: Estimate): string {
  if (low === null || high === null) return ''
  return `${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)}${NBSP}%`
}

/** Fixed digits: average precision, AUROC. */
export function fixed(value: number | null, digits = 2): string {
  return value === null ? UNKNOWN : value.toFixed(digits)
}

export function fixedRange({ low, high }: Estimate, digits = 2): string {
  return low === null || high === null ? '' : `${low.toFixed(digits)} to ${high.toFixed(digits)}`
}

/** A count with thin spaces between thousands. */
export function count(value: number | null): string {
  return value === null ? UNKNOWN : String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}

/** A figure of unknown size: three significant digits, thousands set apart. */
export function quantity(value: number | null): string {
  if (value === null) return UNKNOWN
  if (Number.isInteger(value) || Math.abs(value) >= 1000)
    return (value < 0 ? '−' : '') + count(Math.abs(value))
  return String(Number(value.toPrecision(3)))
}

/** What a reason calls actual or typical: a figure or a text. */
export function fact(value: number | string | null): string {
  return typeof value === 'string' ? value : quantity(value)
}

/** A rate such as alerts a day: one digit, none from 10 on or where it says nothing. */
export function rate(value: number | null): string {
  if (value === null) return UNKNOWN
  return value >= 9.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '')
}

/** Seconds in the unit a person would choose: 45 s, 12 min, 5.3 h, 2.1 d. */
export function duration(seconds: number | null): string {
  if (seconds === null) return UNKNOWN
  if (seconds < 90) return `${Math.round(seconds)}${NBSP}s`
  if (seconds < 5400) return `${Math.round(seconds / 60)}${NBSP}min`
  if (seconds < 172_800) return `${rate(seconds / 3600)}${NBSP}h`
  return `${rate(seconds / 86_400)}${NBSP}d`
}

/** Attacks that everybody knows by their letters. */
const ACRONYMS = /\b(bola|bfla)\b/g

/** snake_case and kebab-case names as words: bola_enumeration -> BOLA enumeration. */
export function words(name: string): string {
  return name
    .replace(/[_-]+/g, ' ')
    .trim()
    .replace(ACRONYMS, letters => letters.toUpperCase())
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** 2026-10-05T... -> "5 Oct 2026", UTC. */
export function date(iso: string): string {
  const day = new Date(iso)
  return `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]} ${day.getUTCFullYear()}`
}

/** 2026-10-05T03:00... -> "5 Oct 2026, 03:00". */
export function moment(iso: string): string {
  return `${date(iso)}, ${iso.slice(11, 16)}`
}

/** A title within a sentence: "Plain forest" -> "plain forest", but "ASN" stays. */
export function inSentence(title: string): string {
  return /^[A-Z][a-z]/.test(title) ? title[0]!.toLowerCase() + title.slice(1) : title
}

/** "1 alert", "2 alerts". */
export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`
}
