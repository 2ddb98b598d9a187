/** When a new token is taken for the continuation of another one of its principal. Part of the feature fingerprint. */
export const LINK_RULES = {
  /** Below this a newcomer stays a token without a past: a wrong link excuses a thief, a missing one costs a cold start. */
  leastConfidence: 0.6,
  /** A predecessor silent for longer was laid down, not replaced: two weeks cover holidays. */
  mostIdleDays: 14,
  /** Hours of habit that a predecessor must show before anything can be said to continue it. */
  leastHours: 3,
  /** Half-life of the confidence in the predecessor's idle days: most rotations are taken up at the next use. */
  idleHalfLifeDays: 14,
  /** Pseudo-requests without likeness: one request that fits says less than ten. */
  doubtRequests: 0.5,
  /** Stragglers of the old token (caches, retries) are expected for this long. */
  graceHours: 6,
  /** A predecessor in use in so many hours after the change was not replaced, stragglers or not. */
  parallelHours: 3,
  /** After so many days a predecessor that comes back is a revival of its own, no proof against the link. */
  watchDays: 14,
  /** Tokens of one principal that a newcomer is held against, the latest used first. */
  mostCandidates: 8,
} as const

/** How much each kind of likeness counts; kinds that the log does not say are left out. */
const WEIGHTS = { network: 0.35, client: 0.25, agent: 0.1, operation: 0.3 } as const

/** A known system in place of a known network counts so much. */
const SYSTEM_FOR_NETWORK = 0.8

/** What a newcomer's first hour has in common with a token of its principal. */
export interface Likeness {
  /** Shares of the requests that the predecessor's past shows as well, 0 to 1; NaN where the hour shows none of the kind. */
  readonly net: number
  readonly asn: number
  readonly client: number
  readonly agent: number
  readonly operation: number
  readonly requests: number
  /** Hours from the predecessor's last event to the newcomer's first, at least 0. */
  readonly idleHours: number
  /** Hours of use that the predecessor showed. */
  readonly previousHours: number
  readonly samePeer: boolean
  /** Whether the predecessor was still in use after the newcomer's first event. */
  readonly isOverlapping: boolean
}

/**
 * Confidence, 0 to 1, that a newcomer continues a token: the weighted mean share of its first hour's requests that the predecessor's past
 * shows as well, less for few requests and a long silence; 0 where the predecessor is still in use, of another role, or hardly known, or
 * where most of the client or the operations is foreign to it.
 */
export function linkConfidence(likeness: Likeness): number {
  const { net, asn, client, agent, operation, requests, idleHours } = likeness
  const R = LINK_RULES
  const isUnfit =
    likeness.isOverlapping ||
    !likeness.samePeer ||
    likeness.previousHours < R.leastHours ||
    idleHours > 24 * R.mostIdleDays
  const isForeign =
    known(client, 1) < 0.5 || known(operation, 0) < 0.5 || known(net, known(asn, 1)) + known(asn, 0) === 0
  if (isUnfit || isForeign) return 0
  const network = Math.max(known(net, Number.NEGATIVE_INFINITY), SYSTEM_FOR_NETWORK * known(asn, 0))
  let alike = WEIGHTS.network * network
  let weights: number = WEIGHTS.network
  for (const [share, weight] of [
    [client, WEIGHTS.client],
    [agent, WEIGHTS.agent],
    [operation, WEIGHTS.operation],
  ] as const) {
    if (Number.isNaN(share)) continue
    alike += weight * share
    weights += weight
  }
  return (
    (alike / weights) *
    (requests / (requests + R.doubtRequests)) *
    0.5 ** (idleHours / (24 * R.idleHalfLifeDays))
  )
}

function known(share: number, otherwise: number): number {
  return Number.isNaN(share) ? otherwise : share
}
