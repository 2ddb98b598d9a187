import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ALERT_COLUMNS, type Reason } from '../../src/schema/scores.ts'
import { openEngine, quoteText } from '../../src/sql/duckdb.ts'
import { openWorkspace, partition } from '../../src/sql/workspace.ts'
import { keyhound } from './harness.ts'

let folder: string

const reason = (code: string): Reason => ({
  code,
  detector: 'place',
  feature: 'new_nets',
  actual: 3,
  typical: 0.0421,
  frame: 'self',
  contribution: 0.7,
  text: 'three networks never seen before',
})

/** Alerts abc1 (critical), abc2 (low), def3 (high, suppressed), fed4 (high, folded into abc1); one an hour on 2026-10-05. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-alerts-'))
  const workspace = openWorkspace(folder)
  mkdirSync(partition(workspace.alerts, '2026-10-05'), { recursive: true })
  const engine = await openEngine({ threads: 1 })
  const alert = (id: string, severity: string, risk: number, hour: number, status: string) => ({
    alert_id: id,
    incident_id: `incident-${id}`,
    tenant_id: 'acme',
    principal_id: 'user-1',
    token_id: `token-${id}`,
    first_seen: `2026-10-05 0${hour}:00:00`,
    last_seen: `2026-10-05 0${hour + 1}:00:00`,
    windows: '1',
    severity,
    risk: String(risk),
    score: '12.5',
    maturity: '0.8',
    filter_probability: null,
    title: `New network\u001b[31m for ${id}`,
    reasons: JSON.stringify([reason('new_network'), reason('rate_spike')]),
    evidence: JSON.stringify(['event-1', 'event-2']),
    techniques: JSON.stringify(['T1528', 'API2:2023']),
    places: '[]',
    folded_into: id === 'fed4' ? 'abc1' : null,
    status,
    shown: status === 'suppressed' ? 'suppressed' : 'queue',
    suppressed_because: status === 'suppressed' ? 'load test' : null,
    model: 'default@1',
  })
  const alerts = [
    alert('abc1', 'critical', 97, 1, 'new'),
    alert('abc2', 'low', 20, 3, 'new'),
    alert('def3', 'high', 80, 5, 'suppressed'),
    alert('fed4', 'high', 70, 6, 'new'),
  ]
  const names = ALERT_COLUMNS.map(column => column.name)
  await engine.load(
    'raw',
    Object.fromEntries(names.map(name => [name, alerts.map(row => row[name] as string | null)])),
  )
  const list = ALERT_COLUMNS.map(({ name, type }) => `${name}::${type} AS ${name}`).join(', ')
  const file = join(partition(workspace.alerts, '2026-10-05'), 'alerts.parquet')
  await engine.run(`COPY (SELECT ${list} FROM raw) TO ${quoteText(file)} (FORMAT parquet)`)
  engine.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function ids(...argv: string[]): Promise<string[]> {
  const { stdout } = await keyhound(['alerts', 'list', '-w', folder, '--json', ...argv])
  return (JSON.parse(stdout) as { alertId: string }[]).map(alert => alert.alertId)
}

describe('list', () => {
  test('open alerts, worst first', async () => {
    expect(await ids()).toEqual(['abc1', 'abc2'])
  })
  test('by status, severity, period and limit', async () => {
    expect(await ids('--status', 'suppressed')).toEqual(['def3'])
    expect(await ids('--status', 'folded')).toEqual(['fed4'])
    expect(await ids('--status', 'all')).toEqual(['abc1', 'def3', 'fed4', 'abc2'])
    expect(await ids('--status', 'all', '--severity', 'high')).toEqual(['abc1', 'def3', 'fed4'])
    // abc1 is seen from 01:00 to 02:00, so from 02:00 on it is over.
    expect(await ids('--status', 'all', '--from', '2026-10-05T02:00')).toEqual(['def3', 'fed4', 'abc2'])
    expect(await ids('--status', 'all', '--to', '2026-10-05T03:00')).toEqual(['abc1'])
    expect(await ids('--limit', '1')).toEqual(['abc1'])
  })
  test('as a table that lines up, without what a log could do to a terminal', async () => {
    const { stdout } = await keyhound(['alerts', 'list', '-w', folder])
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(
      /^alert +severity +risk +first seen \(UTC\) +hours +more +token +title +verdict$/,
    )
    expect(lines[1]).toMatch(
      /^abc1 +critical +97\.0 +2026-10-05 01:00 +1 +\+1 +token-abc1 +New network\?\[31m for abc1$/,
    )
    const end = lines[0]!.indexOf('risk') + 'risk'.length
    for (const line of lines.slice(1)) expect(line.slice(end - 2, end)).toBe('.0')
  })
  test('colours on a terminal only, and not where NO_COLOR is set', async () => {
    const argv = ['alerts', 'list', '-w', folder]
    expect((await keyhound(argv, { terminal: true })).stdout).toContain('\u001b[')
    expect((await keyhound(argv, { terminal: true, env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b[')
    expect((await keyhound(argv)).stdout).not.toContain('\u001b[')
  })
})

describe('show', () => {
  test('reasons with what was seen beside what is usual', async () => {
    const { exitCode, stdout } = await keyhound(['alerts', 'show', 'abc1', '-w', folder])
    expect(exitCode).toBe(0)
    // Published by an earlier version: a reason is its only fact, without frames.
    expect(stdout).toMatch(/1\. .*\(new_network, 70 % of the score\)\n {4}three networks never seen before\n/)
    expect(stdout).toMatch(/fact +seen +usual +compared with\n {4}new network +3 +0 +its own past\n/)
    expect(stdout).toContain('T1528, API2:2023')
    expect(stdout).toContain('event-1')
  })
  test('what repeats it, and what it repeats', async () => {
    expect((await keyhound(['alerts', 'show', 'abc1', '-w', folder])).stdout).toMatch(/repeated by +1 alert/)
    expect((await keyhound(['alerts', 'show', 'fed4', '-w', folder])).stdout).toMatch(/repeats +abc1\n/)
  })
  test('the first characters do where they are clear', async () => {
    expect((await keyhound(['alerts', 'show', 'd', '-w', folder])).stdout).toContain('suppressed: load test')
    const several = await keyhound(['alerts', 'show', 'abc', '-w', folder])
    expect(several).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('2 alerts begin with "abc"'),
    })
    expect((await keyhound(['alerts', 'show', '', '-w', folder])).exitCode).toBe(2)
  })
})

test('export writes a finding a line, oldest first, and says how many', async () => {
  const file = join(folder, 'findings.jsonl')
  const run = await keyhound(['alerts', 'export', '-w', folder, '--out', file, '--status', 'all'])
  expect(run).toMatchObject({ exitCode: 0, stdout: `4 alerts written to ${file}\n` })
  const findings = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(findings.map(finding => finding.finding_info.uid)).toEqual(['abc1', 'abc2', 'def3', 'fed4'])
  expect(findings[0]).toMatchObject({ class_uid: 2004, metadata: { product: { version: '1.2.3' } } })
  expect((await keyhound(['alerts', 'export', '-w', folder])).exitCode).toBe(2)
})

test('a verdict takes the alert out of the queue and is told with it; a later one replaces it', async () => {
  const judge = (verdict: string, ...more: string[]) =>
    keyhound(['alerts', 'verdict', 'abc2', verdict, '-w', folder, ...more])
  expect(await judge('true_positive')).toMatchObject({ exitCode: 0, stdout: 'abc2: true_positive\n' })
  await judge('benign_trigger', '--note', 'quarterly export', '--who', 'bob')
  expect(await ids()).toEqual(['abc1'])
  expect(await ids('--status', 'judged')).toEqual(['abc2'])
  const { stdout } = await keyhound(['alerts', 'show', 'abc2', '-w', folder, '--json'])
  expect(JSON.parse(stdout).verdict).toEqual({
    alertId: 'abc2',
    verdict: 'benign_trigger',
    note: 'quarterly export',
    who: 'bob',
    at: '2026-11-01T00:00:00.000Z',
    tenantId: 'acme',
    tokenId: 'token-abc2',
    reasonCode: 'new_network',
    source: 'analyst',
    shown: 'queue',
    model: 'default@1',
    seenAt: '2026-10-05T03:00:00.000Z',
    detectors: 'place',
    values: [],
  })
})

test('suppress from an alert, list, unsuppress', async () => {
  const run = (...argv: string[]) => keyhound(['alerts', ...argv, '-w', folder])
  expect((await run('suppress', 'abc1')).exitCode).toBe(2)
  const made = JSON.parse(
    (await run('suppress', 'abc1', '--because', 'region move', '--days', '7', '--json')).stdout,
  )
  expect(made).toEqual({
    suppressionId: 1,
    tenantId: 'acme',
    tokenId: 'token-abc1',
    reasonCode: 'new_network',
    because: 'region move',
    owner: 'ann',
    expiresAt: '2026-11-08T00:00:00.000Z',
  })
  // The default of the configuration: 30 days.
  const second = await run('suppress', '--principal', 'svc', '--because', 'batch', '--json')
  expect(JSON.parse(second.stdout).expiresAt).toBe('2026-12-01T00:00:00.000Z')
  const listed = (await run('suppress')).stdout
  expect(listed).toContain('tenant=acme token=token-abc1 reason=new_network')
  expect(listed).toContain('principal=svc')
  expect(await run('unsuppress', '1')).toMatchObject({ exitCode: 0, stdout: 'suppression 1 is ended\n' })
  expect((await run('unsuppress', '1')).exitCode).toBe(2)
})

describe('hash', () => {
  test('same token same id, lines kept in order, the token never told', async () => {
    const raw = 'sk_live_abcdef\n\nother-token\r\nsk_live_abcdef'
    const { exitCode, stdout, stderr } = await keyhound(['hash', '-w', folder], { stdin: raw })
    expect([exitCode, stderr]).toEqual([0, ''])
    const lines = stdout.split('\n')
    expect(lines).toHaveLength(5)
    expect(lines[0]).toMatch(/^[\w-]{43}$/)
    expect(lines[1]).toBe('')
    expect(lines[3]).toBe(lines[0])
    expect(lines[2]).not.toBe(lines[0])
    expect(stdout).not.toContain('sk_live')
  })
  test('nothing in, nothing out', async () => {
    expect(await keyhound(['hash', '-w', folder])).toMatchObject({ exitCode: 0, stdout: '' })
  })
  test('more lines than a batch, as JSON', async () => {
    const stdin = Array.from({ length: 2500 }, (_, i) => `token-${i}`).join('\n')
    const { stdout } = await keyhound(['hash', '-w', folder, '--json'], { stdin })
    const hashed = JSON.parse(stdout) as string[]
    expect(new Set(hashed).size).toBe(2500)
  })
})
