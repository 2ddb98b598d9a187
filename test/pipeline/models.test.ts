import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checksumsOf, contentIdOf } from '../../src/pipeline/model-content.ts'
import { listModels, loadModel } from '../../src/pipeline/models.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { days, type Office, openOffice } from './office.ts'

let office: Office
let folder: string
const FILES = ['forest.bin', 'clusters.bin', 'detectors.json', 'manifest.json']

beforeAll(async () => {
  office = await openOffice(days(0, 4))
  await train(office.context)
  folder = join(office.world.workspace.models, 'default', '1')
  for (const file of FILES) copyFileSync(join(folder, file), join(office.world.workspace.root, file))
})
beforeEach(() => {
  for (const file of FILES) copyFileSync(join(office.world.workspace.root, file), join(folder, file))
})
afterAll(() => office.world.close())

describe('a model on disk', () => {
  test('is listed and loads, by name and by version', async () => {
    expect(listModels(office.world.workspace).map(one => one.model)).toEqual(['default@1'])
    for (const reference of [undefined, 'default', 'default@1'])
      expect((await loadModel(office.world.workspace, reference)).manifest.version).toBe(1)
  })

  test('leaves no work in progress behind', () => {
    expect(readdirSync(join(office.world.workspace.models, 'default'))).toEqual(['1'])
  })

  test.each(['forest.bin', 'clusters.bin', 'detectors.json'])(
    '%s with one bit turned is refused, both checksums named',
    async file => {
      const bytes = readFileSync(join(folder, file))
      bytes[bytes.length >> 1]! ^= 1
      writeFileSync(join(folder, file), bytes)
      await expect(score(office.context)).rejects.toMatchObject({
        code: 'corrupt-artefact',
        message: expect.stringMatching(/has checksum [0-9a-f]{64}, the manifest says [0-9a-f]{64}/),
        where: join(folder, file),
      })
    },
  )

  test('with a file that it was not published with is refused', async () => {
    const more = join(folder, 'more.bin')
    writeFileSync(more, 'more')
    await expect(loadModel(office.world.workspace)).rejects.toMatchObject({
      code: 'corrupt-artefact',
      message: expect.stringMatching(/has content id [0-9a-f]{64}, its manifest says [0-9a-f]{64}/),
    })
    rmSync(more)
  })

  test('whose manifest was changed along with a file is refused by its content id', async () => {
    const [file, manifestFile] = [join(folder, 'detectors.json'), join(folder, 'manifest.json')]
    writeFileSync(file, readFileSync(file, 'utf8').replace('"knee"', '"knée"'))
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
    writeFileSync(manifestFile, JSON.stringify({ ...manifest, checksums: checksumsOf(folder) }))
    await expect(loadModel(office.world.workspace)).rejects.toMatchObject({ code: 'corrupt-artefact' })
  })

  test('published before content ids were has the id of its files, and loads', async () => {
    const file = join(folder, 'manifest.json')
    const { contentId, ...manifest } = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify(manifest))
    expect((await loadModel(office.world.workspace)).manifest.contentId).toBe(contentId)
  })

  test('without one of its files is refused', async () => {
    rmSync(join(folder, 'clusters.bin'))
    await expect(loadModel(office.world.workspace)).rejects.toMatchObject({
      code: 'corrupt-artefact',
      message: expect.stringContaining('file missing'),
    })
  })

  test('of other features is refused, both fingerprints named', async () => {
    const file = join(folder, 'manifest.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8'))
    const contentId = contentIdOf('fedcba9876543210', manifest.checksums)
    writeFileSync(file, JSON.stringify({ ...manifest, featureFingerprint: 'fedcba9876543210', contentId }))
    await expect(score(office.context)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(new RegExp(`fedcba9876543210.*${manifest.featureFingerprint}`)),
    })
  })

  test('of another format is refused', async () => {
    const file = join(folder, 'manifest.json')
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), formatVersion: 2 }))
    await expect(loadModel(office.world.workspace)).rejects.toMatchObject({ code: 'corrupt-artefact' })
  })

  test.each([
    ['default@7', /there are default@1/],
    ['nobody', /there is none of that name/],
    ['../default', /there is none of that name/],
  ])('%s does not exist, and what does is named', async (reference, told) => {
    await expect(loadModel(office.world.workspace, reference)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(told),
    })
  })
})
