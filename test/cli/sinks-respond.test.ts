import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TinyWorld } from '../engine/tiny-world.ts'
import { NOW, openAlerts, SECRET } from '../respond/alerts.ts'
import { type HttpReceiver, receiveHttp } from '../respond/receivers.ts'
import { keyhound, type Run } from './harness.ts'

let world: TinyWorld
let receiver: HttpReceiver
let status = 204
let config: string

/** One critical alert, a webhook as sink and as adapter, a file, and a playbook that needs approval. */
beforeAll(async () => {
  world = await openAlerts([{ alertId: 'abc1' }])
  receiver = await receiveHttp(() => ({ status, body: `you sent ${SECRET}` }))
  config = join(world.workspace.root, 'keyhound.json')
  const hook = { kind: 'webhook', url: `${receiver.url}/hook`, secretEnv: 'HOOK' }
  writeFileSync(
    config,
    JSON.stringify({
      sinks: [
        { name: 'soc', ...hook },
        { name: 'archive', kind: 'file', folder: 'out', format: 'ocsf', minSeverity: 'high' },
      ],
      adapters: [{ name: 'gate', ...hook }],
      playbooks: [
        { name: 'takeover', match: {}, mode: 'approve', actions: [{ action: 'restrict', adapter: 'gate' }] },
      ],
    }),
  )
})
afterAll(async () => {
  await receiver.close()
  world.close()
})

/** Runs a command on the workspace, so many minutes after NOW; the secret is in nothing that it prints. */
async function run(words: string, minutes = 0, env: Record<string, string> = { HOOK: SECRET }): Promise<Run> {
  const argv = [...words.split(' '), '-w', world.workspace.root, '--config', config]
  const done = await keyhound(argv, { env, now: new Date(NOW.getTime() + 60_000 * minutes) })
  expect(done.stdout + done.stderr).not.toContain(SECRET)
  return done
}

test('list, test, deliver, dead, retry', async () => {
  expect((await run('sinks list')).stdout.split('\n')[1]).toMatch(/^soc +webhook +info +0 +0 +0$/)
  expect(await run('sinks test soc')).toMatchObject({
    exitCode: 0,
    stdout: 'soc: the test message is delivered\n',
  })
  expect(JSON.parse(receiver.received[0]!.body).data.title).toContain('Test message')
  expect(await run('sinks test nobody')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('it names soc, archive'),
  })
  expect(await run('sinks test soc', 0, {})).toMatchObject({ exitCode: 2 })

  status = 400
  expect(await run('sinks test soc')).toMatchObject({
    exitCode: 1,
    stdout: 'soc: answered 400: you sent ***\n',
  })
  expect(await run('sinks deliver')).toMatchObject({
    exitCode: 1,
    stdout: '2 new messages, 1 delivered, 0 put off, 1 given up\nsoc: answered 400: you sent ***\n',
  })
  const file = readFileSync(join(world.workspace.root, 'out', 'alerts-2026-10-08.jsonl'), 'utf8')
  expect(JSON.parse(file)).toMatchObject({ class_uid: 2004, metadata: { product: { version: '1.2.3' } } })
  const dead = await run('sinks dead')
  expect(dead.stdout).toMatch(/^kh_[\w-]{32} +soc +abc1 +2026-10-08 05:00 +1 +answered 400/m)
  expect((await run('sinks dead --sink archive')).stdout).toBe('none was given up\n')

  status = 204
  expect(await run('sinks retry')).toMatchObject({
    exitCode: 0,
    stdout: '1 due again\n0 new messages, 1 delivered, 0 put off, 0 given up\n',
  })
  const ids = receiver.received.map(one => one.headers['webhook-id']).filter(id => !/test/.test(String(id)))
  expect(ids).toHaveLength(2)
  expect(new Set(ids).size).toBe(1)
  expect(await run('sinks retry kh_unknown')).toMatchObject({ exitCode: 2 })
  expect(JSON.parse((await run('sinks list --json')).stdout)).toMatchObject([
    { name: 'soc', delivered: 1, dead: 0 },
    { name: 'archive', delivered: 1, dead: 0 },
  ])
})

test('respond: run, list, approve, undo, reject', async () => {
  expect((await run('respond list')).stdout).toBe('nothing is proposed or done\n')
  const proposed = await run('respond run')
  expect(proposed).toMatchObject({ exitCode: 0 })
  const [, id] =
    /^(\w{12}) +proposed +takeover +restrict +abc1 +2026-10-11 05:00 +ask "gate" to restrict/m.exec(
      proposed.stdout,
    )!
  expect((await run('respond list --status executed')).stdout).toBe('nothing is proposed or done\n')
  expect((await run(`respond approve ${id} --note theft`)).stdout).toBe(
    `${id}: executed: ask "gate" to restrict token token-1 (theft); it is undone at 2026-10-09 05:00 UTC\n`,
  )
  expect((await run('respond run', 1)).stdout).toBe('nothing to do\n')
  expect((await run(`respond undo ${id} --note test`, 2)).stdout).toMatch(/: undone: .*\(test\)\n$/)
  expect(await run(`respond undo ${id}`)).toMatchObject({ exitCode: 1 })
  expect(await run(`respond reject ${id} --note late`)).toMatchObject({ exitCode: 1 })
  expect(await run('respond approve nope')).toMatchObject({ exitCode: 2 })
  const types = receiver.received.map(one => JSON.parse(one.body).type)
  expect(types.filter(type => type.startsWith('response'))).toEqual([
    'response.restrict',
    'response.restrict.undo',
  ])
})
