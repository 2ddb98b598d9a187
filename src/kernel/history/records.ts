/** A gap in logging, by the day it ended on. */
export interface GapRecord {
  /** Counted from the epoch. */
  readonly day: number
  /** Number of the tenant, or EVERYONE. */
  readonly tenant: number
  /** Hours since the epoch: the first missing one, and the first with events again. */
  readonly start: number
  readonly finish: number
}

/** Which token follows which: found on a day, or withdrawn on it. */
export interface LinkRecord {
  readonly day: number
  readonly kind: 'linked' | 'withdrawn'
  readonly token: number
  readonly previous: number
  /** First event of the follower, milliseconds since the epoch. */
  readonly since: number
  /** 0 to 1; null when withdrawn. */
  readonly confidence: number | null
  readonly reason: string
}

/** Hours with events of one tenant on one day. */
export interface PulseRecord {
  readonly tenant: number
  readonly bits: number
}
