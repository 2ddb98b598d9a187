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

/** How much each kind of likeness counts: what, where from, with what. Facets that the log does not say are left out. */
const LIKENESS: readonly { readonly share: string; readonly weight: number }[] = [
  { share: 'greatest(net, 0.8 * coalesce(asn, 0))', weight: 0.35 },
  { share: 'client', weight: 0.25 },
  { share: 'agent', weight: 0.1 },
  { share: 'operation', weight: 0.3 },
]

/**
 * SQL of the confidence, 0 to 1, that a newcomer continues the token `prev`, from a row of `likeness`: the weighted mean share of its
 * first hour's requests that the predecessor's past shows as well, less for few requests and a long silence; 0 where the predecessor
 * is still in use, of another role, or hardly known, or where most of the client or the operations is foreign to it.
 */
export function linkConfidenceSql(): string {
  const R = LINK_RULES
  const present = LIKENESS.map(
    ({ share, weight }) => `CASE WHEN ${share} IS NOT NULL THEN ${weight} ELSE 0 END`,
  )
  const alike = LIKENESS.map(({ share, weight }) => `coalesce(${weight} * (${share}), 0)`)
  return `CASE
  WHEN is_overlapping OR NOT same_peer OR prev_hours < ${R.leastHours} OR idle_hours > 24 * ${R.mostIdleDays} THEN 0
  WHEN coalesce(client, 1) < 0.5 OR coalesce(operation, 0) < 0.5 OR coalesce(net, asn, 1) + coalesce(asn, 0) = 0 THEN 0
  ELSE (${alike.join(' + ')}) / (${present.join(' + ')})
    * requests / (requests + ${R.doubtRequests}) * pow(0.5, idle_hours / ${24 * R.idleHalfLifeDays}) END`
}
