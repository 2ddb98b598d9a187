/** Views of an ordered quantity: a brush is an interval. */
export const RANGE_VIEWS = ['time', 'hour', 'risk', 'score'] as const
export type RangeView = (typeof RANGE_VIEWS)[number]

/** Views of named values: a brush is a choice of them. Of the first four a token-hour has one value, of the others any number. */
export const SINGLE_VIEWS = ['severity', 'detector', 'tenant', 'tokenKind'] as const
export const LIST_VIEWS = ['networkType', 'country', 'asn', 'operation'] as const
export const VALUE_VIEWS = [...SINGLE_VIEWS, ...LIST_VIEWS] as const
export type SingleView = (typeof SINGLE_VIEWS)[number]
export type ListView = (typeof LIST_VIEWS)[number]
export type ValueView = (typeof VALUE_VIEWS)[number]

/** A part of a quantity: milliseconds since 1970 (time), hours UTC (hour), 0-100 (risk), nats (score). Null is without end. */
export interface Interval {
  /** Inclusive. */
  readonly from: number | null
  /** Exclusive. */
  readonly to: number | null
}

export interface ExploreQuestion {
  /** Of a tenant alone; null for all. */
  readonly tenantId: string | null
  readonly ranges: Readonly<Partial<Record<RangeView, Interval>>>
  /** Token-hours with one of the values at least; null stands for those that have none. */
  readonly values: Readonly<Partial<Record<ValueView, readonly (string | null)[]>>>
  /** The most frequent values listed of a view. */
  readonly mostValues: number
  /** Token-hours listed. */
  readonly mostRows: number
}

/** Token-hours under every brush but the view's own. */
export interface Tally {
  readonly windows: number
  /** Of these, with a risk that raises an alert: 50 and above. */
  readonly risky: number
}

export interface RangeAnswer {
  /** Lower edge of the first bin, and the width of each, in the unit of the view's interval. */
  readonly from: number
  readonly width: number
  readonly bins: Tally[]
}

export interface ValueAnswer {
  /** Most frequent first; the chosen ones are always among them, also with none left. */
  readonly values: (Tally & { readonly value: string | null })[]
  /** Further values with a token-hour. */
  readonly more: number
}

export interface ExploredWindow {
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  readonly windowStart: Date
  readonly risk: number
  readonly score: number
  readonly severity: string | null
  readonly detector: string | null
}

export interface ExploreAnswer {
  /** Token-hours that are looked at, and those under all brushes. */
  readonly windows: number
  readonly matching: number
  /** Days that are older than what fits the memory. */
  readonly daysLeftOut: number
  readonly ranges: Readonly<Record<RangeView, RangeAnswer>>
  readonly values: Readonly<Record<ValueView, ValueAnswer>>
  /** Under all brushes, by risk, then score, then time, highest first. */
  readonly rows: readonly ExploredWindow[]
}
