import { InferenceSession, Tensor } from 'onnxruntime-web'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forestToOnnx } from '../../../src/detectors/isolation-forest/export/onnx.ts'
import { forestToSql } from '../../../src/detectors/isolation-forest/export/sql.ts'
import { fitForest } from '../../../src/detectors/isolation-forest/fit.ts'
import { deriveLookup, type Forest } from '../../../src/detectors/isolation-forest/forest.ts'
import { scoreForest } from '../../../src/detectors/isolation-forest/score.ts'
import { columnOf, fromColumns, type Matrix } from '../../../src/lib/matrix.ts'
import { createRandom } from '../../../src/lib/random.ts'
import { type Engine, openEngine } from '../../../src/sql/duckdb.ts'
import { normalTable } from './tables.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
})
afterAll(() => engine.close())

/** What a foreign runtime makes of the exported file. */
async function scoreByOnnx(forest: Forest, table: Matrix): Promise<number[]> {
  const session = await InferenceSession.create(forestToOnnx(forest))
  const features = new Tensor('float32', Float32Array.from(table.data), [table.rows, table.cols])
  const { score } = await session.run({ features })
  expect(score!.dims).toEqual([table.rows, 1])
  return [...(score!.data as Float32Array)]
}

/** What DuckDB makes of the exported statement; NaN goes in as null. */
async function scoreBySql(forest: Forest, table: Matrix): Promise<number[]> {
  const columns = table.names.map((name, c) => [name, columnOf(table, c)] as const)
  const row = Float64Array.from({ length: table.rows }, (_, r) => r)
  await engine.load('loaded', { row, ...Object.fromEntries(columns) })
  const inputs = table.names.map(
    name => `CASE WHEN isnan("${name}") THEN NULL ELSE "${name}" END AS "${name}"`,
  )
  await engine.run(`CREATE OR REPLACE TEMP TABLE vectors AS SELECT row, ${inputs.join(', ')} FROM loaded`)
  const sql = forestToSql(forest, { table: 'vectors', keys: ['row'] })
  const { data } = await engine.matrix(`SELECT forest_score FROM (${sql}) ORDER BY row`)
  await engine.run('DROP TABLE loaded')
  return [...data]
}

/** Two trees over (a, b), grown by hand on 4 rows: c(4) = 2 (ln 3 + gamma) - 1.5 = 1.8516557. */
function forestByHand(): Forest {
  const [half, trees] = [4, 2]
  const forest = {
    names: ['a', 'b'],
    trees,
    depth: 2,
    sampleRows: 4,
    seed: 0,
    isCategorical: new Uint8Array(2),
    // a >= 1 parts one row from three; those by b >= -2. The second tree: b >= 0.5 alone, missing goes right.
    slots: Uint16Array.of(0, 0, 1, 0, 0, 1, 0, 0),
    thresholds: Float32Array.of(0, 1, -2, 0, 0, 0.5, 0, 0),
    missingRight: Uint8Array.of(0, 0, 1, 0, 0, 1, 0, 0),
    counts: Uint32Array.of(0, 4, 3, 1, 1, 2, 0, 0, 0, 4, 2, 2, 0, 0, 0, 0),
  }
  expect(forest.slots).toHaveLength(trees * half)
  return { ...forest, lookup: deriveLookup(forest) }
}

/** Path lengths by hand of each row below: in the first tree, and in the second (1 + c(2) = 2 on either side). */
const BY_HAND = [
  { a: 2, b: 0, h: [1, 2] },
  { a: 0, b: -3, h: [2, 2] },
  { a: 0, b: 7, h: [3, 2] },
  { a: 1, b: Number.NaN, h: [1, 2] },
  { a: Number.NaN, b: Number.NaN, h: [3, 2] },
]

describe('a forest by hand', () => {
  const forest = forestByHand()
  const table = fromColumns({ a: BY_HAND.map(row => row.a), b: BY_HAND.map(row => row.b) })
  const expected = BY_HAND.map(({ h }) => 2 ** (-(h[0]! + h[1]!) / 2 / 1.8516557042))

  test('scores by hand as by ours, ONNX and SQL', async () => {
    const [ours, onnx, sql] = [
      scoreForest(forest, table),
      await scoreByOnnx(forest, table),
      await scoreBySql(forest, table),
    ]
    expected.forEach((score, row) => {
      expect(ours[row]).toBeCloseTo(score, 7)
      expect(onnx[row]).toBeCloseTo(score, 6)
      expect(sql[row]).toBeCloseTo(ours[row]!, 12)
    })
  })

  test('as SQL it can be read', () => {
    expect(forestToSql(forest, { keys: ['token_id'], comment: ['by hand'] })).toMatchInlineSnapshot(`
      "-- by hand
      SELECT "token_id", EXP(0e0 + (-1.871695431876495e-1) * (
      (CASE WHEN x0>=1e0 THEN 1e0 ELSE CASE WHEN x1<(-2e0) THEN 2e0 ELSE 3e0 END END
      + CASE WHEN x1<5e-1 THEN 2e0 ELSE 2e0 END)
      )) AS forest_score
      FROM (SELECT "token_id",
        CAST(CAST("a" AS REAL) AS DOUBLE PRECISION) AS x0,
        CAST(CAST("b" AS REAL) AS DOUBLE PRECISION) AS x1
      FROM "features") AS inputs
      "
    `)
  })
})

/** A table with a fifth of its cells missing, infinities, and values at float32's edge. */
function roughTable(rows: number): Matrix {
  const table = normalTable(rows, 6, 7)
  const random = createRandom(3)
  for (let i = 0; i < table.data.length; i++) if (random.chance(0.2)) table.data[i] = Number.NaN
  table.data.set([Infinity, -Infinity, 0.1, 1e-45, -0, 3.4e38])
  return table
}

test.each([
  ['100 trees of 256 rows', { trees: 100, subsample: 256 }],
  ['120 trees of 64 rows, cut at depth 3', { trees: 120, subsample: 64, maxDepth: 3 }],
])('a trained forest, %s, with missing values: ONNX within float32, SQL within 1e-9', async (_, options) => {
  const table = roughTable(500)
  const forest = fitForest(table, options)
  const ours = scoreForest(forest, table)
  const onnx = await scoreByOnnx(forest, table)
  const sql = await scoreBySql(forest, table)
  expect(Math.max(...onnx.map((score, row) => Math.abs(score - ours[row]!)))).toBeLessThan(2e-6)
  expect(Math.max(...sql.map((score, row) => Math.abs(score - ours[row]!)))).toBeLessThan(1e-9)
})

test('one that nothing could be split on says one half, also elsewhere', async () => {
  const table = fromColumns({ x: [5] })
  const forest = fitForest(table)
  expect([...scoreForest(forest, table)]).toEqual([0.5])
  expect(await scoreByOnnx(forest, table)).toEqual([0.5])
  expect((await scoreBySql(forest, table))[0]).toBeCloseTo(0.5, 12)
})

test('columns of codes are refused by name', () => {
  const forest = fitForest(fromColumns({ x: [1, 2, 3], code: [1, 2, 3] }), { categorical: ['code'] })
  for (const convert of [forestToOnnx, forestToSql])
    expect(() => convert(forest)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('code') }),
    )
})

test('a name with a quote stays a name', async () => {
  const table = fromColumns({ 'x"y': [1, 2, 30] })
  expect(forestToSql(fitForest(table))).toContain('"x""y"')
  expect(await scoreByOnnx(fitForest(table), table)).toHaveLength(3)
})
