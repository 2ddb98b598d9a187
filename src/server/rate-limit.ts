/** A bucket of tokens: one is taken a request, and they come back at a steady rate. */
export interface RateLimit {
  /** Requests that a caller may make at once. */
  readonly burst: number
  /** Requests a second that it may go on with. */
  readonly perSecond: number
}

/** What a caller has left after a request. */
export interface RateVerdict {
  readonly isAllowed: boolean
  /** Whole requests left. */
  readonly remaining: number
  /** Seconds until the bucket is full again; for a refused request, until the next is allowed. At least 1, unless it is full. */
  readonly resetSeconds: number
}

/** Counts requests by caller; `at` is milliseconds on any clock that never runs back. */
export function createRateLimiter({ burst, perSecond }: RateLimit): (who: string, at: number) => RateVerdict {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return (who, at) => {
    const bucket = buckets.get(who) ?? { tokens: burst, at }
    const tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond)
    const isAllowed = tokens >= 1
    const left = isAllowed ? tokens - 1 : tokens
    // Callers are keys, so there are few of them; the map is never pruned.
    buckets.set(who, { tokens: left, at })
    const missing = isAllowed ? burst - left : 1 - left
    return { isAllowed, remaining: Math.floor(left), resetSeconds: Math.ceil(missing / perSecond) }
  }
}

/** Headers of draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it. */
export function rateHeaders({ burst, perSecond }: RateLimit, verdict: RateVerdict): Record<string, string> {
  return {
    'ratelimit-policy': `"default";q=${burst};w=${Math.ceil(burst / perSecond)}`,
    ratelimit: `"default";r=${verdict.remaining};t=${verdict.resetSeconds}`,
    ...(verdict.isAllowed ? {} : { 'retry-after': String(verdict.resetSeconds) }),
  }
}
