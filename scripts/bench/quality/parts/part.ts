import type { Estimate, EvaluationReport, RankingReport } from '../../../../src/schema/evaluation.ts'
import { type Engine, openEngine } from '../../../../src/sql/duckdb.ts'
import type { Goal, QualityPart, QualityRow } from '../row.ts'

export interface PartOptions {
  /** Folder for what a part needs to write; it is removed after the bench. */
  readonly scratch: string
  /** Seeds of the simulated worlds; none below 9000, where the prior was fitted. */
  readonly seeds: readonly number[]
}

/** One part of the bench and the data set it needs. */
export interface Part {
  readonly title: string
  readonly about: string
  /** Folder of the data set; null for what is simulated. */
  readonly dataset: string | null
  measure(options: PartOptions): Promise<Measured>
}

export type Measured = Pick<QualityPart, 'rows'> & Partial<Pick<QualityPart, 'tables' | 'curves' | 'effects'>>

/** Runs `work` with an engine of its own, closed after it. */
export async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine()
  try {
    return await work(engine)
  } finally {
    engine.close()
  }
}

/** The 95 % interval of an estimate as a row's range; nothing where it is unknown. */
export function rangeOf({ low, high }: Estimate): Pick<QualityRow, 'range'> {
  return low === null || high === null ? {} : { range: { low, high, of: '95 % interval' } }
}

export const atLeast = (value: number): Goal => ({ is: 'at least', value })

/** The ranking that analysts get. */
export function headlineOf(report: EvaluationReport): RankingReport {
  return report.rankings.find(ranking => ranking.name === report.headline)!
}
