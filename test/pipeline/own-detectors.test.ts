import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forestToOnnx } from '../../src/detectors/isolation-forest/export/onnx.ts'
import { fitForest } from '../../src/detectors/isolation-forest/fit.ts'
import { selectColumns } from '../../src/lib/matrix.ts'
import { readBatch } from '../../src/pipeline/batch.ts'
import type { Context } from '../../src/pipeline/context.ts'
import { loadModel } from '../../src/pipeline/models.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { configSchema, parseConfig } from '../../src/schema/config.ts'
import { openScorer } from '../../src/scoring.ts'
import { listDays } from '../../src/sql/workspace.ts'
import { dayAt, days, type Office, openOffice, takeover } from './office.ts'

const FEATURES = ['requests_tail', 'deletes_excess', 'asn_surprise']
const MINE = { name: 'mine', path: 'mine.onnx', features: FEATURES }

let office: Office
let context: Context

/** The office's settings with models of its own. */
const withOnnx = (onnx: object[]): Context => ({
  ...office.context,
  config: configSchema.parse({ ...office.context.config, detectors: { onnx } }),
})

beforeAll(async () => {
  office = await openOffice([...days(0, 8), ...takeover(7, 2)])
  const { engine, workspace } = office.context
  await train(office.context, { until: dayAt(7), name: 'plain' })
  const { features } = await readBatch(engine, workspace, listDays(workspace.features))
  const forest = fitForest(selectColumns(features, FEATURES), { trees: 10, subsample: 64 })
  writeFileSync(join(workspace.root, MINE.path), forestToOnnx(forest))
  context = withOnnx([MINE])
  await train(context, { until: dayAt(7) })
})
afterAll(() => office.world.close())

test('lies in the model version, by checksum, and makes the same model of the same data', async () => {
  const { workspace } = office.context
  const folder = join(workspace.models, 'default', '1')
  const given = readFileSync(join(workspace.root, MINE.path))
  expect(readFileSync(join(folder, 'own', 'mine.onnx'))).toEqual(given)
  const { manifest, detectors } = await loadModel(workspace, 'default@1')
  expect(Object.keys(manifest.checksums)).toContain('own/mine.onnx')
  expect(detectors.own![0]!.spec).toMatchObject({ name: 'mine', features: FEATURES })
  await train(context, { until: dayAt(7) })
  expect((await loadModel(workspace, 'default@2')).manifest.contentId).toBe(manifest.contentId)
})

test('without one a model has neither files nor columns of it', async () => {
  const { manifest, detectors } = await loadModel(office.context.workspace, 'plain')
  expect(Object.keys(manifest.checksums).join()).not.toContain('own')
  expect(detectors.own).toBeUndefined()
})

test('has a column among the scores, its part of the score, and is told', async () => {
  await score(context, { from: dayAt(7), model: 'default@1' })
  const [top] = await office.rows<{ token_id: string; nats: number; score: number; reasons: string }>(
    `SELECT token_id, detector_onnx_mine AS nats, score, reasons FROM scores WHERE token_id = 'token-2' AND hour(window_start) = 3`,
  )
  expect(top!.nats).toBeGreaterThan(2)

  const { engine, workspace } = context
  const { features, use } = await readBatch(engine, workspace, [dayAt(7).toISOString().slice(0, 10)])
  const scorer = await openScorer(workspace.root, { model: 'default@1' })
  const plain = await openScorer(workspace.root, { model: 'plain' })
  const [mine, theirs] = [scorer.score({ features, use }), plain.score({ features, use })]
  const row = mine.score.indexOf(top!.score)
  expect(row).toBeGreaterThanOrEqual(0)
  expect(mine.evidence.names.at(-1)).toBe('onnx_mine')
  // 0.172 a nat and 0.281 for each beyond 4 of at most 8.
  const nats = Math.min(top!.nats, 8)
  expect(mine.score[row]! - theirs.score[row]!).toBeCloseTo(0.172 * nats + 0.281 * Math.max(0, nats - 4), 9)
  const told = scorer.explain({ features, use }, 20)[row]!.find(reason => reason.detector === 'onnx_mine')
  expect(told?.code).toBe('own_model')
  expect(told?.text).toMatch(/^Your own model "mine" finds this hour as unusual as 1 in /)
  scorer.close()
  plain.close()
})

test('is watched for drift like our models', async () => {
  const { drift } = await loadModel(office.context.workspace, 'default@1')
  const column = drift!.reference.columns.find(({ name }) => name === 'onnx_mine')
  expect(column).toMatchObject({ kind: 'model' })
  expect(column!.weight).toBeGreaterThan(0)
})

test('a version whose copy was changed is refused', async () => {
  const { workspace } = office.context
  const file = join(workspace.models, 'default', '2', 'own', 'mine.onnx')
  expect(existsSync(file)).toBe(true)
  writeFileSync(file, 'other')
  await expect(loadModel(workspace, 'default@2')).rejects.toMatchObject({
    code: 'corrupt-artefact',
    where: file,
  })
})

test.each([
  [{ ...MINE, path: 'none.onnx' }, 'not-found', /"mine": no file .*none\.onnx/],
  [{ ...MINE, features: ['requests_tail', 'mood'] }, 'bad-input', /"mine": no feature "mood"/],
  [{ ...MINE, features: ['requests_tail'] }, 'bad-input', /rows of 1 numbers/],
])('a configuration that cannot work stops training: %j', async (onnx, code, message) => {
  await expect(train(withOnnx([onnx]))).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  })
})

test('names that make no column, and the same name twice, are refused', () => {
  for (const onnx of [[{ ...MINE, name: 'My Model' }], [MINE, MINE]])
    expect(parseConfig({ detectors: { onnx } }).ok).toBe(false)
})
