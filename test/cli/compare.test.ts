import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { dayAt, days, type Office, openOffice, takeover } from '../pipeline/office.ts'
import { keyhound } from './harness.ts'

let office: Office
let root: string
beforeAll(async () => {
  office = await openOffice([...days(0, 5), ...takeover(4, 3)])
  root = office.world.workspace.root
  await train(office.context, { until: dayAt(4) })
  await score(office.context, { from: dayAt(4), to: dayAt(5) })
})
afterAll(() => office.world.close())

const compare = (...argv: string[]) =>
  keyhound(['models', 'compare', 'default@1', 'default@1', '-w', root, ...argv])

describe('keyhound models compare', () => {
  test('of a model with itself gains and loses nothing; page, record and terminal say the same', async () => {
    const out = join(root, 'out')
    const { exitCode, stdout } = await compare('--out', out)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('0 are gained, 0 are lost')
    expect(stdout.trimEnd().endsWith(`report: ${out}/report.html`)).toBe(true)
    expect(readdirSync(out).sort()).toEqual(['report.html', 'report.json'])
    const { champion, challenger, replay, passes } = JSON.parse(
      readFileSync(join(out, 'report.json'), 'utf8'),
    )
    expect([champion, challenger, passes]).toEqual(['default@1', 'default@1', true])
    expect([replay.gained, replay.lost, replay.kept]).toEqual([[], [], replay.before.alerts])
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('default@1 may replace default@1')
  })

  test('plots go beside the report, and need its folder', async () => {
    expect(await compare('--plots', 'png')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--out'),
    })
  })
})
