import { KeyhoundError } from '../../../lib/errors.ts'
import { averagePathLength, type Forest } from '../forest.ts'

/** A node of a tree that is no heap any more: a split, or a leaf. */
export type PlainNode =
  | {
      readonly kind: 'split'
      /** Index into the forest's names. */
      readonly column: number
      /** A row goes right when its value, as float32, is at least this. */
      readonly threshold: number
      readonly missingRight: boolean
      /** Indices into the nodes of the tree. */
      readonly left: number
      readonly right: number
    }
  | {
      readonly kind: 'leaf'
      /** Depth of the leaf + c(rows in it), float32. */
      readonly pathLength: number
    }

/** Nodes of one tree, the root first, without those that decide nothing. */
export function plainTree(forest: Forest, tree: number): PlainNode[] {
  const half = 2 ** forest.depth
  const counts = forest.counts.subarray(tree * 2 * half, (tree + 1) * 2 * half)
  const isSplit = (node: number) => node < half && (counts[2 * node]! > 0 || counts[2 * node + 1]! > 0)
  const heap = [1]
  const nodes: PlainNode[] = []
  // Breadth first: a node's children come to lie where the list then ends.
  for (let i = 0; i < heap.length; i++) {
    const node = heap[i]!
    if (!isSplit(node)) {
      const levelsBelow = forest.depth - Math.floor(Math.log2(node))
      const bottom = node * 2 ** levelsBelow - half
      nodes.push({ kind: 'leaf', pathLength: forest.lookup.pathLengths[tree * half + bottom]! })
      continue
    }
    const at = tree * half + node
    nodes.push({
      kind: 'split',
      column: forest.lookup.slotColumn[forest.slots[at]!]!,
      threshold: forest.thresholds[at]!,
      missingRight: forest.missingRight[at] === 1,
      left: heap.length,
      right: heap.length + 1,
    })
    heap.push(2 * node, 2 * node + 1)
  }
  return nodes
}

/**
 * The score of a sum of path lengths h over all trees: exp(rate h + offset), which is 2^(-h / (trees c(n))) (Liu, Ting & Zhou
 * 2008, eq. 2), and 0.5 for a forest grown on one row.
 */
export function scoreTransform({ trees, sampleRows }: Forest): { rate: number; offset: number } {
  const expected = averagePathLength(sampleRows)
  return expected === 0 ? { rate: 0, offset: -Math.LN2 } : { rate: -Math.LN2 / (trees * expected), offset: 0 }
}

/** Throws `bad-input` for a forest with columns of codes: neither ONNX trees nor SQL comparisons split by subsets of them. */
export function refuseCodes(forest: Forest): void {
  const coded = forest.names.filter((_, c) => forest.isCategorical[c] === 1)
  if (coded.length === 0) return
  throw new KeyhoundError(
    'bad-input',
    `a forest with categorical columns cannot be exported; columns of codes: ${coded.join(', ')}. Fit it on numbers alone`,
  )
}
