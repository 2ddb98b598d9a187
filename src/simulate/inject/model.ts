import type { Random } from '../../lib/random.ts'
import type { EventColumn } from '../../schema/event.ts'

export const INTENSITIES = ['loud', 'medium', 'quiet'] as const
export type Intensity = (typeof INTENSITIES)[number]

/** Event columns that are numbers; moments are ms since 1970. */
export const NUMBER_COLUMNS = [
  'time',
  'token_created_at',
  'status',
  'asn',
  'latitude',
  'longitude',
  'request_bytes',
  'response_bytes',
  'latency_ms',
] as const satisfies readonly EventColumn[]
type NumberColumn = (typeof NUMBER_COLUMNS)[number]
type KnownColumn = 'event_id' | 'tenant_id' | 'principal_id' | 'token_id' | 'time'

/** A normalised event in memory. */
export type EventRow = { [C in Exclude<NumberColumn, KnownColumn>]: number | null } & {
  [C in Exclude<EventColumn, NumberColumn | KnownColumn>]: string | null
} & { event_id: string; tenant_id: string; principal_id: string; token_id: string; time: number }

/** Columns that come and go together: taken over as a whole, so that what is unknown in the log stays unknown in the same rows. */
export const IDENTITY_COLUMNS = [
  'tenant_id',
  'principal_id',
  'token_id',
  'session_id',
  'token_kind',
  'token_created_at',
  'role',
  'granted_scopes',
] as const satisfies readonly EventColumn[]
export const ORIGIN_COLUMNS = [
  'source_ip',
  'net',
  'asn',
  'as_org',
  'network_type',
  'country',
  'city',
  'latitude',
  'longitude',
] as const satisfies readonly EventColumn[]
export const CLIENT_COLUMNS = [
  'user_agent',
  'client',
  'client_version',
  'device_type',
] as const satisfies readonly EventColumn[]

export type Identity = Pick<EventRow, (typeof IDENTITY_COLUMNS)[number]>
export type Origin = Pick<EventRow, (typeof ORIGIN_COLUMNS)[number]>
export type Client = Pick<EventRow, (typeof CLIENT_COLUMNS)[number]>

/** A network of the log, with one of its addresses. */
export interface KnownOrigin {
  readonly origin: Origin
  /** Tokens seen there. */
  readonly tokens: number
  /** Tenants seen there, at most {@link MOST_TENANTS}. */
  readonly tenants: readonly string[]
}

/** Tenants remembered of a network: what more use is nobody's own. */
export const MOST_TENANTS = 20

export interface KnownClient {
  readonly client: Client
  readonly tokens: number
}

/** What is known of a token without reading its events. */
export interface TokenSummary {
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  readonly events: number
  /** Days with traffic. */
  readonly days: number
  readonly eventsBefore: number
  readonly daysBefore: number
  /** Days with traffic within the period of injection. */
  readonly daysWithin: number
}

/** What the whole log tells. */
export interface LogFacts {
  /** Columns that at least one event knows. */
  readonly has: ReadonlySet<EventColumn>
  /** Coarsest step that every moment of the log is a multiple of, ms. */
  readonly resolutionMs: number
  /** Injection within [from, to), ms since 1970; whole UTC days. */
  readonly from: number
  readonly to: number
  readonly tokens: readonly TokenSummary[]
  readonly origins: readonly KnownOrigin[]
  readonly clients: readonly KnownClient[]
  /** Principals that the inventory knows tokens of. */
  readonly inventoried: ReadonlySet<string>
}

/** A token and its newest events before `to`, in time order. */
export interface Actor {
  readonly token: TokenSummary
  readonly rows: readonly EventRow[]
}

/** One incident to be planned: all an attack may know. */
export interface Scene {
  readonly random: Random
  readonly intensity: Intensity
  readonly log: LogFacts
  readonly victim: Actor
  /** Tokens of other principals: of the victim's tenant first. */
  readonly donors: readonly Actor[]
  /** Rows of other principals of the victim's tenant (of the whole log where it has none): some of each operation. */
  readonly others: readonly EventRow[]
  /** Operations that the victim's principal ever used. */
  readonly usedOperations: ReadonlySet<string>
  /** Objects that the victim's token ever touched. */
  readonly touched: ReadonlySet<string>
}

/** An incident's events, without ids of their own yet; or why there are none. */
export type Plan = { readonly events: readonly EventRow[] } | { readonly skipped: string }

export interface InjectedAttack {
  readonly name: string
  /** What is taken over from the victim and what differs, in a line. */
  readonly doc: string
  /** Donor tokens wanted, by intensity or for all. */
  readonly donors: number | Readonly<Record<Intensity, number>>
  /** Why this log cannot carry the attack at all; null when it can. */
  missing(log: LogFacts): string | null
  plan(scene: Scene): Plan
}

export const HOUR = 3_600_000
export const DAY = 86_400_000
