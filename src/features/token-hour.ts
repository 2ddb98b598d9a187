import type { FacetName } from '../schema/activity.ts'

/**
 * What a definition of a feature sees: one hour of one token, the token's past as it was known at midnight UTC, the day up to and
 * including the hour, and the same hour of the tenant. Nothing later can be reached from here: point in time holds by type. NaN is
 * unknown. One object is filled again and again, so a definition must not keep it.
 */
export interface TokenHour extends Counts {
  /** Hours between the last use and this hour, those of gaps in logging not counted; NaN before the first use. */
  gapHours: number
  /** Surprise of the hour of the day, nats; NaN where neither the token nor its peers have a past. */
  hourSurprise: number
  /** Values of each facet that the hour showed. */
  readonly facets: Readonly<Record<FacetName, FacetHour>>
  /** Objects that the hour touched. */
  readonly objects: ObjectHour
  /** Most other tokens first seen today on one of the hour's new addresses, up to the hour. */
  newSharers: number
  /** Most tokens, and tenants, on one of the hour's addresses in this hour. */
  addressTokens: number
  addressTenants: number
  /** Shannon entropy of the hour's operations and objects, nats. */
  operationEntropy: number
  objectEntropy: number
  /** The day from midnight UTC up to and including the hour. */
  readonly day: DaySoFar
  /** The token at midnight UTC. */
  readonly past: TokenPast
  /** The tenant's tokens in the same hour. */
  readonly tenant: TenantHour
  /** Each metric against the past, by the metric's number. */
  readonly judged: JudgedMetrics
}

/** Counts of the hour's events: see `COUNT_COLUMNS` of the schema. */
export interface Counts {
  requests: number
  peak10min: number
  activeMinutes: number
  failed: number
  denied: number
  notFound: number
  serverErrors: number
  writes: number
  deletes: number
  sensitive: number
  deniedSensitive: number
  outOfGrant: number
  requestBytes: number
  responseBytes: number
  maxResponseBytes: number
  latencyMs: number
  netReturns: number
  countrySwitches: number
  clientSwitches: number
  maxSpeedKmh: number
  idSteps: number
  gapCv: number
  quickGaps: number
}

/** One facet of the hour; all NaN where the hour shows no value of it. */
export interface FacetHour {
  /** Distinct values. */
  distinct: number
  /** Values that the token never showed on an earlier day. */
  fresh: number
  /** Largest surprise of a value, nats. */
  surprise: number
  /** Sum over values of the surprise beyond 1 nat. */
  surplus: number
  /** Surprise averaged over requests, nats. */
  meanSurprise: number
  /** Largest share of active tokens that took a new value up within a week. */
  adopted: number
}

/** Objects of the hour; NaN where it touched none. */
export interface ObjectHour {
  distinct: number
  /** New to the principal, and the requests on them. */
  fresh: number
  freshRequests: number
  /** New to the principal, used by others; and by exactly one other principal. */
  foreign: number
  private: number
  /** New ones, no more of them than requests were denied or not found: a walk through ids meets both, an export or a storm of 403 one. */
  refused: number
}

/** Running totals since midnight UTC. */
export interface DaySoFar {
  hours: number
  requests: number
  responseBytes: number
  denied: number
  deletes: number
  sensitive: number
  freshOperations: number
  foreignObjects: number
  objects: number
  freshObjectRequests: number
  refusedObjects: number
  /** Changes between a network that the token has used for less than a week and an older one; NaN where the log names no network. */
  handovers: number
  /** Mean surprise of the hours of use, two calm ones added. */
  hourSurprise: number
  /** Surprise of the requests by facet: sum by the square root of their number. */
  operationSurprise: number
  bigramSurprise: number
  scopeSurprise: number
  netSurprise: number
}

/** What is known of a token at midnight UTC; lineage included but for `ownDays`. */
export interface TokenPast {
  activeDays: number
  ownDays: number
  activeHours: number
  /** Handovers of the two days before. */
  handovers: number
  /** By the place of the metric in DRIFT_METRICS: CUSUM and shift, robust deviations. */
  readonly cusum: Float64Array
  readonly shift: Float64Array
  /** By the place of the facet in BUDGET_FACETS, standard deviations. */
  readonly budget: Float64Array
}

/** The tenant's tokens in the same hour; shares are of the other tokens, NaN where there is none. */
export interface TenantHour {
  tokens: number
  moved: number
  newClient: number
  newOperation: number
  serverErrors: number
  failed: number
}

/** By the metric's number: nats, octaves above the usual 95th percentile, and the median. */
export interface JudgedMetrics {
  readonly surprise: Float64Array
  readonly excess: Float64Array
  readonly typical: Float64Array
}
