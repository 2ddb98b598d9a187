import { z } from 'zod'
import { didYouMean } from '../lib/nearest.ts'
import { FEATURE_GROUPS } from './features.ts'

/** The name becomes a column's, and part of others (`<metric>_typical`). */
const NAME = /^[a-z][a-z0-9_]{0,39}$/

const name = z.string().regex(NAME, 'lower-case letters, digits and underscores, at most 40, a letter first')
const text = z.string().min(1)
const group = z.enum(FEATURE_GROUPS, {
  error: ({ input }) =>
    `${JSON.stringify(input)} is no group${didYouMean(String(input), FEATURE_GROUPS)} Groups: ${FEATURE_GROUPS.join(', ')}`,
})
const weight = z.number().min(0).max(2)

const isFunction = (value: unknown) => typeof value === 'function'

/** A function of a token-hour; its type is that of the definitions, which lie above this room. */
const of = z.custom<(hour: never) => number>(isFunction, 'is not a function')

/** What features and metrics may say beside what computes them. */
const shared = {
  told: z.strictObject({ noun: text, lead: text.optional(), unit: text.optional() }).optional(),
  shows: z.custom<(event: never) => boolean | number>(isFunction, 'is not a function').optional(),
  weighs: z.strictObject({ perNat: weight, beyondKnee: weight }).optional(),
}

/** One feature of an operator's own; the fields are those of {@link Feature}. */
export const ownFeatureSchema = z.strictObject({
  name,
  group,
  unit: text,
  doc: text,
  higherIs: z.enum(['worse', 'either', 'context']),
  of,
  ...shared,
})

/** One metric of an operator's own: a number of an hour that is judged against the token's past. */
export const ownMetricSchema = z.strictObject({
  name,
  level: z.literal('hour', 'is "hour": metrics of whole days are built in alone'),
  unit: text,
  group,
  what: text,
  of,
  isNoneWhenUnknown: z.literal(true).optional(),
  hasExcess: z.literal(true).optional(),
  ...shared,
})

/** What a file of own definitions exports. */
export const OWN_EXPORTS = ['features', 'metrics'] as const
