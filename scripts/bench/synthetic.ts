import { closeSync, openSync, writeSync } from 'node:fs'
import { createRandom } from '../../src/lib/random.ts'

/** Share of anomalies in the synthetic table. */
const ANOMALIES = 0.01

/**
 * Writes a table of float32, row-major (rows, cols): four normal clusters with centres of their own, and 1 % anomalies
 * that lie 3 standard deviations off in a quarter of the columns. Returns the labels, (rows).
 */
export function writeSyntheticTable(path: string, rows: number, cols: number, seed: number): Uint8Array {
  const random = createRandom(seed)
  const centres = Array.from({ length: 4 }, () =>
    Float32Array.from({ length: cols }, () => random.uniform(-4, 4)),
  )
  const labels = new Uint8Array(rows)
  const file = openSync(path, 'w')
  const blockRows = 4096
  const block = new Float32Array(blockRows * cols)
  for (let start = 0; start < rows; start += blockRows) {
    const count = Math.min(blockRows, rows - start)
    for (let r = 0; r < count; r++) {
      const centre = random.pick(centres)
      const anomalous = random.chance(ANOMALIES)
      labels[start + r] = anomalous ? 1 : 0
      for (let c = 0; c < cols; c++) {
        const shift = anomalous && random.chance(0.25) ? 3 : 0
        block[r * cols + c] = centre[c]! + random.normal() + shift
      }
    }
    writeSync(file, new Uint8Array(block.buffer, 0, count * cols * 4))
  }
  closeSync(file)
  return labels
}
