import { KeyhoundError } from '../../lib/errors.ts'
import { createRandom } from '../../lib/random.ts'
import { chooseClusters, stability, type TriedClusters } from './choose-clusters.ts'
import { type DistinctSets, distinctSets, embedSets, inverseFrequency } from './embed.ts'
import { partition } from './kmeans.ts'
import { nearestSets, type Peers } from './peers.ts'
import { checkUseTable, type SortedUse, sortUse, type UseTable } from './use-table.ts'

export interface PermissionOptions {
  /** Number of clusters, 1 .. distinct permission sets; 'auto' takes the one that predicts best. Default 'auto'. */
  readonly clusters?: number | 'auto'
  /** Default 1. */
  readonly seed?: number
  /** k-means starts of the final partition, >= 1. Default 8: seeds matter more than the method. */
  readonly restarts?: number
  /** Subsamples on which stability is measured; with 0, neither it nor the silhouettes are, which decide nothing. Default 5. */
  readonly stabilityRounds?: number
  /** Most similar permission sets kept for each token. Default 20. */
  readonly peers?: number
}

/** How many tokens use each item, for a number of crowds of tokens: (crowds, items), row-major. */
export interface Crowds {
  /** Tokens in each. */
  readonly size: Float64Array
  readonly users: Float64Array
}

/** What each token, its peers, its cluster, its role and everyone use. A plain value; tokens and items are sorted. */
export interface PermissionClusters {
  /** Use of each token in training. */
  readonly use: SortedUse
  /** Cluster of each token, -1 for one that used nothing. */
  readonly cluster: Int32Array
  readonly clusters: Crowds
  readonly groups: Crowds
  /** One crowd. */
  readonly everyone: Crowds
  /** Distinct permission sets, which one each token has, and the nearest of each. */
  readonly distinct: DistinctSets
  readonly peers: Peers
  readonly report: ClusterReport
}

/** How the clusters came about, for manifest and report. */
export interface ClusterReport {
  readonly tokens: number
  readonly items: number
  readonly distinctSets: number
  readonly clusters: number
  /** Every number tried, when it was chosen automatically. */
  readonly tried: readonly TriedClusters[]
  /** Mean adjusted Rand index across subsamples and seeds; 1 = always the same clusters. NaN where it is not measured. */
  readonly stability: number
  readonly inertia: number
  readonly options: Required<PermissionOptions>
}

/**
 * Clusters tokens by the permissions they use: identical sets once, IDF weights, unit length, seeded projection to 64
 * dimensions, k-means with restarts. Neither the order of tokens nor that of items matters. Throws KeyhoundError 'bad-input'
 * for a malformed table and 'usage' for impossible options.
 */
export function fitPermissionClusters(table: UseTable, options: PermissionOptions = {}): PermissionClusters {
  checkUseTable(table)
  const resolved = resolveOptions(options)
  const random = createRandom(resolved.seed).fork('permission-clusters')
  const use = sortUse(table)
  const idf = inverseFrequency(use)
  const distinct = distinctSets(use)
  const found = clusterSets(use, distinct, idf, resolved, random)
  const cluster = distinct.setOf.map(set => (set < 0 ? -1 : found.cluster[set]!))
  return {
    use,
    cluster,
    clusters: countUsers(use, cluster, found.clusters),
    groups: countUsers(use, use.tokenGroup, use.groups.length),
    everyone: countUsers(use, new Int32Array(use.tokens.length), 1),
    distinct,
    peers: nearestSets(distinct, idf, resolved.peers),
    report: {
      tokens: use.tokens.length,
      items: use.items.length,
      distinctSets: distinct.sets.length,
      clusters: found.clusters,
      tried: found.tried,
      stability: found.stability,
      inertia: found.inertia,
      options: resolved,
    },
  }
}

function clusterSets(
  use: SortedUse,
  distinct: DistinctSets,
  idf: Float64Array,
  options: Required<PermissionOptions>,
  random: ReturnType<typeof createRandom>,
) {
  if (distinct.sets.length === 0)
    return { cluster: new Int32Array(0), clusters: 0, tried: [], stability: 1, inertia: 0 }
  const table = embedSets(distinct, use.items, idf, random.fork('projection'))
  const chosen =
    options.clusters === 'auto'
      ? chooseClusters(table, distinct.sets, use.items.length, random, options.stabilityRounds > 0)
      : { clusters: Math.min(options.clusters, table.rows), tried: [] }
  const { cluster, inertia } = partition(table, chosen.clusters, options.restarts, random.fork('final'))
  const steady = stability(
    table,
    cluster,
    { clusters: chosen.clusters, restarts: 2, rounds: options.stabilityRounds, weight: distinct.tokens },
    random,
  )
  return { cluster, ...chosen, stability: steady, inertia }
}

/** Counts the users of each item in each crowd; `crowd` is the crowd of each token, -1 for none. */
export function countUsers(use: SortedUse, crowd: Int32Array, crowds: number): Crowds {
  const items = use.items.length
  const size = new Float64Array(crowds)
  const users = new Float64Array(crowds * items)
  for (let t = 0; t < crowd.length; t++) {
    const c = crowd[t]!
    if (c < 0) continue
    size[c] = size[c]! + 1
    for (let e = use.offsets[t]!; e < use.offsets[t + 1]!; e++) {
      const cell = c * items + use.item[e]!
      users[cell] = users[cell]! + 1
    }
  }
  return { size, users }
}

function resolveOptions(options: PermissionOptions): Required<PermissionOptions> {
  const resolved = {
    clusters: 'auto',
    seed: 1,
    restarts: 8,
    stabilityRounds: 5,
    peers: 20,
    ...options,
  } as const
  const counts = {
    restarts: resolved.restarts,
    peers: resolved.peers,
  }
  for (const [name, value] of Object.entries({
    ...counts,
    clusters: resolved.clusters === 'auto' ? 1 : resolved.clusters,
  })) {
    if (!Number.isInteger(value) || value < 1)
      throw new KeyhoundError('usage', `option ${name} must be a whole number of at least 1, not ${value}`)
  }
  if (!Number.isInteger(resolved.stabilityRounds) || resolved.stabilityRounds < 0)
    throw new KeyhoundError(
      'usage',
      `option stabilityRounds must be a whole number, not ${resolved.stabilityRounds}`,
    )
  return resolved
}
