import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resolveColumns } from '../../../src/detectors/isolation-forest/encode-rows.ts'
import { fitForest } from '../../../src/detectors/isolation-forest/fit.ts'
import type { Forest } from '../../../src/detectors/isolation-forest/forest.ts'
import { scoreForest } from '../../../src/detectors/isolation-forest/score.ts'
import { DONE, FAILED, FREE, TAKEN } from '../../../src/detectors/isolation-forest/threads/desk.ts'
import {
  type Clerk,
  dismissClerks,
  hireClerks,
} from '../../../src/detectors/isolation-forest/threads/pool.ts'
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

/** Quicker than a comparison number by number. */
function bits(scores: Float64Array): Buffer {
  return Buffer.from(scores.buffer, scores.byteOffset, scores.byteLength)
}

/** Rows for several desks of each thread; not a whole number of blocks. */
const ROWS = 50_021
const table = normalTable(ROWS, 5)
const holed = { ...table, data: table.data.slice() }
const random = createRandom(3)
for (let i = 0; i < holed.data.length; i += 7) if (random.chance(0.1)) holed.data[i] = Number.NaN
const coded = { ...holed, data: holed.data.map((value, i) => (i % 5 === 2 ? Math.round(value) : value)) }

/** Has a thread score what lies on its first desk, waiting until it has started; returns the state it leaves. */
function scoreOnDesk(clerk: Clerk, forest: Forest): number {
  const { control } = clerk.desks[0]!
  const ticket = 2 ** 31 - 1
  const source = Int32Array.from(forest.names.keys())
  clerk.post({ job: { forest, cols: source.length, source, isFloat32: false } })
  Atomics.store(control, 0, ticket)
  clerk.post({ desk: 0, ticket, count: 1000 })
  expect(Atomics.wait(control, 0, ticket, 60_000)).not.toBe('timed-out')
  expect(Atomics.wait(control, 0, TAKEN, 60_000)).not.toBe('timed-out')
  return Atomics.load(control, 0)
}

/** From here on no thread is late, and both take rows. */
beforeAll(() => {
  for (const clerk of hireClerks(2)) {
    expect(scoreOnDesk(clerk, fitForest(table))).toBe(DONE)
    Atomics.store(clerk.desks[0]!.control, 0, FREE)
  }
})
afterAll(dismissClerks)

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
    for (const threads of [2, 3, 2])
      expect(bits(scoreInParallel(model, rows, threads)).equals(bits(alone))).toBe(true)
  })

  test('through the option, on a table that is large enough to pay', () => {
    const large = toFloat32(normalTable(260_000, 2))
    const model = fitForest(large)
    expect(bits(scoreForest(model, large, { threads: 2 })).equals(bits(scoreForest(model, large)))).toBe(true)
  })
})

test('what a thread throws reaches the caller, and the next call works', () => {
  const forest = fitForest(table)
  const broken = { ...forest, lookup: { ...forest.lookup, plainTrees: undefined as never } }
  expect(scoreOnDesk(hireClerks(1)[0]!, broken)).toBe(FAILED)
  expect(() => scoreInParallel(forest, table, 2)).toThrow(
    /scoring thread failed: TypeError: .*Score with threads: 1/,
  )
  expect(bits(scoreInParallel(forest, table, 2)).equals(bits(scoreForest(forest, table)))).toBe(true)
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
  expect(bits(scoreInParallel(forest, table, 2)).equals(bits(alone))).toBe(true)
})

test.each([0, 1.5, -1])('threads: %d is refused', threads => {
  const forest = fitForest(normalTable(10, 2))
  expect(() => scoreForest(forest, normalTable(10, 2), { threads })).toThrow(KeyhoundError)
})

test('as built, threads score, and the process ends with them', () => {
  const code = `
    const { fitForest } = await import('./dist/detectors/isolation-forest/fit.js')
    const { scoreForest } = await import('./dist/detectors/isolation-forest/score.js')
    const data = Float32Array.from({ length: 520_000 }, (_, i) => Math.sin(i * i))
    const table = { data, rows: 260_000, cols: 2, names: ['a', 'b'] }
    const forest = fitForest(table)
    const alone = scoreForest(forest, table)
    for (let pass = 0; pass < 2; pass++) {
      const scores = scoreForest(forest, table, { threads: 2 })
      console.log(scores.every((score, r) => score === alone[r]))
    }`
  const cwd = fileURLToPath(new URL('../../..', import.meta.url))
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect(child).toMatchObject({ status: 0, stdout: 'true\ntrue\n', stderr: '' })
})
