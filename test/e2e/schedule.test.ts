import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KEYHOUND } from '../built.ts'
import { keyhound } from '../cli/harness.ts'

const [NODE, MAIN] = KEYHOUND

let folder: string
let workspace: string
let logs: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-schedule-'))
  workspace = join(folder, 'W')
  logs = join(folder, 'logs')
  mkdirSync(logs)
  writeFileSync(
    join(logs, 'log.csv'),
    'time,token_id,method,path,status\n2026-10-05T01:00:00Z,key-1,GET,/a,200\n2026-10-05T01:00:01Z,key-1,GET,/b,200\n',
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** `keyhound schedule` as a process of its own; `until` sees its standard error grow and may stop it. */
async function schedule(argv: string[], until: (stderr: string, stop: () => void) => void = () => {}) {
  const child = spawn(NODE, [MAIN, 'schedule', '-w', workspace, ...argv])
  let stderr = ''
  let isTold = false
  child.stdout.resume()
  child.stderr.on('data', piece => {
    stderr += piece
    until(stderr, () => {
      // A second signal would end it at once.
      if (!isTold) isTold = child.kill('SIGTERM')
    })
  })
  const [code] = await once(child, 'exit')
  return { code, stderr }
}

test('each time it ingests what is new and scores, and says what went wrong', async () => {
  const { code, stderr } = await schedule([
    '--cron',
    '* * * * * *',
    '--runs',
    '1',
    '--ingest',
    logs,
    '--tokens',
    'identifier',
  ])
  // Nothing was trained: scoring cannot succeed, which must not be silent.
  expect(stderr).toContain('keyhound score ended with code 2')
  expect(code).toBe(1)
  const runs = JSON.parse((await keyhound(['runs', '-w', workspace, '--json'])).stdout) as {
    command: string
    status: string
  }[]
  expect(runs.map(run => [run.command, run.status])).toEqual([
    ['score', 'failed'],
    ['ingest', 'done'],
  ])
  const events = await keyhound(['query', 'SELECT count(*) AS n FROM events', '-w', workspace, '--json'])
  expect(JSON.parse(events.stdout)).toEqual([{ n: 2 }])
  const again = await keyhound([
    'ingest',
    logs,
    '--new-only',
    '--tokens',
    'identifier',
    '-w',
    workspace,
    '--json',
  ])
  expect(JSON.parse(again.stdout)).toMatchObject({
    read: 0,
    notes: ['1 files were read before and have not changed'],
  })
})

test('waits for its time, and stops when it is told to', async () => {
  const { code, stderr } = await schedule(['--cron', '0 0 1 1 *'], (so, stop) => {
    if (so.includes('first run at')) stop()
  })
  expect(stderr).toMatch(/first run at \d{4}-01-01T00:00:00\.000Z/)
  expect(code).toBe(0)
})

test('an expression that is none is refused with the form that one has', async () => {
  const run = await keyhound(['schedule', '--cron', 'hourly', '-w', workspace])
  expect(run.exitCode).toBe(2)
  expect(run.stderr).toContain('"5 * * * *"')
})
