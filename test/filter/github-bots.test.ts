import { expect, test } from 'vitest'
import { BOTS_REFERENCE, measureBots, weightedF1 } from '../../scripts/bench/quality/github-bots.ts'
import { hasDataset } from '../../scripts/bench/real/harness.ts'
import { openEngine } from '../../src/sql/duckdb.ts'

test('weighted F1 is the mean of both classes by their rows', () => {
  // Class 1: 1 hit of 2 said, 1 there: 2/3. Class 0: 2 hits of 2 said, 3 there: 4/5. (3 * 4/5 + 1 * 2/3) / 4
  expect(weightedF1([1, 1, 0, 0], [1, 0, 0, 0])).toBeCloseTo((3 * 0.8 + 2 / 3) / 4, 12)
  expect(weightedF1([1, 0], [1, 0])).toBe(1)
  // A row that counts twice is a row there twice.
  expect(weightedF1([1, 0, 0], [1, 0, 1], [1, 1, 2])).toBe(weightedF1([1, 0, 0, 0], [1, 0, 1, 1]))
})

test.skipIf(!hasDataset('github_bot_accounts'))(
  `github_bot_accounts (skipped where the data set is absent): cross-validated weighted F1 near the reference forest ${BOTS_REFERENCE}`,
  async () => {
    const engine = await openEngine()
    const { weightedF1: f1, interval } = await measureBots(engine, { members: 2 })
    engine.close()
    console.log(
      `github_bot_accounts: weighted F1 ${f1.toFixed(3)} (reference random forest ${BOTS_REFERENCE})`,
    )
    expect(f1).toBeGreaterThan(0.885)
    expect(interval.low).toBeLessThan(f1)
    expect(interval.high).toBeGreaterThan(f1)
  },
)
