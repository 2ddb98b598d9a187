import type { Reason } from '../../schema/scores.ts'

/** A token-hour with its reasons. */
export interface ExplainedHour {
  readonly tenantId: string
  readonly tokenId: string
  /** Start of the hour, ms since the epoch. */
  readonly windowStart: number
  readonly reasons: readonly Reason[]
}
