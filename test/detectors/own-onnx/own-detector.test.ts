import { describe, expect, test } from 'vitest'
import { forestToOnnx } from '../../../src/detectors/isolation-forest/export/onnx.ts'
import { fitForest } from '../../../src/detectors/isolation-forest/fit.ts'
import { scoreForest } from '../../../src/detectors/isolation-forest/score.ts'
import {
  type OwnDetectorSpec,
  openOwnDetector,
  scoreOwn,
} from '../../../src/detectors/own-onnx/own-detector.ts'
import { openOnnx } from '../../../src/detectors/own-onnx/session.ts'
import { selectColumns } from '../../../src/lib/matrix.ts'
import { normalTable } from '../isolation-forest/tables.ts'

const table = normalTable(300, 3)
table.data[4] = Number.NaN
const forest = fitForest(table, { trees: 20, subsample: 64 })
const bytes = forestToOnnx(forest)
const spec = (more: Partial<OwnDetectorSpec> = {}): OwnDetectorSpec => ({
  name: 'mine',
  features: table.names,
  input: null,
  output: null,
  missing: null,
  higherIs: 'worse',
  ...more,
})

test('without a runtime the error says what to install', async () => {
  const source = { name: 'mine', bytes, width: 3, runtimes: ['no-such-runtime'] }
  await expect(openOnnx(source)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('npm install onnxruntime-node'),
  })
})

test('the first runtime that is installed is taken', async () => {
  const { runtime } = await openOnnx({
    name: 'mine',
    bytes,
    width: 3,
    runtimes: ['no-such-runtime', 'onnxruntime-web'],
  })
  expect(runtime).toBe('onnxruntime-web')
})

describe("a user's own model", () => {
  test('is given its features in its order, whatever the order of the table, and missing as NaN', async () => {
    const own = await openOwnDetector(spec(), bytes)
    const ours = scoreForest(forest, table)
    const theirs = scoreOwn(own, selectColumns(table, ['x2', 'x0', 'x1']))
    theirs.forEach((score, row) => {
      expect(Math.abs(score - ours[row]!)).toBeLessThan(2e-6)
    })
    expect([own.session.input, own.session.output]).toEqual(['features', 'score'])
  })

  test('gives a row the same number by itself, among others, and over the edge of a block', async () => {
    const own = await openOwnDetector(spec(), bytes)
    const many = { ...table, data: new Float64Array(1100 * 3), rows: 1100 }
    for (let i = 0; i < many.data.length; i++) many.data[i] = table.data[i % table.data.length]!
    const all = scoreOwn(own, many)
    const alone = scoreOwn(own, { ...table, data: table.data.slice(0, 3), rows: 1 })
    expect([all[0], all[300], all[900]]).toEqual([alone[0], alone[0], alone[0]])
    expect(scoreOwn(own, { ...table, data: new Float64Array(), rows: 0 })).toHaveLength(0)
  })

  test('is given a number for what is unknown where it wants one', async () => {
    const own = await openOwnDetector(spec({ missing: 0 }), bytes)
    const filled = { ...table, data: table.data.map(value => (Number.isNaN(value) ? 0 : value)) }
    expect(scoreOwn(own, table)).toEqual(scoreOwn(own, filled))
  })

  test('whose lower outputs are worse is turned round', async () => {
    const worse = scoreOwn(await openOwnDetector(spec(), bytes), table)
    const better = scoreOwn(await openOwnDetector(spec({ higherIs: 'better' }), bytes), table)
    expect(better).toEqual(worse.map(value => -value))
  })

  test.each([
    ['another number of features', spec({ features: ['x0', 'x1'] }), bytes, /rows of 2 numbers/],
    ['an output it has not', spec({ output: 'label' }), bytes, /no output "label"; there are: score/],
    ['an input it has not', spec({ input: 'X' }), bytes, /no input "X"; there are: features/],
    ['bytes that are no model', spec(), new Uint8Array([1, 2, 3]), /does not load/],
  ])('is refused with %s', async (_, asked, given, message) => {
    await expect(openOwnDetector(asked, given)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(message),
      where: 'mine',
    })
  })
})
