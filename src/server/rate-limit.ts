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

/** Counts requests by caller. */
export interface RateLimiter {
  /** Counts one request. `at` is milliseconds on any clock that never runs back. */
  take(who: string, at: number): RateVerdict
  /** The verdict that a request would get, without counting it. */
  peek(who: string, at: number): RateVerdict
}

/** Callers remembered at most. The caller that asked least recently goes first and begins anew with a full bucket. */
const MOST_CALLERS = 10_000

/**
 * A limiter with a bucket for each caller.
 *
 * @example
 * const limiter = createRateLimiter({ burst: 2, perSecond: 1 })
 * limiter.take('a', 0).isAllowed // true
 */
export function createRateLimiter({ burst, perSecond }: RateLimit): RateLimiter {
  const buckets = new Map<string, { tokens: number; at: number }>()
  const judge = (who: string, at: number, cost: number): RateVerdict => {
    const bucket = buckets.get(who) ?? { tokens: burst, at }
    const tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond)
    const isAllowed = tokens >= 1
    const left = isAllowed ? tokens - cost : tokens
    if (cost > 0) {
      // The map keeps the order of insertion.
      buckets.delete(who)
      buckets.set(who, { tokens: left, at })
      if (buckets.size > MOST_CALLERS) buckets.delete(buckets.keys().next().value!)
    }
    const missing = isAllowed ? burst - left : 1 - left
    return { isAllowed, remaining: Math.floor(left), resetSeconds: Math.ceil(missing / perSecond) }
  }
  return { take: (who, at) => judge(who, at, 1), peek: (who, at) => judge(who, at, 0) }
}

/** Headers of draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it. */
export function rateHeaders({ burst, perSecond }: RateLimit, verdict: RateVerdict): Record<string, string> {
  return {
    'ratelimit-policy': `"default";q=${burst};w=${Math.ceil(burst / perSecond)}`,
    ratelimit: `"default";r=${verdict.remaining};t=${verdict.resetSeconds}`,
    ...(verdict.isAllowed ? {} : { 'retry-after': String(verdict.resetSeconds) }),
  }
}
