import { expect, test } from 'vitest'
import { measureAdbench } from '../../../scripts/bench/quality/adbench.ts'
import { hasDataset } from '../../../scripts/bench/real/harness.ts'
import { openEngine } from '../../../src/sql/duckdb.ts'

test.skipIf(!hasDataset('adbench'))(
  'AUROC is that of scikit-learn on every ADBench set, mean of 5 seeds (of 100 on two small sets; skipped without the data)',
  async () => {
    const engine = await openEngine()
    const table: Record<string, string>[] = []
    const failures: string[] = []
    for await (const { set, compared, tolerance, ...quality } of measureAdbench(engine)) {
      if (!(Math.abs(compared.ours - compared.reference) <= tolerance))
        failures.push(`${set}: AUROC ${compared.ours.toFixed(4)}, scikit-learn ${compared.reference}`)
      table.push({
        set,
        auroc: quality.auroc.toFixed(3),
        sklearn: quality.reference.auroc.toFixed(3),
        ap: quality.averagePrecision.toFixed(3),
        sklearnAp: quality.reference.averagePrecision.toFixed(3),
        baseRate: quality.baseRate.toFixed(3),
      })
    }
    engine.close()
    console.table(table)
    expect(failures).toEqual([])
    expect(table.length).toBe(23)
  },
)
