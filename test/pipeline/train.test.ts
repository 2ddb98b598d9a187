import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectedUse } from '../../src/detectors/permission-clusters/expected-use.ts'
import { loadModel, showModel } from '../../src/pipeline/models.ts'
import { train } from '../../src/pipeline/train.ts'
import { addEvents } from '../engine/tiny-world.ts'
import { dayAt, days, type Office, openOffice, takeover } from './office.ts'

const DAYS = 9
const UNTIL = dayAt(8)
let office: Office

beforeAll(async () => {
  // A takeover within the period trained on.
  office = await openOffice([...days(0, DAYS), ...takeover(6, 4)])
})
afterAll(() => office.world.close())

const files = ['forest.bin', 'clusters.bin', 'detectors.json']
const read = (name: string, file: string, version = 1) =>
  readFileSync(join(office.world.workspace.models, name, String(version), file))

/** Labels of the takeover, as a file in the workspace. */
function labelsFile(): string {
  const file = join(office.world.workspace.root, 'labels.csv')
  const [start, end] = [dayAt(6, 3), dayAt(6, 4)].map(date => date.toISOString())
  writeFileSync(file, `token_id,start,end,incident_id,attack_type\ntoken-4,${start},${end},one,takeover\n`)
  return file
}

describe('train', () => {
  test('twice with one seed gives the same bytes, and a version apart', async () => {
    const first = await train(office.context, { until: UNTIL, name: 'same' })
    const second = await train(office.context, { until: UNTIL, name: 'same' })
    expect([first.model, second.model]).toEqual(['same@1', 'same@2'])
    for (const file of files) expect(read('same', file, 1).equals(read('same', file, 2)), file).toBe(true)
    expect(showModel(office.world.workspace, 'same@1').checksums).toEqual(
      showModel(office.world.workspace, 'same@2').checksums,
    )
  })

  test('with another seed gives another forest', async () => {
    await train(office.context, { until: UNTIL, name: 'other', seed: 99 })
    expect(read('other', 'forest.bin').equals(read('same', 'forest.bin'))).toBe(false)
  })

  test('looks at nothing from `until` on', async () => {
    await addEvents(office.world, [...days(DAYS, DAYS + 1), ...takeover(DAYS, 2)])
    await train(office.context, { until: UNTIL, name: 'later' })
    for (const file of files) expect(read('later', file).equals(read('same', file)), file).toBe(true)
    const [before, after] = ['same@1', 'later@1'].map(
      name => showModel(office.world.workspace, name).training,
    )
    expect(after).toEqual(before)
  })

  test('says in the manifest what it saw', () => {
    const { training, seed, config } = showModel(office.world.workspace, 'same@1')
    expect(training).toMatchObject({
      from: dayAt(0).toISOString(),
      until: UNTIL.toISOString(),
      days: 8,
      tokens: 12,
      // Twelve tokens at three hours a day, and the hour of the takeover; the first quarter of the days is warm-up.
      windows: 6 * 12 * 3 + 1,
      excludedWindows: 0,
    })
    expect([seed, config.alerts.budgetPerDay]).toEqual([1, 0.5])
  })

  test('keeps labelled misuse out of what is usual, in numbers and in permissions', async () => {
    const summary = await train(office.context, { until: UNTIL, name: 'labelled', labels: labelsFile() })
    expect(summary.excludedWindows).toBe(1)
    expect(summary.filter).toMatchObject({ trained: false })
    const [plain, labelled] = await Promise.all(
      ['same@1', 'labelled'].map(name => loadModel(office.world.workspace, name)),
    )
    const operation = 'op:DELETE /admin/users/{id}'
    expect(plain!.detectors.clusters.use.items).toContain(operation)
    expect(labelled!.detectors.clusters.use.items).not.toContain(operation)
    expect(labelled!.manifest.training.fittedWindows).toBe(plain!.manifest.training.fittedWindows - 1)
  })

  test('judges the permissions of one half of the period by what the other half knew', async () => {
    const { detectors } = await loadModel(office.world.workspace, 'same@1')
    const violation = detectors.tails.tails.find(tail => tail.name === 'violation')!
    // The takeover's operation lies within the period, so the clusters expect it; those of the other half do not.
    const expected = expectedUse(detectors.clusters, 'acme/token-4', 'analyst')('op:DELETE /admin/users/{id}')
    const most = violation.values.at(-1)! + 1 / violation.slope
    expect(most).toBeGreaterThan(-Math.log(expected))
  })

  test('a period without events is refused, with the span there is', async () => {
    await expect(train(office.context, { from: dayAt(100), until: dayAt(101) })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('2026-03-02'),
    })
  })
})
