import type { DoubleMatrix, Matrix } from '../../lib/matrix.ts'
import type { Signal } from './catalogue.ts'

/** Every feature that a signal reads, once. */
export function signalFeatures(signals: readonly Signal[]): string[] {
  return [...new Set(signals.flatMap(signal => signal.terms.flatMap(term => term.features)))]
}

/**
 * Evidence of each signal per row: (rows, signals), nats, >= 0.
 *
 * @param surprises (rows, features) of tail surprises in nats; a feature that is absent counts as unknown, that is as zero.
 */
export function scoreSignals(signals: readonly Signal[], surprises: Matrix): DoubleMatrix {
  const plans = signals.map(signal =>
    signal.terms.map(term => ({
      weight: term.weight,
      columns: Int32Array.from(
        term.features.map(name => surprises.names.indexOf(name)).filter(index => index >= 0),
      ),
    })),
  )
  const cols = signals.length
  const data = new Float64Array(surprises.rows * cols)
  for (let r = 0; r < surprises.rows; r++) {
    const row = r * surprises.cols
    for (let s = 0; s < cols; s++) {
      let evidence = 0
      for (const { weight, columns } of plans[s]!) {
        let largest = 0
        for (let i = 0; i < columns.length; i++) {
          const value = surprises.data[row + columns[i]!]!
          if (value > largest) largest = value
        }
        evidence += weight * largest
      }
      data[r * cols + s] = evidence
    }
  }
  return { data, rows: surprises.rows, cols, names: signals.map(signal => signal.name) }
}
