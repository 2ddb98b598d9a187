import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareModels } from '../../src/pipeline/compare-models.ts'
import { loadModel, usedVersion } from '../../src/pipeline/models.ts'
import { type PromoteOptions, promoteModel } from '../../src/pipeline/promote.ts'
import { listPromotions } from '../../src/pipeline/promotions.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { dayAt, days, type Office, openOffice, takeover } from './office.ts'

let office: Office
let scratch: string
let labels: string

// default@1 and default@2 are of the same days, default@2 with another seed; default@3 knows two days of the eight.
beforeAll(async () => {
  office = await openOffice([...days(0, 10), ...takeover(9, 4)])
  scratch = mkdtempSync(join(tmpdir(), 'keyhound-promote-'))
  await train(office.context, { until: dayAt(8) })
  await score(office.context, { from: dayAt(8) })
  await train(office.context, { until: dayAt(8), seed: 2 })
  await train(office.context, { from: dayAt(6), until: dayAt(8) })
  labels = join(scratch, 'labels.csv')
  writeFileSync(
    labels,
    `incident_id,attack_type,token_id,start,end\ni1,takeover,token-4,${dayAt(9).toISOString()},${dayAt(10).toISOString()}\n`,
  )
}, 60_000)
afterAll(() => {
  office.world.close()
  rmSync(scratch, { recursive: true, force: true })
})

const options = () => ({ scratch: join(scratch, 'work'), owner: 'ann', labels })
const promote = (model: string, more: Partial<PromoteOptions> = {}) =>
  promoteModel(office.context, { ...options(), model, who: 'ann', ...more })
const used = () => usedVersion(office.world.workspace, 'default')

describe('compareModels', () => {
  test('a model against itself: the same alerts, nothing lost, every rule that can speak passes', async () => {
    const same = await compareModels(office.context, {
      ...options(),
      champion: 'default@1',
      challenger: 'default@1',
    })
    expect(same.replay.after).toEqual(same.replay.before)
    expect([same.replay.gained, same.replay.lost]).toEqual([[], []])
    expect(same.replay.after.alerts).toBe(same.replay.kept)
    expect(same.replay.before.averagePrecision).toBe(1)
    expect(same.passes).toBe(true)
    expect(same.scoreDrift.champion).toBe(same.scoreDrift.challenger)
  })
})

describe('promoteModel', () => {
  test('the newest is used until one is promoted; that one then stays, and what happened is kept', async () => {
    expect(used()).toBe(3)
    await promote('default@1', { force: { because: 'two days teach nothing' } })
    expect(used()).toBe(1)
    expect((await loadModel(office.world.workspace)).manifest.version).toBe(1)

    const { promotion, comparison } = await promote('default@2')
    expect(promotion).toMatchObject({ version: 2, replaced: 1, how: 'gate', who: 'ann' })
    expect(comparison!.findings.map(one => one.verdict)).not.toContain('fails')
    expect(used()).toBe(2)

    await promote('default@2')
    expect(
      listPromotions(office.world.workspace, 'default').map(({ version, how }) => [version, how]),
    ).toEqual([
      [1, 'forced'],
      [2, 'gate'],
      [2, 'pinned'],
    ])
  })

  test('a challenger that fails the gate changes nothing, and the error says why', async () => {
    const before = used()
    // A gate that nothing with scores can pass.
    const { context } = office
    const strict = {
      promotion: { alertsFactor: 1, precisionTolerance: 0, scoreDriftMost: 0, leastJudged: 1 },
    }
    const { defaultConfig } = await import('../../src/schema/config.ts')
    const refused = promoteModel(
      { ...context, config: { ...defaultConfig(), ...strict } },
      { ...options(), model: 'default@3', who: 'ann' },
    )
    await expect(refused).rejects.toMatchObject({ code: 'conflict' })
    await expect(refused).rejects.toThrow(/default@3 is not promoted over default@2: .*--force --because/)
    expect(used()).toBe(before)
    expect(existsSync(join(office.world.workspace.models, 'default', 'promoted.json'))).toBe(true)
  })

  test('a run killed before it logged what it promoted loses nothing', async () => {
    const { workspace } = office.world
    const known = listPromotions(workspace, 'default')
    const log = join(workspace.models, 'default', 'promotions.jsonl')
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
    writeFileSync(
      log,
      lines
        .slice(0, -1)
        .map(line => `${line}\n`)
        .join(''),
    )
    expect(listPromotions(workspace, 'default')).toEqual(known)
    await promote('default@2')
    expect(listPromotions(workspace, 'default')).toHaveLength(known.length + 1)
  })

  test('an unknown version is refused', async () => {
    await expect(promote('default@9')).rejects.toMatchObject({ code: 'not-found' })
  })
})
