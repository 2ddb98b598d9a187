import { KeyhoundError } from '../../lib/errors.ts'
import type { Matrix } from '../../lib/matrix.ts'
import { createRandom, type Random } from '../../lib/random.ts'
import { encodeRow } from './encode-rows.ts'
import {
  CATEGORY_ORDERS,
  deriveLookup,
  type Forest,
  type ForestOptions,
  MAX_DEPTH,
  slotStarts,
} from './forest.ts'

/** Largest finite float32; thresholds stay finite where values do not. */
const MAX_FLOAT32 = 3.4028234663852886e38

/** One tree's share of the forest's arrays. */
interface Tree {
  slots: Uint16Array
  thresholds: Float32Array
  missingRight: Uint8Array
  counts: Uint32Array
}

/** The training table as trees see it. */
interface Plan {
  table: Matrix
  isCategorical: Uint8Array
  /** (cols + 1) */
  starts: Uint32Array
  /** Columns sorted by name: draws go over these, so that the order of the table's columns changes nothing. */
  byName: Int32Array
  sampleRows: number
  depth: number
}

/**
 * Fits an isolation forest to a table (rows, cols), NaN = missing. Each tree draws its rows without replacement from a
 * stream of its own (seed, tree number). In each node a column is drawn among those that still vary there (as
 * scikit-learn does), then a threshold uniformly in (lowest, highest]. Missing values of a node all go to one branch,
 * drawn once with the probability of the known rows' shares: over the trees they weigh like the "divided" rows of C4.5
 * (Quinlan 1993, ch. 3) at the price of one path, and being missing is not in itself anomalous.
 * The table is read, never written. Throws KeyhoundError 'bad-input' for an empty table or options out of range.
 */
export function fitForest(table: Matrix, options: ForestOptions = {}): Forest {
  const trees = options.trees ?? 100
  const subsample = options.subsample ?? 256
  const seed = options.seed ?? 0
  checkTable(table)
  checkInteger('trees', trees, 1, 100_000)
  checkInteger('subsample', subsample, 2, 2 ** 31)
  const sampleRows = Math.min(subsample, table.rows)
  const depth = options.maxDepth ?? Math.min(MAX_DEPTH, Math.ceil(Math.log2(Math.max(2, sampleRows))))
  checkInteger('maxDepth', depth, 1, MAX_DEPTH)
  const isCategorical = markCategorical(table, options.categorical ?? [])
  const starts = slotStarts(isCategorical)
  if (starts[table.cols]! > 32_768)
    throw new KeyhoundError(
      'bad-input',
      `the forest takes at most 32768 slots a row; the table needs ${starts[table.cols]}`,
    )

  const byName = Int32Array.from(table.names.keys()).sort((a, b) =>
    table.names[a]! < table.names[b]! ? -1 : 1,
  )
  const plan: Plan = { table, isCategorical, starts, byName, sampleRows, depth }
  const half = 2 ** depth
  const arrays = {
    slots: new Uint16Array(trees * half),
    thresholds: new Float32Array(trees * half),
    missingRight: new Uint8Array(trees * half),
    counts: new Uint32Array(trees * 2 * half),
  }
  const random = createRandom(seed)
  for (let t = 0; t < trees; t++) {
    growTree(plan, random.fork('tree', t), {
      slots: arrays.slots.subarray(t * half, (t + 1) * half),
      thresholds: arrays.thresholds.subarray(t * half, (t + 1) * half),
      missingRight: arrays.missingRight.subarray(t * half, (t + 1) * half),
      counts: arrays.counts.subarray(t * 2 * half, (t + 1) * 2 * half),
    })
  }
  const forest = { names: [...table.names], trees, depth, sampleRows, seed, isCategorical, ...arrays }
  return { ...forest, lookup: deriveLookup(forest) }
}

/** Fills one tree, depth first with a stack of its own: the stack holds at most one open sibling a level. */
function growTree(plan: Plan, random: Random, tree: Tree): void {
  const { sampleRows, depth, starts, isCategorical } = plan
  const width = starts[plan.table.cols]!
  const sample = encodeSample(plan, random, width)
  const rows = Int32Array.from({ length: sampleRows }, (_, i) => i)
  // Columns before `varying` may still vary in the node; those found constant move behind and stay so for its children.
  const columns = plan.byName.slice()
  const stack: { node: number; level: number; begin: number; end: number; varying: number }[] = [
    { node: 1, level: 0, begin: 0, end: sampleRows, varying: columns.length },
  ]
  for (let open = stack.pop(); open !== undefined; open = stack.pop()) {
    const { node, level, begin, end } = open
    let varying = open.varying
    tree.counts[node] = end - begin
    if (level === depth || end - begin <= 1) continue

    while (varying > 0) {
      const drawn = random.int(varying)
      const column = columns[drawn]!
      const slot = starts[column]! + (isCategorical[column] === 1 ? random.int(CATEGORY_ORDERS) : 0)
      const { low, high } = rangeOf(sample, width, slot, rows, begin, end)
      if (!(low < high)) {
        varying--
        columns[drawn] = columns[varying]!
        columns[varying] = column
        continue
      }
      const threshold = drawThreshold(low, high, random)
      const middle = partition(sample, width, slot, rows, begin, end, threshold, random, tree, node)
      tree.slots[node] = slot
      tree.thresholds[node] = threshold
      stack.push(
        { node: 2 * node + 1, level: level + 1, begin: middle, end, varying },
        { node: 2 * node, level: level + 1, begin, end: middle, varying },
      )
      break
    }
  }
}

/** The tree's rows in slots, (sampleRows, width): Floyd's sampling without replacement (Bentley & Floyd 1987). */
function encodeSample(plan: Plan, random: Random, width: number): Float32Array {
  const { table, sampleRows, isCategorical } = plan
  const drawn = new Set<number>()
  for (let limit = table.rows - sampleRows; limit < table.rows; limit++) {
    const row = random.int(limit + 1)
    drawn.add(drawn.has(row) ? limit : row)
  }
  const sample = new Float32Array(sampleRows * width)
  if (!isCategorical.includes(1)) {
    // Slots are the columns as they are: whole rows are copied.
    let at = 0
    for (const row of drawn) {
      sample.set(table.data.subarray(row * table.cols, (row + 1) * table.cols), at)
      at += width
    }
    return sample
  }
  const source = Int32Array.from(table.names.keys())
  let at = 0
  for (const row of drawn) {
    encodeRow(table.data, row * table.cols, source, isCategorical, sample, at)
    at += width
  }
  return sample
}

/** Lowest and highest known value of a slot among rows[begin, end), kept finite; low > high when none is known. */
function rangeOf(
  sample: Float32Array,
  width: number,
  slot: number,
  rows: Int32Array,
  begin: number,
  end: number,
): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = begin; i < end; i++) {
    const value = sample[rows[i]! * width + slot]!
    if (value < low) low = value
    if (value > high) high = value
  }
  return { low: Math.max(low, -MAX_FLOAT32), high: Math.min(high, MAX_FLOAT32) }
}

/** Uniform in (low, high] as float32: `x < t` and `x >= t` both keep a row. */
function drawThreshold(low: number, high: number, random: Random): number {
  const threshold = Math.fround(low + (1 - random.next()) * (high - low))
  return threshold > low ? threshold : high
}

/** Puts the rows that go left before those that go right, notes where missing ones go, and returns the first right one. */
function partition(
  sample: Float32Array,
  width: number,
  slot: number,
  rows: Int32Array,
  begin: number,
  end: number,
  threshold: number,
  random: Random,
  tree: Tree,
  node: number,
): number {
  let left = 0
  let right = 0
  for (let i = begin; i < end; i++) {
    const value = sample[rows[i]! * width + slot]!
    if (value >= threshold) right++
    else if (value < threshold) left++
  }
  // Drawn even when nothing is missing here: rows scored later may be.
  const missingRight = random.chance(right / (left + right))
  tree.missingRight[node] = missingRight ? 1 : 0
  let from = begin
  let to = end
  while (from < to) {
    const value = sample[rows[from]! * width + slot]!
    const goesRight = missingRight ? !(value < threshold) : value >= threshold
    if (!goesRight) {
      from++
    } else {
      to--
      const held = rows[from]!
      rows[from] = rows[to]!
      rows[to] = held
    }
  }
  return from
}

function checkTable(table: Matrix): void {
  if (table.rows === 0 || table.cols === 0)
    throw new KeyhoundError(
      'bad-input',
      `a forest needs at least one row and one column; the table has ${table.rows} and ${table.cols}`,
    )
  const twice = table.names.find((name, i) => table.names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new KeyhoundError('bad-input', `column "${twice}" is there twice; names must differ`, {
      where: twice,
    })
}

function checkInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new KeyhoundError(
      'bad-input',
      `${name} must be a whole number from ${low} to ${high}; got ${value}`,
      {
        where: name,
      },
    )
}

/** 1 for each categorical column, (cols); its known values must be codes that float32 keeps apart. */
function markCategorical(table: Matrix, categorical: readonly string[]): Uint8Array {
  const marks = new Uint8Array(table.cols)
  for (const name of categorical) {
    const column = table.names.indexOf(name)
    if (column < 0)
      throw new KeyhoundError(
        'bad-input',
        `categorical column "${name}" is not in the table; found: ${table.names.join(', ')}`,
        { where: name },
      )
    marks[column] = 1
    for (let r = 0; r < table.rows; r++) {
      const code = table.data[r * table.cols + column]!
      if (!Number.isNaN(code) && !(Number.isInteger(code) && Math.abs(code) < 2 ** 24))
        throw new KeyhoundError(
          'bad-input',
          `categorical column "${name}" holds ${code} in row ${r}; codes are whole numbers below 2^24`,
          { where: name },
        )
    }
  }
  return marks
}
