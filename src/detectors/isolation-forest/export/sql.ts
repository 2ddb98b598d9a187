import type { Forest } from '../forest.ts'
import { type PlainNode, plainTree, refuseCodes, scoreTransform } from './plain-tree.ts'

export interface ForestSqlOptions {
  /** Table or view with a column a feature, null = missing. @default "features" */
  readonly table?: string
  /** Columns that come along before the score. @default none */
  readonly keys?: readonly string[]
  /** Lines of a comment at the top. @default none */
  readonly comment?: readonly string[]
}

/** Trees added up in one pair of brackets: engines bound how deep an expression nests (DuckDB: 1000 levels). */
const TREES_TOGETHER = 50

/**
 * The forest as one SELECT of standard SQL: the keys and `forest_score`, that of {@link scoreForest} to the last bits of an
 * exponential. Each tree is a nest of CASE; values are compared as float32, null follows the branch drawn at training; NaN is
 * no SQL value, and must be null. Throws KeyhoundError 'bad-input' for a forest with categorical columns.
 */
export function forestToSql(forest: Forest, options: ForestSqlOptions = {}): string {
  refuseCodes(forest)
  const { table = 'features', keys = [], comment = [] } = options
  const { rate, offset } = scoreTransform(forest)
  const sums: string[] = []
  for (let first = 0; first < forest.trees; first += TREES_TOGETHER) {
    const count = Math.min(TREES_TOGETHER, forest.trees - first)
    const trees = Array.from({ length: count }, (_, i) => caseOf(plainTree(forest, first + i), 0))
    sums.push(`(${trees.join('\n+ ')})`)
  }
  const inputs = forest.names.map(
    (name, c) => `CAST(CAST(${quoted(name)} AS REAL) AS DOUBLE PRECISION) AS x${c}`,
  )
  return `${comment.map(line => `-- ${line}\n`).join('')}SELECT ${[...keys.map(quoted), ''].join(', ')}EXP(${literal(offset)} + ${literal(rate)} * (
${sums.join('\n+ ')}
)) AS forest_score
FROM (SELECT ${[...keys.map(quoted), ...inputs].join(',\n  ')}
FROM ${quoted(table)}) AS inputs
`
}

/** A comparison with null is not true: the branch that missing values follow is the ELSE. */
function caseOf(nodes: readonly PlainNode[], at: number): string {
  const node = nodes[at]!
  if (node.kind === 'leaf') return literal(node.pathLength)
  const [left, right] = [caseOf(nodes, node.left), caseOf(nodes, node.right)]
  return node.missingRight
    ? `CASE WHEN x${node.column}<${literal(node.threshold)} THEN ${left} ELSE ${right} END`
    : `CASE WHEN x${node.column}>=${literal(node.threshold)} THEN ${right} ELSE ${left} END`
}

/** A number with an exponent: an approximate (double) literal in standard SQL, never a decimal. */
function literal(value: number): string {
  const shortest = value.toExponential()
  return value < 0 ? `(${shortest.replace('e+', 'e')})` : shortest.replace('e+', 'e')
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
