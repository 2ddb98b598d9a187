import { KeyhoundError } from '../lib/errors.ts'
import { columnOf, type Matrix } from '../lib/matrix.ts'
import { auroc } from '../lib/metrics.ts'
import { createRandom } from '../lib/random.ts'
import { lowerBound, quantileSorted, sortedFinite } from '../lib/stats.ts'
import { groupedFolds } from './folds.ts'

/** A column of a training table: numbers (NaN = unknown) or texts (null = unknown). */
export interface TableColumn {
  readonly name: string
  readonly values: ArrayLike<number> | readonly (string | null)[]
}

/** How well one column alone tells the labels, on rows it was not fitted on. */
export interface ColumnVerdict {
  readonly column: string
  readonly kind: 'number' | 'text'
  /** Out-of-fold area under the ROC curve, 0-1; 0.5 says nothing. */
  readonly auroc: number
  /** Out-of-fold share of rows named rightly, the mean of both classes, 0-1. */
  readonly balancedAccuracy: number
  /** Whether it decides the label by itself. */
  readonly leaks: boolean
}

export interface LeakOptions {
  /** Entity of each row: rows of one are never on both sides of a split. Default: each row its own. */
  readonly groups?: ArrayLike<number>
  /** Default 1. */
  readonly seed?: number
}

const FOLDS = 5
/** Bins of a number, at quantiles of the training rows; a value that holds several quantiles is a bin of its own. */
const BINS = 32
/**
 * Nothing honest tells misuse this well by one fact: the best single column of github_bot_accounts reaches AUROC 0.882, those that made
 * the labels of kaggle_api_behavior 0.995 to 1.000, its next one 0.948.
 */
export const LEAK_AUROC = 0.99
/** Of each class: five folds then hold two of each, and a perfect column is no accident of one or two rows. */
const FEWEST_OF_A_CLASS = 10

/**
 * Judges every column by itself: its bins' (or texts') shares of positives in four fifths of the rows, smoothed, are its prediction for
 * the last fifth. So rules that are no threshold are seen, too, and ids that never repeat say nothing. Best first; empty when a
 * class has fewer than 10 rows. Throws 'bad-input' for columns of another length than the labels.
 */
export function checkColumns(
  columns: readonly TableColumn[],
  labels: ArrayLike<number>,
  { groups, seed = 1 }: LeakOptions = {},
): ColumnVerdict[] {
  for (const { name, values } of columns)
    if (values.length !== labels.length)
      throw new KeyhoundError(
        'bad-input',
        `column "${name}" has ${values.length} rows, labels ${labels.length}`,
      )
  const positives = Array.from(labels).filter(label => label === 1).length
  if (Math.min(positives, labels.length - positives) < FEWEST_OF_A_CLASS) return []
  const fold = groupedFolds(labels, groups, FOLDS, createRandom(seed).fork('leaks'))
  return columns
    .map(column => judgeColumn(column, labels, fold, positives / labels.length))
    .sort((a, b) => b.auroc - a.auroc || b.balancedAccuracy - a.balancedAccuracy)
}

/** The columns that decide the label alone. */
export function findLeaks(
  columns: readonly TableColumn[],
  labels: ArrayLike<number>,
  options: LeakOptions = {},
): ColumnVerdict[] {
  return checkColumns(columns, labels, options).filter(column => column.leaks)
}

export function columnsOf(table: Matrix): TableColumn[] {
  return table.names.map((name, c) => ({ name, values: columnOf(table, c) }))
}

export function leakText({ column, auroc: area }: ColumnVerdict): string {
  return `column "${column}" alone decides the label (cross-validated AUROC ${area.toFixed(3)}): the labels were probably made from it, and figures measured on them prove nothing`
}

function judgeColumn(
  { name, values }: TableColumn,
  labels: ArrayLike<number>,
  fold: Uint8Array,
  baseRate: number,
): ColumnVerdict {
  const isText = Array.from(values as ArrayLike<unknown>).some(value => typeof value === 'string')
  const predicted = new Float64Array(labels.length)
  for (let f = 0; f < FOLDS; f++) {
    const binOf = isText
      ? (row: number) => String((values as readonly unknown[])[row] ?? '')
      : numberBins(values as ArrayLike<number>, fold, f)
    const tally = new Map<string, { rows: number; positives: number }>()
    for (let r = 0; r < labels.length; r++) {
      if (fold[r] === f) continue
      const bin = binOf(r)
      const held = tally.get(bin) ?? { rows: 0, positives: 0 }
      held.rows++
      held.positives += labels[r]!
      tally.set(bin, held)
    }
    for (let r = 0; r < labels.length; r++) {
      if (fold[r] !== f) continue
      const { rows, positives } = tally.get(binOf(r)) ?? { rows: 0, positives: 0 }
      predicted[r] = (positives + baseRate) / (rows + 1)
    }
  }
  let [hits, rejects, positives] = [0, 0, 0]
  for (let r = 0; r < labels.length; r++) {
    const says = predicted[r]! > baseRate
    if (labels[r] === 1) positives++
    if (labels[r] === 1 && says) hits++
    if (labels[r] !== 1 && !says) rejects++
  }
  const area = auroc(predicted, labels)
  return {
    column: name,
    kind: isText ? 'text' : 'number',
    auroc: area,
    balancedAccuracy: (hits / positives + rejects / (labels.length - positives)) / 2,
    leaks: area >= LEAK_AUROC,
  }
}

/** Bin of a row's number, learned outside fold f: even numbers lie between edges, odd ones are single values. */
function numberBins(values: ArrayLike<number>, fold: Uint8Array, f: number): (row: number) => string {
  const sorted = sortedFinite(Array.from(values).filter((_, r) => fold[r] !== f))
  const edges: number[] = []
  const isAtom: boolean[] = []
  for (let b = 1; b < BINS && sorted.length > 0; b++) {
    const edge = quantileSorted(sorted, b / BINS)
    if (edge === edges.at(-1)) isAtom[edges.length - 1] = true
    else {
      edges.push(edge)
      isAtom.push(false)
    }
  }
  return row => {
    const value = values[row]
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'unknown'
    const at = lowerBound(edges, value)
    return String(2 * at + (isAtom[at] && value === edges[at] ? 1 : 0))
  }
}
