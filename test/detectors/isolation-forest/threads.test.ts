import { describe, expect, test } from 'vitest'
import { resolveColumns } from '../../../src/detectors/isolation-forest/encode-rows.ts'
import { fitForest } from '../../../src/detectors/isolation-forest/fit.ts'
import type { Forest } from '../../../src/detectors/isolation-forest/forest.ts'
import { scoreForest } from '../../../src/detectors/isolation-forest/score.ts'
import { TAKEN } from '../../../src/detectors/isolation-forest/threads/desk.ts'
import { hireClerks } from '../../../src/detectors/isolation-forest/threads/pool.ts'
import { scoreOnThreads } from '../../../src/detectors/isolation-forest/threads/score-on-threads.ts'
import { KeyhoundError } from '../../../src/lib/errors.ts'
import type { Matrix } from '../../../src/lib/matrix.ts'
import { createRandom } from '../../../src/lib/random.ts'
import { normalTable, reorderColumns, toFloat32 } from './tables.ts'

function scoreInParallel(forest: Forest, table: Matrix, threads: number): Float64Array {
  const scores = new Float64Array(table.rows)
  const rows = { data: table.data, cols: table.cols, source: resolveColumns(forest.names, table) }
  scoreOnThreads(forest, rows, scores, threads)
  return scores
}

/** Rows for several desks of each thread; not a whole number of blocks. */
const ROWS = 50_021
const table = normalTable(ROWS, 5)
const holed = { ...table, data: table.data.slice() }
const random = createRandom(3)
for (let i = 0; i < holed.data.length; i += 7) if (random.chance(0.1)) holed.data[i] = Number.NaN
const coded = { ...holed, data: holed.data.map((value, i) => (i % 5 === 2 ? Math.round(value) : value)) }

describe('the scores of several threads are the bits of one', () => {
  const forest = fitForest(table)
  test.each([
    ['float64', forest, table],
    ['float32', forest, toFloat32(table)],
    ['missing values', forest, toFloat32(holed)],
    ['columns in another order', forest, reorderColumns(table, [3, 0, 4, 2, 1])],
    ['codes, 1024 rows a tree', fitForest(coded, { categorical: ['x2'], subsample: 1024 }), coded],
  ])('%s', (_, model, rows) => {
    const alone = scoreForest(model, rows)
    for (const threads of [2, 3, 2]) expect(scoreInParallel(model, rows, threads)).toEqual(alone)
  })

  test('through the option, on a table that is large enough to pay', () => {
    const large = toFloat32(normalTable(260_000, 2))
    const model = fitForest(large)
    expect(scoreForest(model, large, { threads: 2 })).toEqual(scoreForest(model, large))
  })
})

test('what a thread throws reaches the caller, and the next call works', () => {
  const forest = fitForest(table)
  const broken = { ...forest, lookup: { ...forest.lookup, plainTrees: undefined as never } }
  const [clerk] = hireClerks(1)
  const { control } = clerk!.desks[0]!
  const ticket = 2 ** 31 - 1
  clerk!.post({ job: { forest: broken, cols: 5, source: Int32Array.of(0, 1, 2, 3, 4), isFloat32: false } })
  Atomics.store(control, 0, ticket)
  clerk!.post({ desk: 0, ticket, count: 1000 })
  Atomics.wait(control, 0, ticket)
  Atomics.wait(control, 0, TAKEN)
  expect(() => scoreInParallel(forest, table, 2)).toThrow(
    /scoring thread failed: TypeError: .*Score with threads: 1/,
  )
  expect(scoreInParallel(forest, table, 2)).toEqual(scoreForest(forest, table))
})

test('that a thread ended is told at the next call, and the one after that works', async () => {
  const forest = fitForest(table)
  const alone = scoreForest(forest, table)
  const [clerk] = hireClerks(1)
  clerk!.post({} as never)
  await expect
    .poll(
      () => {
        try {
          return scoreInParallel(forest, table, 2)
        } catch (error) {
          return String(error)
        }
      },
      { timeout: 60_000 },
    )
    .toMatch(/scoring thread ended: .*Score with threads: 1/)
  expect(scoreInParallel(forest, table, 2)).toEqual(alone)
})

test.each([0, 1.5, -1])('threads: %d is refused', threads => {
  const forest = fitForest(normalTable(10, 2))
  expect(() => scoreForest(forest, normalTable(10, 2), { threads })).toThrow(KeyhoundError)
})
