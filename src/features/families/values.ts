import { FACETS, type FacetName } from '../../schema/activity.ts'
import type { FeatureGroup } from '../../schema/features.ts'
import type { Definition } from '../define.ts'

/** What each facet speaks of. */
const FACET_WORDS: Readonly<Record<FacetName, { group: FeatureGroup; what: string }>> = {
  ip: { group: 'network', what: 'source address' },
  net: { group: 'network', what: 'network (/24, /48)' },
  asn: { group: 'network', what: 'autonomous system' },
  country: { group: 'network', what: 'country' },
  network_type: { group: 'network', what: 'kind of network' },
  client: { group: 'client', what: 'client family' },
  agent: { group: 'client', what: 'user agent' },
  operation: { group: 'operations', what: 'operation' },
  resource: { group: 'operations', what: 'resource type' },
  scope: { group: 'permissions', what: 'scope used' },
  status: { group: 'responses', what: 'outcome (status class and kind)' },
  bigram: { group: 'operations', what: 'operation after operation' },
  object: { group: 'objects', what: 'object' },
}

/** Facets in the order of the features' columns: objects last. */
export const VALUE_FACETS: readonly FacetName[] = [
  ...FACETS.map(facet => facet.name).filter(name => name !== 'object'),
  'object',
]

export type ValueFeature = `${FacetName}_${'surprise' | 'surplus' | 'mean_surprise'}`

/** Statistics of the facets whose single most surprising value, and whose sum over values, carry the signal. */
export const VALUE_FEATURES: readonly Definition<ValueFeature>[] = VALUE_FACETS.flatMap(
  (facet): Definition<ValueFeature>[] => {
    const { group, what } = FACET_WORDS[facet]
    return [
      {
        name: `${facet}_surprise`,
        group,
        unit: 'nats',
        doc: `Surprise of the hour's most surprising ${what}: rarity in the token's own days, or, when first seen, how rarely tokens like it show one so new, less what a wave of first uses explains.`,
        higherIs: 'worse',
        of: hour => hour.facets[facet].surprise,
      },
      {
        name: `${facet}_surplus`,
        group,
        unit: 'nats',
        doc: `Sum over the hour's distinct values (${what}) of the surprise beyond 1 nat: breadth of the unusual.`,
        higherIs: 'worse',
        of: hour => hour.facets[facet].surplus,
      },
      {
        name: `${facet}_mean_surprise`,
        group,
        unit: 'nats',
        doc: `Surprise of the ${what} averaged over requests: how much of the hour is unusual.`,
        higherIs: 'worse',
        of: hour => hour.facets[facet].meanSurprise,
      },
    ]
  },
)
