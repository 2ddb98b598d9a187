import { BLOCK_ROWS, type TreeView } from './path-lengths.ts'

/** Isolation forest of Liu, Ting & Zhou (2008), "Isolation Forest", ICDM: the model as plain flat arrays. */
export interface ForestOptions {
  /** Trees in the forest, >= 1. @default 100: Liu et al. section 5.2, path lengths have converged well before. */
  trees?: number
  /** Rows each tree is grown on, >= 2, drawn without replacement; all rows when the table has fewer. @default 256 (same section) */
  subsample?: number
  /** Same seed, same table: same forest. @default 0 */
  seed?: number
  /** Splits on the longest path, 1 to 16. @default ceil(log2(subsample)): the mean depth of a random tree, at most 16 */
  maxDepth?: number
  /** Names of columns whose integer codes (|code| < 2^24) have no order: split by random subsets of the codes. */
  categorical?: readonly string[]
}

/**
 * A fitted forest. Each tree is a complete binary heap of `depth` levels: node i has the children 2i and 2i + 1, the root
 * is 1, index 0 is unused. A branch that ends early goes on with splits that decide nothing, so that every descent takes
 * exactly `depth` steps without a test for the end.
 *
 * A row is seen as `width` *slots*: one for a numeric column, {@link CATEGORY_ORDERS} for a categorical one.
 * A split sends a row right when `slot >= threshold`.
 */
export interface Forest {
  /** Columns in the order of the training table, length cols. */
  readonly names: readonly string[]
  readonly trees: number
  readonly depth: number
  /** Rows each tree was grown on. */
  readonly sampleRows: number
  readonly seed: number
  /** 1 where the column holds codes, (cols). */
  readonly isCategorical: Uint8Array
  /** (trees, 2^depth): slot that the node looks at. */
  readonly slots: Uint16Array
  /** (trees, 2^depth). */
  readonly thresholds: Float32Array
  /** (trees, 2^depth): 1 where a missing value goes right. */
  readonly missingRight: Uint8Array
  /** (trees, 2^(depth + 1)): training rows that reached the node; 0 below a leaf. */
  readonly counts: Uint32Array
  /** Derived from the above. */
  readonly lookup: ForestLookup
}

/** What scoring reads besides the splits; recomputed on load, never stored. */
export interface ForestLookup {
  /** Slots of one row. */
  readonly width: number
  /** (width): the column a slot was made from. */
  readonly slotColumn: Uint16Array
  /** (trees, 2^depth): slot in a row laid out twice (see encodeMissing), for rows with missing values. */
  readonly missingSlots: Uint16Array
  /** (trees, 2^depth): path length h of each bottom node, depth of its leaf + c(rows in it). */
  readonly pathLengths: Float32Array
  /** The trees over `slots`, for rows without missing values. */
  readonly plainTrees: readonly TreeView[]
  /** The trees over `missingSlots`. */
  readonly missingTrees: readonly TreeView[]
}

/**
 * Random orders of the codes a categorical column is split by. A node picks one and cuts it anywhere; 16 orders times
 * every cut are enough distinct subsets for 100 trees, at 16 numbers a cell.
 */
export const CATEGORY_ORDERS = 16

/** Complete heaps double with each level: at 16, 100 trees take 79 MB. */
export const MAX_DEPTH = 16

/**
 * c(n): mean path length of an unsuccessful search in a binary search tree of n keys (Liu et al. 2008, eq. 1), with
 * H(i) = ln(i) + 0.5772156649 and the exact 0 and 1 for n <= 1 and n = 2, as scikit-learn has it.
 */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0
  if (n === 2) return 1
  return 2 * (Math.log(n - 1) + EULER_GAMMA) - (2 * (n - 1)) / n
}

const EULER_GAMMA = 0.5772156649015329

/** First slot of each column, and the width after the last: (cols + 1). */
export function slotStarts(isCategorical: Uint8Array): Uint32Array {
  const starts = new Uint32Array(isCategorical.length + 1)
  for (let c = 0; c < isCategorical.length; c++)
    starts[c + 1] = starts[c]! + (isCategorical[c] === 1 ? CATEGORY_ORDERS : 1)
  return starts
}

export function deriveLookup(forest: Omit<Forest, 'lookup'>): ForestLookup {
  const starts = slotStarts(forest.isCategorical)
  const width = starts[forest.names.length]!
  const slotColumn = new Uint16Array(width)
  for (let c = 0; c < forest.names.length; c++) slotColumn.fill(c, starts[c], starts[c + 1])
  const missingSlots = new Uint16Array(forest.slots.length)
  for (let i = 0; i < missingSlots.length; i++)
    missingSlots[i] = forest.slots[i]! + forest.missingRight[i]! * width

  const half = 2 ** forest.depth
  const pathLengths = new Float32Array(forest.trees * half)
  // Level by level: a node below a leaf inherits the leaf's path length.
  const level = new Float64Array(2 * half)
  for (let tree = 0; tree < forest.trees; tree++) {
    const counts = forest.counts.subarray(tree * 2 * half, (tree + 1) * 2 * half)
    for (let node = 1; node < 2 * half; node++) {
      level[node] =
        counts[node]! > 0
          ? Math.floor(Math.log2(node)) + averagePathLength(counts[node]!)
          : level[node >>> 1]!
    }
    for (let i = 0; i < half; i++) pathLengths[tree * half + i] = level[half + i]!
  }
  const view = (slots: Uint16Array): TreeView[] => {
    const offsets = new Int32Array(slots.length)
    for (let i = 0; i < slots.length; i++) offsets[i] = slots[i]! * BLOCK_ROWS
    return Array.from({ length: forest.trees }, (_, tree) => ({
      offsets: offsets.subarray(tree * half, (tree + 1) * half),
      thresholds: forest.thresholds.subarray(tree * half, (tree + 1) * half),
      pathLengths: pathLengths.subarray(tree * half, (tree + 1) * half),
    }))
  }
  return {
    width,
    slotColumn,
    missingSlots,
    pathLengths,
    plainTrees: view(forest.slots),
    missingTrees: view(missingSlots),
  }
}
