import type { Matrix } from '../lib/matrix.ts'

/** What one kind of evidence adds to the log-odds of misuse. Both >= 0. */
export interface EvidenceWeight {
  /** Per nat of surprise. */
  readonly perNat: number
  /** Further, per nat beyond the knee: rare is one thing, unheard of another. */
  readonly beyondKnee: number
  /** Nats above which more adds nothing. @default the combination's */
  readonly cap?: number
}

/** How evidence becomes one score: an additive model of log-odds, monotone in every part. */
export interface Combination {
  readonly weights: Readonly<Record<string, EvidenceWeight>>
  /** Nats from which `beyondKnee` counts. */
  readonly knee: number
  /** Nats above which more surprise adds nothing: no single fact decides alone. */
  readonly cap: number
}

/** One fact about a token-hour: how surprising it is. */
export interface Evidence {
  /** Name of the feature, or of the model whose output it is. */
  readonly source: string
  /** >= 0. */
  readonly nats: number
}

/** Log-odds that one fact adds: perNat min(s, cap) + beyondKnee max(0, min(s, cap) - knee). */
export function contributionOf(combination: Combination, source: string, nats: number): number {
  const weight = combination.weights[source]
  if (weight === undefined) return 0
  const counted = Math.min(nats, weight.cap ?? combination.cap)
  return weight.perNat * counted + weight.beyondKnee * Math.max(0, counted - combination.knee)
}

/**
 * Score of a set of evidence: the sum of what each source adds, its largest surprise counted once. Monotone in every
 * surprise; neither the order of the list nor repeats of a source change it.
 */
export function combineEvidence(combination: Combination, evidence: readonly Evidence[]): number {
  const largest = new Map<string, number>()
  for (const { source, nats } of evidence) largest.set(source, Math.max(largest.get(source) ?? 0, nats))
  let score = 0
  for (const source of Object.keys(combination.weights))
    score += contributionOf(combination, source, largest.get(source) ?? 0)
  return score
}

/** The same for every row of a table of surprises (rows, sources); columns are found by name. */
export function combineRows(combination: Combination, surprises: Matrix): Float64Array {
  const { knee, cap } = combination
  const sources = Object.keys(combination.weights)
    .map(source => ({ column: surprises.names.indexOf(source), ...combination.weights[source]! }))
    .filter(source => source.column >= 0)
  const scores = new Float64Array(surprises.rows)
  for (let r = 0; r < surprises.rows; r++) {
    let score = 0
    for (const { column, perNat, beyondKnee, cap: most = cap } of sources) {
      const counted = Math.min(surprises.data[r * surprises.cols + column]!, most)
      score += perNat * counted + beyondKnee * Math.max(0, counted - knee)
    }
    scores[r] = score
  }
  return scores
}
