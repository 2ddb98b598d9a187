import { lowerBound } from '../../lib/stats.ts'
import type { Crowds, PermissionClusters } from './model.ts'
import {
  CLUSTER_PSEUDO_TOKENS,
  EVERYONE_PSEUDO_TOKENS,
  GROUP_PSEUDO_TOKENS,
  IDLE_DAY_WEIGHT,
  OWN_PSEUDO_DAYS,
  PEERS_PSEUDO_TOKENS,
} from './shrinkage.ts'

/** What stands behind one expectation, from the widest crowd to the token itself; each a probability in (0, 1). */
export interface Expectation {
  readonly everyone: number
  readonly group: number
  readonly cluster: number
  readonly peers: number
  /** Everything taken together: the token's own history shrunk to its peers. */
  readonly own: number
}

/** A token as the model knows it; -1 where it does not. */
export interface Place {
  readonly token: number
  readonly group: number
  readonly cluster: number
}

export function placeOf(model: PermissionClusters, token: string | null, group: string | null): Place {
  const t = token === null ? -1 : indexOf(model.use.tokens, token)
  const known = t < 0 ? -1 : model.use.tokenGroup[t]!
  return {
    token: t,
    group: known >= 0 ? known : group === null ? -1 : indexOf(model.use.groups, group),
    cluster: t < 0 ? -1 : model.cluster[t]!,
  }
}

/**
 * Probability, in (0, 1), that using an item is normal for a token: its own days of use, shrunk to what its nearest peers
 * (weighted Jaccard) use, those to its cluster, that to its role (`group`, taken from training where known), that to
 * everyone. An unseen token has its role's expectation, an unseen role everyone's, an unseen item that of one nobody uses.
 */
export function expectedUse(
  model: PermissionClusters,
  token: string | null,
  group: string | null,
): (item: string) => number {
  const place = placeOf(model, token, group)
  return item => expectation(model, place, indexOf(model.use.items, item)).own
}

/** The expectation of one item (index into the model's items, -1 for one never seen) at every level. */
export function expectation(model: PermissionClusters, place: Place, item: number): Expectation {
  const size = model.use.tokens.length
  const users = item < 0 ? 0 : model.everyone.users[item]!
  const everyone = (users + EVERYONE_PSEUDO_TOKENS) / (size + 2 * EVERYONE_PSEUDO_TOKENS)
  const group = shrink(model.groups, place.group, item, everyone, GROUP_PSEUDO_TOKENS)
  const cluster = shrink(model.clusters, place.cluster, item, group, CLUSTER_PSEUDO_TOKENS)
  const peers = shrinkToPeers(model, place.token, item, cluster)
  return { everyone, group, cluster, peers, own: shrinkOwn(model, place.token, item, peers) }
}

/** Share of a crowd's tokens that use the item, pulled towards a prior that counts as `pseudoTokens` tokens. */
function shrink(crowds: Crowds, crowd: number, item: number, prior: number, pseudoTokens: number): number {
  if (crowd < 0) return prior
  const users = item < 0 ? 0 : crowds.users[crowd * (crowds.users.length / crowds.size.length) + item]!
  return (users + pseudoTokens * prior) / (crowds.size[crowd]! + pseudoTokens)
}

/** The same over the nearest permission sets: each token counts by its similarity; the token itself does not. */
function shrinkToPeers(model: PermissionClusters, token: number, item: number, prior: number): number {
  const { distinct, peers } = model
  const own = token < 0 ? -1 : distinct.setOf[token]!
  if (own < 0) return prior
  let tokens = distinct.tokens[own]! - 1
  let users = holds(distinct.sets[own]!, item) ? tokens : 0
  for (let p = own * peers.perSet; p < (own + 1) * peers.perSet; p++) {
    const set = peers.set[p]!
    if (set < 0) break
    const weight = peers.similarity[p]! * distinct.tokens[set]!
    tokens += weight
    if (holds(distinct.sets[set]!, item)) users += weight
  }
  return (users + PEERS_PSEUDO_TOKENS * prior) / (tokens + PEERS_PSEUDO_TOKENS)
}

/** Days with the item against days without, the latter counting little, pulled towards the prior. */
function shrinkOwn(model: PermissionClusters, token: number, item: number, prior: number): number {
  if (token < 0) return prior
  const { use } = model
  const entry = item < 0 ? -1 : entryOf(use.item, use.offsets[token]!, use.offsets[token + 1]!, item)
  const used = entry < 0 ? 0 : use.weight[entry]!
  const idle = use.days[token]! - used
  return (used + OWN_PSEUDO_DAYS * prior) / (used + IDLE_DAY_WEIGHT * idle + OWN_PSEUDO_DAYS)
}

function holds(set: Uint32Array, item: number): boolean {
  return item >= 0 && set[lowerBound(set, item)] === item
}

/** Position of the item within entries [from, to), which ascend; -1 if absent. */
function entryOf(item: Uint32Array, from: number, to: number, wanted: number): number {
  const at = from + lowerBound(item.subarray(from, to), wanted)
  return at < to && item[at] === wanted ? at : -1
}

/** Index of a text in texts sorted by UTF-16 code units; -1 if absent. */
export function indexOf(sorted: readonly string[], text: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < text) low = middle + 1
    else high = middle
  }
  return sorted[low] === text ? low : -1
}
