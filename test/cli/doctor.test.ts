import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TinyWorld } from '../engine/tiny-world.ts'
import { openJudged } from '../pipeline/judged-alerts.ts'
import { keyhound } from './harness.ts'

let world: TinyWorld
beforeAll(async () => {
  world = await openJudged()
})
afterAll(() => world.close())

const doctor = (...argv: string[]) => keyhound(['doctor', '-w', world.workspace.root, ...argv])

test('what is to be looked at, with what to do; code 0 while nothing fails', async () => {
  const { exitCode, stdout } = await doctor()
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^warn {2}layout +no events: nothing was ingested here$/m)
  expect(stdout).toMatch(/^warn {2}model +no model: nothing can be scored$/m)
  expect(stdout).toMatch(/-> keyhound train$/m)
  expect(stdout).not.toMatch(/^ok/m)
  expect((await doctor('--all')).stdout).toMatch(/^ok +node +Node \d/m)
})

test('code 1 when something fails; a configuration that cannot be read is a finding, and the rest is looked at', async () => {
  const config = join(world.workspace.root, 'bad.json')
  writeFileSync(config, '{"alerts": {"budgetPerDay": -1}}')
  const { exitCode, stdout } = await doctor('--config', config, '--json')
  expect(exitCode).toBe(1)
  const { level, checks } = JSON.parse(stdout)
  expect(level).toBe('fail')
  expect(checks).toContainEqual(
    expect.objectContaining({
      check: 'config',
      level: 'fail',
      where: config,
      what: expect.stringContaining('budgetPerDay'),
    }),
  )
  expect(checks.length).toBeGreaterThan(10)
})

test('no such folder', async () => {
  expect(await keyhound(['doctor', '-w', join(world.workspace.root, 'none')])).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('there is no such folder'),
  })
})
