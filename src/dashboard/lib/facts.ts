import { amount } from '../../risk/quantities.ts'
import type { Row } from './rows.ts'

export type Reason = Row<'Reason'>
export type Fact = NonNullable<Reason['facts']>[number]
type Frame = Fact['frame']

export const FRAMES: readonly (readonly [Frame, string])[] = [
  ['self', 'Usual for itself'],
  ['peer', 'for its role'],
  ['tenant', 'for its tenant'],
]

/** What a code stands for, in words: `unusual_net` is "net". */
export function wordsOf(code: string): string {
  const words = code.replace(/^unusual_/, '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A value with its unit as a person says it; – where unknown. */
export function quantity(value: number | string | null | undefined, unit?: string | null): string {
  if (value == null) return '–'
  if (typeof value === 'string') return value
  return unit === 'deviations' ? `${value.toFixed(1)} sd` : amount(value, unit)
}

/** What is usual under a frame; where the history was not asked, the fact's own typical value under its own frame. */
export function usual(fact: Fact, frame: Frame): string {
  const found = fact.frames?.find(one => one.frame === frame)
  if (found === undefined) {
    return fact.frames === undefined && fact.frame === frame ? quantity(fact.typical, fact.unit) : '–'
  }
  if (found.highest === null) return quantity(found.typical, fact.unit)
  return `${quantity(found.typical, fact.unit)}, at most ${quantity(found.highest, fact.unit)}`
}
