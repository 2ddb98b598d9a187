import type { DistinctSets } from './embed.ts'

/** The nearest permission sets of each distinct set, padded with -1; (sets, perSet), nearest first. */
export interface Peers {
  readonly perSet: number
  readonly set: Int32Array
  /** Weighted Jaccard similarity, 0-1. */
  readonly similarity: Float32Array
}

/**
 * Nearest other sets by weighted Jaccard similarity: the IDF of the shared items over the IDF of all items of both
 * (Ioffe 2010, eq. 1, for 0/1 sets). Exact, through an inverted index: cost is the sum over items of squared users.
 */
export function nearestSets(distinct: DistinctSets, idf: Float64Array, perSet: number): Peers {
  const { sets } = distinct
  const holders = invert(sets, idf.length)
  const mass = Float64Array.from(sets, set => set.reduce((sum, i) => sum + idf[i]!, 0))
  const set = new Int32Array(sets.length * perSet).fill(-1)
  const similarity = new Float32Array(sets.length * perSet)
  const shared = new Float64Array(sets.length)
  for (let s = 0; s < sets.length; s++) {
    shared.fill(0)
    for (const i of sets[s]!) {
      const weight = idf[i]!
      const others = holders[i]!
      for (let k = 0; k < others.length; k++) shared[others[k]!] = shared[others[k]!]! + weight
    }
    const base = s * perSet
    for (let other = 0; other < sets.length; other++) {
      if (shared[other] === 0 || other === s) continue
      const jaccard = Math.fround(shared[other]! / (mass[s]! + mass[other]! - shared[other]!))
      if (jaccard <= similarity[base + perSet - 1]!) continue
      // Insertion into the short sorted list; equals stay in set order, so the result is unique.
      let at = base + perSet - 1
      while (at > base && similarity[at - 1]! < jaccard) {
        similarity[at] = similarity[at - 1]!
        set[at] = set[at - 1]!
        at--
      }
      similarity[at] = jaccard
      set[at] = other
    }
  }
  return { perSet, set, similarity }
}

/** The sets that hold each item. */
function invert(sets: readonly Uint32Array[], items: number): Uint32Array[] {
  const count = new Uint32Array(items)
  for (const set of sets) for (const i of set) count[i] = count[i]! + 1
  const holders = Array.from(count, n => new Uint32Array(n))
  count.fill(0)
  for (let s = 0; s < sets.length; s++) for (const i of sets[s]!) holders[i]![count[i]!++] = s
  return holders
}
