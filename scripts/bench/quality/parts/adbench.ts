import { mean } from '../../../../src/lib/stats.ts'
import type { Engine } from '../../../../src/sql/duckdb.ts'
import { progress, significant } from '../../lib.ts'
import { type AdbenchQuality, measureAdbench } from '../adbench.ts'
import { type Measured, type Part, withEngine } from './part.ts'

export const ADBENCH: Part = {
  title: 'Isolation forest on ADBench',
  about:
    "23 sets, 5 seeds (100 on two small sets), beside scikit-learn's forest with the same settings. Correct means the same, not more: the goal is a difference of AUROC within its own spread between draws of seeds.",
  dataset: 'adbench',
  measure: () => withEngine(measureForest),
}

/** Difference of a mean that counts as the same: that of the single sets. */
const SAME = 0.02

async function measureForest(engine: Engine): Promise<Measured> {
  const sets: AdbenchQuality[] = []
  for await (const quality of measureAdbench(engine)) {
    progress(`  ${quality.set}`)
    sets.push(quality)
  }
  const differenceOf = ({ compared }: AdbenchQuality) => Math.abs(compared.ours - compared.reference)
  const average = (of: (quality: AdbenchQuality) => number) => mean(sets.map(of))
  return {
    rows: [
      {
        subject: `${sets.length} sets`,
        measure: 'sets of another AUROC than the reference',
        kind: 'number',
        value: sets.filter(quality => !(differenceOf(quality) <= quality.tolerance)).length,
        goal: { is: 'at most', value: 0 },
        isHeadline: true,
      },
      {
        subject: `mean of ${sets.length} sets`,
        measure: 'AUROC',
        kind: 'share',
        value: average(quality => quality.auroc),
        reference: { value: average(quality => quality.reference.auroc), of: 'scikit-learn', within: SAME },
        chance: 0.5,
      },
      {
        subject: `mean of ${sets.length} sets`,
        measure: 'AP',
        kind: 'share',
        value: average(quality => quality.averagePrecision),
        reference: {
          value: average(quality => quality.reference.averagePrecision),
          of: 'scikit-learn',
          within: SAME,
        },
        chance: average(quality => quality.baseRate),
      },
    ],
    tables: [
      {
        title: 'Set by set',
        rows: sets.map(quality => ({
          set: quality.set,
          'base rate': significant(quality.baseRate),
          AUROC: quality.compared.ours.toFixed(3),
          'scikit-learn': quality.compared.reference.toFixed(3),
          difference: differenceOf(quality).toFixed(3),
          tolerance: quality.tolerance,
          AP: quality.averagePrecision.toFixed(3),
          'AP, scikit-learn': quality.reference.averagePrecision.toFixed(3),
        })),
      },
    ],
  }
}
