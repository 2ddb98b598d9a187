import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-web'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scoreForest } from '../../src/detectors/isolation-forest/score.ts'
import type { Matrix } from '../../src/lib/matrix.ts'
import { selectColumns } from '../../src/lib/matrix.ts'
import { readBatch } from '../../src/pipeline/batch.ts'
import { exportForest } from '../../src/pipeline/export-model.ts'
import { loadModel, type Model } from '../../src/pipeline/models.ts'
import { train } from '../../src/pipeline/train.ts'
import { listDays } from '../../src/sql/workspace.ts'
import { keyhound } from '../cli/harness.ts'
import { days, type Office, openOffice } from './office.ts'

let office: Office
let model: Model
let features: Matrix
let ours: Float64Array

beforeAll(async () => {
  office = await openOffice(days(0, 4))
  const { engine, workspace } = office.context
  await train(office.context)
  model = await loadModel(workspace)
  features = (await readBatch(engine, workspace, listDays(workspace.features))).features
  ours = scoreForest(model.detectors.forest, features)
})
afterAll(() => office.world.close())

test('the SQL, over the features of the workspace, gives the forest score of every token-hour', async () => {
  const sql = new TextDecoder().decode(exportForest(model, 'sql'))
  for (const fact of ['default@1', model.manifest.contentId, model.manifest.featureFingerprint])
    expect(sql.slice(0, 400)).toContain(fact)
  const scored = await office.rows<{ forest_score: number }>(
    `SELECT forest_score FROM (${sql}) ORDER BY window_start, tenant_id, token_id`,
  )
  expect(scored).toHaveLength(features.rows)
  scored.forEach((row, r) => {
    expect(Math.abs(row.forest_score - ours[r]!)).toBeLessThan(1e-9)
  })
})

test('the ONNX file says what it was made of, and scores alike', async () => {
  const bytes = exportForest(model, 'onnx')
  const names = model.detectors.forest.names
  const text = Buffer.from(bytes).toString('latin1')
  for (const fact of [
    'default@1',
    model.manifest.contentId,
    model.manifest.featureFingerprint,
    JSON.stringify(names),
  ])
    expect(text).toContain(fact)
  const session = await InferenceSession.create(bytes)
  const input = Float32Array.from(selectColumns(features, names).data)
  const { score } = await session.run({
    features: new Tensor('float32', input, [features.rows, names.length]),
  })
  ours.forEach((one, r) => {
    expect(Math.abs(Number(score!.data[r]) - one)).toBeLessThan(2e-6)
  })
})

test.each(['onnx', 'sql'] as const)('keyhound models export --format %s writes it', async format => {
  const out = join(office.world.workspace.root, `forest.${format}`)
  const { exitCode, stdout, stderr } = await keyhound([
    ...['models', 'export', 'default@1', '--format', format, '--out', out, '--json'],
    ...['--workspace', office.world.workspace.root],
  ])
  expect([exitCode, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toMatchObject({ model: 'default@1', format, file: out, trees: 30 })
  expect(new Uint8Array(readFileSync(out))).toEqual(exportForest(model, format))
})

test('without a model there is nothing to write', async () => {
  const out = join(office.world.workspace.root, 'none.onnx')
  const { exitCode, stderr } = await keyhound([
    ...['models', 'export', 'other', '--out', out, '--workspace', office.world.workspace.root],
  ])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('no model other')
  expect(existsSync(out)).toBe(false)
})
