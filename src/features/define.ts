import type { Feature } from '../schema/features.ts'
import type { TokenHour } from './token-hour.ts'

/** A feature and what computes it. */
export interface Definition<Name extends string = string> extends Feature {
  readonly name: Name
  /** The value for an hour; NaN is unknown. Must not keep the hour, which is used again. */
  readonly of: (hour: TokenHour) => number
  /** Which events of an hour show it: those that it gives true, or a number above zero, the largest first. @default the earliest */
  readonly shows?: (event: ShownEvent) => boolean | number
}

/** An event as a definition sees it that chooses those which show its reason. Null and NaN are unknown. */
export interface ShownEvent {
  /** UTC. */
  readonly time: Date
  readonly operation: string | null
  readonly resourceType: string | null
  readonly scope: string | null
  readonly ip: string | null
  readonly net: string | null
  readonly asn: string | null
  readonly country: string | null
  readonly client: string | null
  readonly userAgent: string | null
  readonly status: number
  readonly requestBytes: number
  readonly responseBytes: number
  readonly latencyMs: number
  readonly isSensitive: boolean
}

/** A definition whose name is a type of its own, so that a misspelt one does not compile. */
export function feature<const Name extends string>(definition: Definition<Name>): Definition<Name> {
  return definition
}
