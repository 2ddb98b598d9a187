import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DryRun } from '../../src/pipeline/dry-run.ts'
import { settleState } from '../state/settle.ts'
import { keyhound, type Run } from './harness.ts'

/** Forty characters as a secret has them: none may be shown. */
const SECRET = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'
const ODD = [
  'created (UTC),Api-Key,http.request.verb,requestUri,Took (s),HTTPstatus,clientip,colour',
  `2026-10-01T10:00:00Z,${SECRET},GET,/v1/tasks/17?key=${SECRET},0.25,200,203.0.113.9,red`,
  `2026-10-01T10:01:00Z,${SECRET},GET,/v1/tasks/18,1,N/A,203.0.113.9,red`,
  `2026-10-01T10:01:00Z,${SECRET},GET,/v1/tasks/18,1,N/A,203.0.113.9,red`,
  `2026-10-01T10:02:00Z,${SECRET},POST,/v1/tasks,2,201,203.0.113.10,red`,
  '2026-10-01T10:03:00Z,-,GET,/v1/tasks,2,200,203.0.113.10,red',
].join('\n')
const ACCESS = [1, 2].map(
  n =>
    `203.0.113.${n} - alice [10/Oct/2026:13:55:3${n} +0000] "GET /v1/users/${n} HTTP/1.1" 200 2${n} "-" "curl/8.1.0"`,
)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-dry-run-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fileOf(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, `${text}\n`)
  return path
}

const inWorkspace = (name: string) => ['--workspace', join(folder, name)]

/** A workspace with a log, as a copy: readers of this process that SQLite has not closed yet hold the first one. */
async function makeWorkspace(name: string, log: string): Promise<void> {
  const made = `${name}-made`
  expect((await keyhound(['ingest', log, ...inWorkspace(made)])).exitCode).toBe(0)
  await settleState(join(folder, made))
  const isContent = (path: string) => !/state\.db-(wal|shm)$/.test(path)
  cpSync(join(folder, made), join(folder, name), { recursive: true, filter: isContent })
}

async function dryRun(workspace: string, ...argv: string[]): Promise<Run & { report: DryRun }> {
  const ended = await keyhound(['ingest', ...argv, '--dry-run', '--json', ...inWorkspace(workspace)])
  const value = JSON.parse(ended.stdout)
  return { ...ended, report: value.summary ?? value }
}

/** Every file below a folder, with its content and the time of its last change. */
function snapshot(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map(name => {
      const path = join(root, name)
      const stat = statSync(path)
      const content = stat.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'folder'
      return `${name} ${content} ${stat.mtimeMs}`
    })
}

/** `column <- names (rule)` of the first log. */
const takenBy = (report: DryRun) =>
  report.logs[0]!.taken.map(({ as, from, by }) => `${as} <- ${from.join(' + ')} (${by})`)

describe('a CSV file with odd names', () => {
  test('what was taken for what and by which rule, what was left, and the counts', async () => {
    const { exitCode, report, stdout, stderr } = await dryRun('none', fileOf('odd.csv', ODD))
    expect(exitCode, stderr).toBe(0)
    expect(takenBy(report)).toEqual([
      'time <- created (UTC) (similar name)',
      'token_id <- Api-Key (known name)',
      'method <- http.request.verb (last member)',
      'path <- requestUri (known name)',
      'status <- HTTPstatus (similar name)',
      'source_ip <- clientip (similar name)',
      'latency_ms <- Took (s) (similar name)',
    ])
    const [log] = report.logs
    expect(log).toMatchObject({ source: 'generic', format: 'csv', tokens: 'secret', left: ['colour'] })
    expect([log!.read, log!.usable, log!.rejected]).toEqual([5, 4, 1])
    expect(log!.rejectsByReason).toEqual({ 'token_id: missing': 1 })
    // Examples are as stored: a query is cut off, a second has 1000 ms.
    const examples = Object.fromEntries(log!.taken.map(({ as, example }) => [as, example]))
    expect(examples).toMatchObject({ path: '/v1/tasks/17', status: 200, latency_ms: 250 })
    expect(log!.rows).toHaveLength(3)
    expect(report).toMatchObject({ read: 5, usable: 4, rejected: 1, stop: null, bad: [], hasOwnKey: true })
    expect(stdout + stderr).not.toContain(SECRET)
    expect(existsSync(join(folder, 'none'))).toBe(false)
  })

  test('as text: a table, the rows beside each other, no secret', async () => {
    const ended = await keyhound(['ingest', fileOf('odd.csv', ODD), '--dry-run', ...inWorkspace('none')])
    expect(ended.exitCode).toBe(0)
    expect(ended.stdout).toMatch(/^your column +taken as +by +example, as stored$/m)
    expect(ended.stdout).toMatch(/^http\.request\.verb +method +last member +GET$/m)
    expect(ended.stdout).toMatch(/^stored as +row 1 +row 2 +row 3$/m)
    expect(ended.stdout).toMatch(/^resource_id +17 +18 +18$/m)
    expect(ended.stdout).toMatch(/^status +200 +- +-$/m)
    expect(ended.stdout).toMatch(/^rejected, token_id: missing +1$/m)
    expect(ended.stdout).toContain('Columns left: colour')
    expect(ended.stdout).toContain("the key is this call's own")
    expect(ended.stdout).toContain('Rows: 5 read, 4 usable, 1 rejected. An ingest would go on.')
    expect(ended.stdout + ended.stderr).not.toContain(SECRET)
    expect(existsSync(join(folder, 'none'))).toBe(false)
  })

  test('the rows are those that an ingest stores, and the workspace stays as it is', async () => {
    const first = fileOf('first.log', ACCESS.join('\n'))
    await makeWorkspace('full', first)
    const before = snapshot(join(folder, 'full'))
    const odd = fileOf('odd.csv', ODD)
    const { exitCode, report } = await dryRun('full', odd)
    expect(exitCode).toBe(0)
    expect(report.hasOwnKey).toBe(false)
    expect(snapshot(join(folder, 'full'))).toEqual(before)

    expect((await keyhound(['ingest', odd, ...inWorkspace('full')])).exitCode).toBe(0)
    const sql = "select * from events where time < '2026-10-02' order by time, event_id"
    const stored = JSON.parse((await keyhound(['query', sql, '--json', ...inWorkspace('full')])).stdout)
    expect(stored).toHaveLength(4)
    for (const row of report.logs[0]!.rows) expect(stored).toContainEqual(row)
  })
})

describe('other rules', () => {
  test('a text log: columns of the source, the parts of a line that were left', async () => {
    const { exitCode, report } = await dryRun('none', fileOf('access.log', ACCESS.join('\n')))
    expect(exitCode).toBe(0)
    expect(report.logs[0]).toMatchObject({ source: 'nginx', format: 'lines', usable: 2 })
    expect(takenBy(report)).toContain('path <- request (source)')
    expect(takenBy(report)).toContain('source_ip <- rest + ip (source)')
    expect(report.logs[0]!.left).toEqual(['ident', 'referer'])
    expect(report.logs[0]!.rows.map(row => row.client)).toEqual(['curl', 'curl'])
  })

  test('map, constant, tenant, the account for want of a key, and a time in two columns', async () => {
    const map = fileOf('map.json', '{"operation": "did", "role": {"constant": "user"}, "city": null}')
    const rows =
      'date,time,user,did,city\n2026-10-01,10:00:00,ann,read,Oslo\n2026-10-01,10:00:05,ann,list,Oslo'
    const { exitCode, report } = await dryRun('none', fileOf('a.csv', rows), '--map', map, '--tenant', 't1')
    expect(exitCode).toBe(0)
    expect(takenBy(report)).toEqual([
      'time <- date + time (known name)',
      'tenant_id <-  (constant)',
      'principal_id <- user (known name)',
      'token_id <- user (account)',
      'role <-  (constant)',
      'operation <- did (map)',
    ])
    expect(report.logs[0]).toMatchObject({ tokens: 'identifier', left: ['city'] })
    expect(report.logs[0]!.rows[0]).toMatchObject({ tenant_id: 't1', role: 'user', operation: 'read' })
  })

  test('a source of its own: no example where only a default would be stored, no column that a log cannot give', async () => {
    const record = {
      uuid: 'u1',
      eventType: 'user.session.start',
      published: '2026-10-01T10:00:00.000Z',
      actor: { id: '00u1', alternateId: 'ann@example.com' },
      outcome: { result: 'DENY' },
      target: [{ id: 't1', type: 'App' }],
      extra: { x: 1 },
    }
    const map = fileOf('okta-map.json', '{"tenant_id": "actor.tenant", "net": "extra.x"}')
    const log = fileOf('okta.jsonl', JSON.stringify(record))
    const { exitCode, report } = await dryRun('none', log, '--map', map)
    expect(exitCode).toBe(0)
    const [okta] = report.logs
    const rowOf = (name: string) => okta!.taken.find(({ as }) => as === name)
    expect(okta!.source).toBe('okta')
    expect(rowOf('tenant_id')).toEqual({ from: ['actor.tenant'], as: 'tenant_id', by: 'map', example: null })
    expect(okta!.rows[0]!.tenant_id).toBe('default')
    expect(rowOf('resource_id')).toEqual({
      from: ['target[0].id'],
      as: 'resource_id',
      by: 'source',
      example: 't1',
    })
    expect(rowOf('status')).toMatchObject({ from: ['outcome.result'], example: 403 })
    expect(rowOf('net')).toBe(undefined)
    expect(okta!.left).toEqual(['extra.x'])
  })

  test('logs that are understood alike are shown once', async () => {
    mkdirSync(join(folder, 'logs'))
    const lines = (id: number) => `{"time":"2026-10-01T10:00:0${id}Z","token_id":"key-${id}","a":{"b":1}}`
    for (const id of [1, 2]) fileOf(`logs/${id}.jsonl`, lines(id))
    fileOf('logs/access.log', ACCESS.join('\n'))
    const { report } = await dryRun('none', join(folder, 'logs'))
    expect(report.logs.map(({ source, read }) => [source, read]).sort()).toEqual([
      ['generic', 2],
      ['nginx', 2],
    ])
    expect(report.logs.find(({ source }) => source === 'generic')!.left).toEqual(['a.b'])
  })
})

describe('what would stop an ingest stops a dry run with the same code', () => {
  test('a file that is refused, beside a good one', async () => {
    const bad = fileOf('bad.csv', 'time,colour\n2026-10-01T10:00:00Z,red')
    const good = fileOf('access.log', ACCESS.join('\n'))
    const { exitCode, report, stderr } = await dryRun('none', bad, good)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('bad.csv: missing columns: no column for "token_id"')
    expect(report.bad.map(({ path }) => path)).toEqual([bad])
    expect(report.logs.map(log => log.source)).toEqual(['nginx'])
    expect(report.stop).toContain('missing columns')
    const text = await keyhound(['ingest', bad, good, '--dry-run', ...inWorkspace('none')])
    expect(text.exitCode).toBe(2)
    expect(text.stdout).toContain('An ingest would end with this error:')
    expect(existsSync(join(folder, 'none'))).toBe(false)
  })

  test('a check that an ingest of many rows does not pass, unless it is accepted', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => `2026-10-01,key-${i % 5},203.0.113.${i % 7}`)
    const dates = fileOf('dates.csv', ['time,token_id,source_ip', ...rows].join('\n'))
    const stopped = await dryRun('none', dates)
    expect(stopped.exitCode).toBe(2)
    expect(stopped.report.stop).toContain('--accept midnight')
    expect(stopped.report.findings.map(({ check }) => check)).toEqual(['midnight'])
    expect(stopped.report.logs[0]!.rows).toHaveLength(3)
    const accepted = await dryRun('none', dates, '--accept', 'midnight')
    expect(accepted.exitCode).toBe(0)
    expect(accepted.report.stop).toBe(null)
    expect(accepted.report.findings.map(({ check }) => check)).toEqual(['midnight'])
  })

  test('tokens of another kind than the workspace has; files that are not there; --new-only beside it', async () => {
    const log = fileOf('names.csv', 'time,token_id\n2026-10-01T10:00:00Z,key-1')
    await makeWorkspace('kinds', log)
    const before = snapshot(join(folder, 'kinds'))
    const other = await dryRun('kinds', log, '--tokens', 'identifier')
    expect(other.exitCode).toBe(2)
    expect(other.report.stop).toContain('--accept token-kind')
    expect(snapshot(join(folder, 'kinds'))).toEqual(before)
    expect((await dryRun('kinds', join(folder, 'nowhere.csv'))).exitCode).toBe(2)
    const both = await keyhound(['ingest', log, '--dry-run', '--new-only', ...inWorkspace('kinds')])
    expect(both.exitCode).toBe(2)
    expect(both.stderr).toContain("'--dry-run' cannot be used with option '--new-only'")
  })
})
