import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ALERT_COLUMNS } from '../../src/schema/scores.ts'
import { HOUR_MS, momentOf, openTinyWorld, type TinyWorld } from '../engine/tiny-world.ts'
import { publishRows } from '../pipeline/judged-alerts.ts'
import { describeBackends, type TestPlace } from '../state/backends.ts'
import { keyhound } from './harness.ts'

describeBackends('the desk from the command line', backend => {
  let world: TinyWorld
  let place: TestPlace
  let argv: string[]
  let env: Record<string, string>

  beforeAll(async () => {
    world = await openTinyWorld()
    place = backend.makePlace()
    const alert = (id: string, token: string, at: string) => ({
      at: momentOf(at),
      alert_id: id,
      tenant_id: 'acme',
      principal_id: 'user-1',
      token_id: token,
      first_seen: momentOf(at),
      last_seen: momentOf(at) + HOUR_MS,
      windows: 1,
      severity: 'high',
      risk: 80,
      score: 12,
      title: 'New network',
      reasons: '[]',
      status: 'new',
      shown: 'queue',
      model: 'default@1',
    })
    await publishRows(world, world.workspace.alerts, 'alerts.parquet', ALERT_COLUMNS, [
      alert('abc1', 'tok_1', '2026-10-24T23:00'),
      alert('def2', 'tok_2', '2026-10-31T23:00'),
    ])
    argv = ['-w', world.workspace.root]
    env = {}
    if (place.stateDatabase !== undefined) {
      const { url, schema } = place.stateDatabase
      const config = join(world.workspace.root, 'keyhound.json')
      writeFileSync(config, JSON.stringify({ state: { schema } }))
      argv.push('--config', config)
      env = { KEYHOUND_STATE_URL: url }
    }
  })
  afterAll(async () => {
    world.close()
    await place.clean()
  })

  const run = (...words: string[]) => keyhound([...words, ...argv], { env })
  const json = async (...words: string[]) => JSON.parse((await run(...words, '--json')).stdout)

  test('an alert is taken up, closed, and opened again', async () => {
    expect(await run('alerts', 'ack', 'abc')).toMatchObject({
      exitCode: 0,
      stdout: 'abc1: acknowledged, of ann\n',
    })
    expect((await run('alerts', 'list')).stdout).toMatch(/^abc1 .* with ann$/m)
    expect((await run('alerts', 'assign', 'abc', 'bob')).stdout).toBe('abc1: acknowledged, of bob\n')
    expect((await run('alerts', 'note', 'abc', 'asked')).stdout).toBe('abc1: acknowledged, of bob: asked\n')
    expect((await run('alerts', 'close', 'abc', 'true_positive')).exitCode).toBe(0)
    expect(
      (await json('alerts', 'list', '--status', 'closed')).map((one: { alertId: string }) => one.alertId),
    ).toEqual(['abc1'])
    const late = await run('alerts', 'ack', 'abc')
    expect(late.exitCode).toBe(1)
    expect(late.stderr).toContain('keyhound alerts reopen abc1')
    expect((await run('alerts', 'reopen', 'abc', '--note', 'again')).stdout).toBe(
      'abc1: new, of bob: again\n',
    )
    expect((await run('alerts', 'show', 'abc')).stdout).toMatch(/^status +new, of bob; note: again$/m)
  })

  test('tokens by risk: one alert a day old, one of a week before', async () => {
    // The harness stands at 2026-11-01T00:00Z: 80 just now, and 80 half decayed.
    const { stdout } = await run('tokens')
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^token +principal +tenant +entity risk +open alerts +last alert \(UTC\)$/)
    expect(lines[1]).toMatch(/^tok_2 +user-1 +acme +80\.0 +1 +2026-11-01 00:00$/)
    expect(lines[2]).toMatch(/^tok_1 +user-1 +acme +40\.0 +1 +2026-10-25 00:00$/)
    const shown = await run('tokens', 'show', 'tok_1')
    expect(shown.stdout).toMatch(/^entity risk +40\.0 of 100, from 1 alerts$/m)
    expect(shown.stdout).toMatch(/^abc1 +2026-10-25 00:00 +80\.0 +7\.0 +40\.0 +new +New network$/m)
    expect(await run('tokens', 'show', 'tok_9')).toMatchObject({ exitCode: 2 })
  })

  test('a key is shown once, listed without its secret, and revoked', async () => {
    const made = await run('keys', 'create', 'gateway', '--role', 'scorer', '--tenant', 'acme')
    expect(made.stdout).toMatch(/^kh_[0-9a-f]{12}_[\w-]{43}\n$/)
    const [id, secret] = [made.stdout.slice(3, 15), made.stdout.slice(16, -1)]
    const listed = await run('keys', 'list')
    expect(listed.stdout).toMatch(
      new RegExp(`^${id} +gateway +scorer +acme +2026-11-01 00:00 +cli:ann +- +-$`, 'm'),
    )
    expect(listed.stdout).not.toContain(secret)
    expect((await run('keys', 'revoke', id)).stdout).toBe(`key ${id} (gateway) is revoked\n`)
    expect(await run('keys', 'revoke', id)).toMatchObject({ exitCode: 1 })
    const trail = await json('audit', 'list', '--action', 'key')
    expect(trail.map((line: { action: string }) => line.action)).toEqual(['key.revoke', 'key.create'])
    expect(JSON.stringify(trail)).not.toContain(secret)
  })

  test('the trail tells what was done to an alert', async () => {
    const { stdout } = await run('audit', '--subject', 'alert:abc1', '--limit', '1')
    expect(stdout).toMatch(
      /^ *\d+ +2026-11-01 00:00 +cli:ann +alert\.reopen +alert:abc1 +\{.*"note":"again".*\}$/m,
    )
    expect((await run('audit', '--actor', 'cli:nobody')).stdout).toBe('nothing matches\n')
  })
})

test('a database that does not answer fails the command, without its password', async () => {
  const { exitCode, stderr } = await keyhound(['keys', 'list'], {
    env: { KEYHOUND_STATE_URL: 'postgres://ann:secret@127.0.0.1:9/db' },
  })
  expect(exitCode).toBe(1)
  expect(stderr).toContain('postgres://ann@127.0.0.1:9/db')
  expect(stderr).not.toContain('secret')
})
