import type { Random } from '../lib/random.ts'
import type { Config } from '../schema/config.ts'

/**
 * Milliseconds until the next attempt after `failures` (>= 1) failed ones: twice the pause before, up to the longest, less a random
 * share of up to half, and never less than the receiver asked for.
 */
export function pauseMs(
  failures: number,
  { firstPauseSeconds, longestPauseSeconds }: Config['delivery'],
  random: Random,
  retryAfterMs: number | null,
): number {
  const seconds = Math.min(firstPauseSeconds * 2 ** (failures - 1), longestPauseSeconds)
  return Math.ceil(Math.max(1000 * seconds * random.uniform(0.5, 1), retryAfterMs ?? 0))
}
