import { createMatrix, type Matrix } from '../../lib/matrix.ts'
import type { Random } from '../../lib/random.ts'
import type { SortedUse } from './use-table.ts'

/**
 * Up to this many items, sets stay as they are; beyond, a random projection to as many dimensions keeps distances within
 * about 1 / sqrt(2 x 64) = 9 % (Johnson & Lindenstrauss; Achlioptas 2003) and k-means affordable.
 */
export const PROJECTED_DIMENSIONS = 64

/** Identical permission sets occur once: the distinct ones, and which of them each token has (-1: none used). */
export interface DistinctSets {
  /** Sorted item indices of each distinct set, in lexicographic order of the sets. */
  readonly sets: readonly Uint32Array[]
  readonly setOf: Int32Array
  /** Tokens that have each set. */
  readonly tokens: Float64Array
}

/** Smoothed inverse document frequency of each item, ln((1 + T) / (1 + df)) + 1 (as scikit-learn's TfidfTransformer). */
export function inverseFrequency(use: SortedUse): Float64Array {
  const users = new Float64Array(use.items.length)
  for (let e = 0; e < use.item.length; e++) users[use.item[e]!] = users[use.item[e]!]! + 1
  return users.map(df => Math.log((1 + use.tokens.length) / (1 + df)) + 1)
}

export function distinctSets(use: SortedUse): DistinctSets {
  const byKey = new Map<string, number[]>()
  for (let t = 0; t < use.tokens.length; t++) {
    const set = use.item.subarray(use.offsets[t]!, use.offsets[t + 1]!)
    if (set.length === 0) continue
    const key = set.join(',')
    const same = byKey.get(key)
    if (same) same.push(t)
    else byKey.set(key, [t])
  }
  // Ordered by content, not by who came first: the k-means starts depend on row order.
  const keys = [...byKey.keys()].sort()
  const setOf = new Int32Array(use.tokens.length).fill(-1)
  const sets = keys.map((key, s) => {
    const tokens = byKey.get(key)!
    for (const t of tokens) setOf[t] = s
    return use.item.slice(use.offsets[tokens[0]!]!, use.offsets[tokens[0]! + 1]!)
  })
  return { sets, setOf, tokens: Float64Array.from(keys, key => byKey.get(key)!.length) }
}

/**
 * Unit vectors of the IDF-weighted sets, (sets, min(items, 64)). Each item's direction is drawn from its own name, so
 * neither new items nor their order move the others.
 */
export function embedSets(
  distinct: DistinctSets,
  items: readonly string[],
  idf: Float64Array,
  random: Random,
): Matrix {
  const projected = items.length > PROJECTED_DIMENSIONS
  const dims = projected ? PROJECTED_DIMENSIONS : items.length
  const out = createMatrix(
    distinct.sets.length,
    Array.from({ length: dims }, (_, d) => `d${d}`),
  )
  const directions = projected ? projection(items, dims, random) : undefined
  for (let s = 0; s < distinct.sets.length; s++) {
    const row = out.data.subarray(s * dims, (s + 1) * dims)
    let squares = 0
    for (const i of distinct.sets[s]!) squares += idf[i]! ** 2
    const length = Math.sqrt(squares)
    for (const i of distinct.sets[s]!) {
      const share = idf[i]! / length
      if (!directions) row[i] = share
      else for (let d = 0; d < dims; d++) row[d] = row[d]! + share * directions[i * dims + d]!
    }
  }
  return out
}

/** Gaussian directions of expected squared length 1, (items, dims). */
function projection(items: readonly string[], dims: number, random: Random): Float64Array {
  const out = new Float64Array(items.length * dims)
  const sd = 1 / Math.sqrt(dims)
  for (let i = 0; i < items.length; i++) {
    const stream = random.fork('direction', items[i]!)
    for (let d = 0; d < dims; d++) out[i * dims + d] = stream.normal(0, sd)
  }
  return out
}
