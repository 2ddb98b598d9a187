import { FACETS, type FacetName } from '../schema/activity.ts'

/** Number of each facet, in the order of the schema. */
export const FACET = {
  ip: 0,
  net: 1,
  asn: 2,
  country: 3,
  network_type: 4,
  client: 5,
  agent: 6,
  operation: 7,
  resource: 8,
  object: 9,
  scope: 10,
  status: 11,
  bigram: 12,
} as const satisfies Readonly<Record<FacetName, number>>

export const FACET_COUNT = FACETS.length

export const FACET_NAMES: readonly FacetName[] = FACETS.map(facet => facet.name)

/** 1 for facets whose values belong to the product, not to one tenant: a release reaches every tenant at once. */
export const IS_PRODUCT = Uint8Array.from(FACET_NAMES, name =>
  ['operation', 'resource', 'scope', 'bigram', 'client', 'agent', 'status'].includes(name) ? 1 : 0,
)
