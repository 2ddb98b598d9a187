import type { Feature } from '../schema/features.ts'
import type { TokenHour } from './token-hour.ts'

/** A feature and what computes it. */
export interface Definition<Name extends string = string> extends Feature {
  readonly name: Name
  /** The value for an hour; NaN is unknown. Must not keep the hour, which is used again. */
  readonly of: (hour: TokenHour) => number
}

/** A definition whose name is a type of its own, so that a misspelt one does not compile. */
export function feature<const Name extends string>(definition: Definition<Name>): Definition<Name> {
  return definition
}
