import type { Random } from '../../src/lib/random.ts'
import { gatherClusters, type Sketch, sketchColumn } from '../../src/lib/sketch.ts'

/** Values with the cluster of each; without labels every row is its own cluster. */
export interface Sample {
  readonly values: readonly number[]
  readonly labels?: readonly string[]
}

export function sketchOf(knots: readonly number[], { values, labels }: Sample): Sketch {
  const clusters = gatherClusters(labels ?? values.map((_, row) => String(row)))
  return sketchColumn(knots, { data: values, stride: 1, offset: 0 }, clusters)
}

export interface Drawn {
  readonly clusters: number
  /** Rows of each. */
  readonly size: number
  /** Share of the variance that rows of one cluster do not have in common, 0-1. */
  readonly own: number
  /** Standard deviations by which all rows are moved. */
  readonly shift?: number
}

/** Standard normal rows in clusters. */
export function drawClustered(random: Random, { clusters, size, own, shift = 0 }: Drawn): Required<Sample> {
  const values: number[] = []
  const labels: string[] = []
  for (let c = 0; c < clusters; c++) {
    const centre = shift + Math.sqrt(1 - own) * random.normal()
    for (let i = 0; i < size; i++) {
      values.push(centre + Math.sqrt(own) * random.normal())
      labels.push(String(c))
    }
  }
  return { values, labels }
}
