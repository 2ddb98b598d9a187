import { encodeBlock, type Rows, splitMissing } from './encode-block.ts'
import { encodeMissing, encodeRow } from './encode-rows.ts'
import { averagePathLength, type Forest } from './forest.ts'
import { BLOCK_ROWS, type Block, createBlock } from './path-lengths.ts'

/** What scoring reads of a forest. */
export type ScoringForest = Pick<
  Forest,
  'trees' | 'depth' | 'sampleRows' | 'isCategorical' | 'thresholds' | 'lookup'
>

/** So few rows go one by one: the copies of the trees cost a block as much as five rows (100 trees x 256, 25 us). */
const FEW_ROWS = 4

/** Slots and bottom nodes a tree that the first block has room for: more than the shipped features need, in 0.6 MB. */
const ROOM = { slots: 512, nodes: 4096 }

let block: Block | undefined

/** Scores rows [start, start + count) on this thread, to `scores` from `start` on. */
export function scoreRows(
  forest: ScoringForest,
  rows: Rows,
  start: number,
  count: number,
  scores: Float64Array,
): void {
  for (let first = start; first < start + count; first += BLOCK_ROWS) {
    const some = Math.min(BLOCK_ROWS, start + count - first)
    if (some <= FEW_ROWS) sumFew(forest, rows, first, some, scores)
    else sumBlock(forest, rows, first, some, scores)
  }
  const expected = averagePathLength(forest.sampleRows)
  // Eq. 2 as an exponential (half the time of a power). A forest grown on one row knows nothing: 0.5, as in scikit-learn.
  const rate = expected === 0 ? 0 : -Math.LN2 / (forest.trees * expected)
  for (let r = start; r < start + count; r++) scores[r] = expected === 0 ? 0.5 : Math.exp(scores[r]! * rate)
}

function sumBlock(
  { depth, isCategorical, lookup }: ScoringForest,
  rows: Rows,
  first: number,
  count: number,
  sums: Float64Array,
): void {
  block = blockFor(2 * lookup.width, 2 ** depth)
  const { cells } = block
  if (encodeBlock(rows, first, count, isCategorical, cells)) {
    splitMissing(cells, lookup.width)
    block.sumPathLengths(lookup.missingTrees, depth, count)
  } else block.sumPathLengths(lookup.plainTrees, depth, count)
  sums.set(block.sums.subarray(0, count), first)
}

function blockFor(slots: number, nodes: number): Block {
  const room = block ?? createBlock(ROOM.slots, ROOM.nodes)
  if (room.slots >= slots && room.nodes >= nodes) return room
  return createBlock(Math.max(room.slots, slots), Math.max(room.nodes, nodes))
}

/** The same sums, row by row and node by node. */
function sumFew(
  { trees, depth, isCategorical, thresholds, lookup }: ScoringForest,
  rows: Rows,
  first: number,
  count: number,
  sums: Float64Array,
): void {
  const { width, missingSlots, pathLengths } = lookup
  const half = 2 ** depth
  const encoded = new Float32Array(width)
  const doubled = new Float32Array(2 * width)
  for (let r = first; r < first + count; r++) {
    encodeRow(rows.data, r * rows.cols, rows.source, isCategorical, encoded, 0)
    encodeMissing(encoded, 1, width, doubled)
    let sum = 0
    for (let base = 0; base < trees * half; base += half) {
      let node = 1
      for (let level = 0; level < depth; level++)
        node = 2 * node + +(doubled[missingSlots[base + node]!]! >= thresholds[base + node]!)
      sum += pathLengths[base + node - half]!
    }
    sums[r] = sum
  }
}
