import { kmeans } from 'ml-kmeans'
import { expect, test } from 'vitest'
import { assign, moveCentroids } from '../../src/detectors/permission-clusters/lloyd.ts'
import { createMatrix, selectRows } from '../../src/lib/matrix.ts'
import { createRandom } from '../../src/lib/random.ts'

function randomTable(rows: number, cols: number) {
  const random = createRandom(rows + cols)
  const table = createMatrix(rows, new Array(cols).fill(''))
  for (let i = 0; i < table.data.length; i++) table.data[i] = random.normal(0, 1)
  return table
}

test('centroids and clusters are those of ml-kmeans, to the last bit', () => {
  for (const [rows, cols, clusters] of [
    [300, 20, 7],
    [50, 3, 50],
    [40, 9, 1],
    [2000, 4, 24],
  ] as const) {
    const table = randomTable(rows, cols)
    const starts = selectRows(
      table,
      Uint32Array.from({ length: clusters }, (_, c) => c),
    )
    const moved = moveCentroids(table, starts.data)
    const toRows = (data: Float64Array) =>
      Array.from({ length: data.length / cols }, (_, r) => [...data.subarray(r * cols, (r + 1) * cols)])
    const peer = kmeans(toRows(table.data), clusters, {
      initialization: toRows(starts.data),
      maxIterations: 30,
    })
    expect(toRows(moved)).toEqual(peer.centroids)
  }
})

test('of centroids equally near the lower number wins', () => {
  const table = createMatrix(1, ['x'])
  expect(assign(table, Float64Array.of(2, -1, 1, -1))).toEqual({ cluster: Int32Array.of(1), inertia: 1 })
  // Three rows on two places, centroids as near: all go to the first, which moves to their mean.
  expect(moveCentroids(createMatrix(3, ['x']), Float64Array.of(1, -1, 1))).toEqual(Float64Array.of(0, -1, 1))
})

test('a centroid without rows stays', () => {
  const table = createMatrix(2, ['x'])
  expect(moveCentroids(table, Float64Array.of(1, 9))).toEqual(Float64Array.of(0, 9))
})
