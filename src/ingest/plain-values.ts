import type { FlatValue } from './flat-json.ts'
import { EARLIEST, LATEST, WAYS_OF_NOTHING } from './sql.ts'

/** Not surely read as the SQL engine reads it. */
export const UNSURE = Symbol('unsure')
export type Unsure = typeof UNSURE

/** The ways logs write nothing, as `kh_text` knows them. */
const NOTHING: ReadonlySet<string> = new Set(WAYS_OF_NOTHING)

/** Trimmed text of a value; null where it says nothing. */
export function textOf(value: FlatValue): string | null | Unsure {
  if (typeof value !== 'string') return value.digits.length <= 24 ? value.digits : UNSURE
  const text = trimmed(value, ' \t\r')
  return NOTHING.has(text) ? null : text
}

/** A text without these characters at its ends. A pattern takes the square of a run of spaces inside the text. */
export function trimmed(text: string, characters: string): string {
  let first = 0
  let end = text.length
  while (first < end && characters.includes(text[first]!)) first++
  while (end > first && characters.includes(text[end - 1]!)) end--
  return text.slice(first, end)
}

const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/
const FIRST = Date.parse(EARLIEST)
const LAST = Date.parse(LATEST)

/** Milliseconds since the epoch of ISO 8601 in UTC, or of whole seconds or milliseconds. */
export function momentOf(value: FlatValue): number | null | Unsure {
  const text = textOf(value)
  if (text === null || text === UNSURE) return text
  const moment = ISO.test(text)
    ? isoOf(text)
    : /^[1-9]\d{8,13}$/.test(text)
      ? epochOf(Number(text))
      : Number.NaN
  return moment >= FIRST && moment < LAST ? moment : UNSURE
}

/** NaN for a day that no month has: `Date.parse` takes the 30th of February for a day in March. */
function isoOf(text: string): number {
  const moment = Date.parse(text.replace(' ', 'T'))
  if (Number.isNaN(moment)) return moment
  return new Date(moment).toISOString().slice(0, 19) === text.slice(0, 19).replace(' ', 'T')
    ? moment
    : Number.NaN
}

const epochOf = (number: number) => (number < 1e11 ? number * 1000 : number)

/** Scopes as single words, sorted, without repeats; ASCII only. */
export function scopesOf(text: string | null): string | null {
  if (text === null) return null
  const words = trimmed(text.replace(/[[\]"',;\s]+/g, ' '), ' ').split(' ')
  const scopes = [...new Set(words)].sort().join(' ')
  return scopes === '' ? null : scopes
}
