import type { Feature } from '../schema/features.ts'
import { type Facts, type ToldFact, tellMetric } from './fact-words.ts'
import { amount, capital, round } from './quantities.ts'

/** Units that {@link amount} writes with the number; the noun of the words names what others count. */
const WRITTEN_UNITS: readonly string[] = ['bytes', 'ms', 'hours', 'km/h', 'share']

/** The fact that an own feature speaks of: the tail and the excess of one metric say the same. */
export function ownCode({ name, metric }: Feature): string {
  return `unusual_${metric ?? name}`
}

/** What an own feature says of a token-hour: a metric beside its usual value, any other number by itself. */
export function tellOwnFeature(own: Feature, facts: Facts): ToldFact {
  const { name, metric, told } = own
  const code = ownCode(own)
  const given = told?.unit ?? own.unit
  const unit = WRITTEN_UNITS.includes(given) ? given : undefined
  const noun = told?.noun ?? name.replaceAll('_', ' ')
  const lead = told?.lead === undefined ? '' : `${told.lead} `
  const words = { noun, lead, ...(unit !== undefined && { unit }) }
  if (metric !== undefined) return { code, feature: name, ...tellMetric(metric, facts, words) }
  const value = facts[name]
  const actual = typeof value === 'number' && Number.isFinite(value) ? round(value, 3) : null
  const seen = actual === null ? 'an unknown number' : amount(actual, unit)
  const brief = `${lead}${seen} ${noun}`
  return {
    code,
    feature: name,
    actual,
    typical: null,
    unit: unit ?? null,
    frame: 'peer',
    text: `${capital(brief)}, unlike most token-hours`,
    brief,
  }
}
