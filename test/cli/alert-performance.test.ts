import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Performance } from '../../src/schema/performance.ts'
import { addEvents, type TinyWorld } from '../engine/tiny-world.ts'
import { openJudged } from '../pipeline/judged-alerts.ts'
import { keyhound } from './harness.ts'

let world: TinyWorld
let folder: string

beforeAll(async () => {
  world = await openJudged()
  folder = world.workspace.root
})
afterAll(() => world.close())

const performance = (...argv: string[]) => keyhound(['alerts', 'performance', '-w', folder, ...argv])
async function told(...argv: string[]): Promise<Performance> {
  const ended = await performance('--json', ...argv)
  expect(ended.exitCode, ended.stderr).toBe(0)
  return JSON.parse(ended.stdout)
}

test('a week a line, and all of them, lined up', async () => {
  const { exitCode, stdout } = await performance()
  expect(exitCode).toBe(0)
  const lines = stdout.trimEnd().split('\n')
  expect(lines.map(line => line.split(/ {2,}/))).toEqual([
    [
      'week of',
      'alerts',
      'a day',
      'true',
      'false',
      'benign',
      'duplicate',
      'unjudged',
      'confirmed a day',
      'precision',
      'suppressed',
      'recall among raised',
    ],
    ['2026-10-05', '5', '2.5', '2', '1', '0', '1', '20 %', '1.0', '67 % (21-94)', '4', '63 % (22-93)'],
    ['2026-10-12', '1', '0.5', '0', '0', '1', '0', '0 %', '0.0', '0 % (0-79)', '0', '-'],
    ['2026-10-19', '0', '0.0', '0', '0', '0', '0', '-', '0.0', '-', '0', '-'],
    ['all', '6', '1.2', '2', '1', '1', '1', '17 %', '0.4', '50 % (15-85)', '4', '60 % (20-93)'],
  ])
  const end = lines[0]!.indexOf('precision') + 'precision'.length
  for (const line of lines.slice(1)) expect(line.slice(end - 1, end)).toMatch(/[)-]/)
})

test('the same as JSON, of the period asked for', async () => {
  const { weeks, whole } = await told()
  expect(weeks.map(week => week.start)).toEqual(['2026-10-05', '2026-10-12', '2026-10-19'])
  expect(whole).toMatchObject({ alerts: 6, suppressed: 4, precision: { value: 0.5 } })
  const second = await told('--from', '2026-10-12', '--to', '2026-10-19')
  expect(second.weeks).toEqual([weeks[1]])
})

test('a verdict given since counts at once', async () => {
  await keyhound(['alerts', 'verdict', 'a4', 'true_positive', '-w', folder])
  expect((await told()).weeks[0]).toMatchObject({
    unjudged: 0,
    confirmedPerDay: 1.5,
    precision: { value: 0.75 },
  })
})

test('with labels, recall of them', async () => {
  await addEvents(world, [
    { event_id: 'one', tenant_id: 'acme', token_id: 'token-a1', time: '2026-10-05T01:10' },
    { event_id: 'two', tenant_id: 'acme', token_id: 'token-h1', time: '2026-10-06T06:10' },
  ])
  const labels = join(folder, 'labels.csv')
  writeFileSync(labels, 'event_id,incident_id,attack_type\none,i1,takeover\ntwo,i2,takeover\n')
  const { stdout } = await performance('--labels', labels)
  expect(stdout).toMatch(/recall of labelled token-days\n/)
  expect(stdout).toMatch(/^all .* 50 % \(9-91\) of 2$/m)
})

test('nothing scored is said; a workspace that is not there, or labels that are not, are errors', async () => {
  expect((await performance('--from', '2030-01-01')).stdout).toBe('nothing was scored in that period\n')
  const empty = mkdtempSync(join(tmpdir(), 'keyhound-performance-'))
  const nowhere = ['alerts', 'performance', '-w', empty]
  expect((await keyhound(nowhere)).stdout).toBe('nothing was scored in that period\n')
  rmSync(empty, { recursive: true })
  expect((await keyhound(nowhere)).exitCode).toBeGreaterThan(0)
  expect((await performance('--labels', join(folder, 'none.csv'))).exitCode).toBeGreaterThan(0)
})
