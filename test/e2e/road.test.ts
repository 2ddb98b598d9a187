import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KEYHOUND } from '../built.ts'
import { keyhound, type Run } from '../cli/harness.ts'

const [NODE, MAIN] = KEYHOUND

// The whole road as a user walks it. Most commands run in this process, which saves their start-up; what only a process
// can show (pipes, exit codes, standard input) is shown by one.

/** A process of its own, its output in pipes. */
function spawned(argv: readonly string[], stdin = ''): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE, [MAIN, ...argv])
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', piece => out.push(piece))
    child.stderr.on('data', piece => err.push(piece))
    child.once('error', reject)
    child.once('close', code => {
      const bytes = Buffer.concat(out)
      resolve({
        exitCode: code ?? -1,
        stdout: bytes.toString(),
        bytes,
        stderr: Buffer.concat(err).toString(),
      })
    })
    child.stdin.end(stdin)
  })
}

let folder: string
let workspace: string
let logs: string
const steps: Record<string, Run> = {}

async function step(name: string, ...argv: string[]): Promise<Run> {
  const ended = await keyhound([...argv, '--workspace', workspace])
  expect(ended.exitCode, `${name}: ${ended.stderr}`).toBe(0)
  steps[name] = ended
  return ended
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await step('query', 'query', sql, '--format', 'json')
  return JSON.parse(stdout)
}

// Attacks from day 7 on; days count from 2026-09-01, a Tuesday.
const TRAINED_UNTIL = '2026-09-08'

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-e2e-'))
  workspace = join(folder, 'W')
  logs = join(folder, 'logs')
  const size = ['--tokens', '40', '--days', '14', '--events', '15000', '--incidents', '12']
  await step('simulate', 'simulate', '--out', logs, ...size, '--seed', '3', '--format', 'csv')
  const inventory = join(logs, 'tokens.csv')
  await step('ingest', 'ingest', join(logs, 'events'), '--inventory', inventory, '--tokens', 'identifier')
  await step('train', 'train', '--until', TRAINED_UNTIL, '--json')
  await step('score', 'score', '--from', TRAINED_UNTIL, '--json')
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('simulate, ingest, train, score', () => {
  test('no bar and no colour in a pipe; --json leaves JSON alone on stdout', () => {
    for (const [name, { stdout, stderr }] of Object.entries(steps)) {
      expect(stdout + stderr, name).not.toContain('\u001b[')
      expect(stdout + stderr, name).not.toContain('\r')
    }
    expect(JSON.parse(steps.train!.stdout)).toBeTypeOf('object')
    expect(JSON.parse(steps.score!.stdout)).toBeTypeOf('object')
  })

  test('ingest again adds nothing', async () => {
    const { stdout } = await step('again', 'ingest', join(logs, 'events'), '--tokens', 'identifier', '--json')
    const summary = JSON.parse(stdout)
    expect(summary.added).toBe(0)
    expect(summary.duplicates).toBe(summary.read)
  })

  test('scores hold one row for every token-hour with traffic since --from', async () => {
    const [row] = await query(
      `WITH traffic AS (SELECT DISTINCT token_id, date_trunc('hour', time) AS hour FROM events WHERE time >= TIMESTAMP '${TRAINED_UNTIL}')
       SELECT (SELECT count(*) FROM traffic) AS wanted, (SELECT count(*) FROM scores) AS scored,
         (SELECT count(*) FROM traffic t JOIN scores s ON s.token_id = t.token_id AND s.window_start = t.hour) AS matched`,
    )
    expect(row!.wanted).toBeGreaterThan(100)
    expect([row!.scored, row!.matched]).toEqual([row!.wanted, row!.wanted])
  })

  test('every score is a number, risk within 0-100, reasons are JSON', async () => {
    const rows = await query('SELECT score, risk, severity, maturity, reasons FROM scores')
    for (const row of rows) {
      expect(row.score).toBeTypeOf('number')
      expect(row.risk).toBeGreaterThanOrEqual(0)
      expect(row.risk).toBeLessThanOrEqual(100)
      expect(Array.isArray(JSON.parse(row.reasons as string))).toBe(true)
    }
  })

  test('scoring again replaces: the same rows, the same figures', async () => {
    const all = 'SELECT token_id, window_start, score, risk FROM scores ORDER BY ALL'
    const before = await query(all)
    await step('rescore', 'score', '--from', TRAINED_UNTIL)
    expect(await query(all)).toEqual(before)
  })
})

describe('query', () => {
  const sql = 'select token_id, window_start, score from scores'

  test('csv as scripts expect it', async () => {
    const { stdout } = await step('csv', 'query', sql, '--format', 'csv')
    const [head, ...lines] = stdout.trimEnd().split('\n')
    expect(head).toBe('token_id,window_start,score')
    expect(lines.length).toBeGreaterThan(100)
    for (const line of lines)
      expect(line).toMatch(/^[^,]+,2026-09-\d\dT\d\d:00:00\.000Z,-?\d+(\.\d+)?(e-?\d+)?$/)
  })

  test('arrow through a pipe, parquet into a file', async () => {
    const piped = await spawned(['query', sql, '--format', 'arrow', '--workspace', workspace])
    const read = tableFromIPC(piped.bytes)
    const file = join(folder, 'scores.parquet')
    await step('parquet', 'query', sql, '--format', 'parquet', '--out', file)
    expect(readFileSync(file).subarray(0, 4).toString()).toBe('PAR1')
    const [row] = await query('select count(*) as n from scores')
    expect(read.numRows).toBe(row!.n)
  })

  test('every table is there', async () => {
    const tables = ['events', 'activity', 'facets', 'features', 'scores', 'alerts', 'rejects']
    const [row] = await query(
      `select ${tables.map(table => `(from (select count(*) from ${table})) as ${table}`)}`,
    )
    expect(Object.keys(row!)).toEqual(tables)
    for (const table of tables.slice(0, -1)) expect(row![table], table).toBeGreaterThan(0)
  })

  test('reads nothing outside the workspace and changes nothing', async () => {
    const secret = join(folder, 'secret.csv')
    writeFileSync(secret, 'a\n1\n')
    const run = (text: string) => keyhound(['query', text, '--workspace', workspace])
    expect(await run(`select * from read_csv('${secret}')`)).toMatchObject({ exitCode: 2, stdout: '' })
    expect(await run(`copy (select 1) to '${join(folder, 'out.csv')}'`)).toMatchObject({
      exitCode: 2,
      stdout: '',
    })
    expect(await run(`copy (select 1) to '${join(workspace, 'data', 'x.csv')}'`)).toMatchObject({
      exitCode: 2,
    })
    expect(await run(`select * from read_text('${join(workspace, 'workspace.key')}')`)).toMatchObject({
      exitCode: 2,
    })
    expect(existsSync(join(folder, 'out.csv'))).toBe(false)
  })
})

test('evaluate prints a table and leaves both reports', async () => {
  const out = join(folder, 'report')
  const { stdout } = await step(
    'evaluate',
    'evaluate',
    '--labels',
    join(logs, 'labels.csv'),
    '--out',
    out,
    '--budget',
    '1,3',
  )
  expect(stdout).toContain('base rate')
  expect(stdout).toContain(join(out, 'report.html'))
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))
  expect(report.budgets).toEqual([1, 3])
  expect(report.data.incidents).toBeGreaterThan(0)
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('<svg')
})

describe('triage', () => {
  test('list, show, judge and explain the worst alert', async () => {
    const alerts = JSON.parse((await step('list', 'alerts', 'list', '--status', 'all', '--json')).stdout)
    expect(alerts.length).toBeGreaterThan(0)
    const [worst] = alerts
    expect(worst.reasons.length).toBeGreaterThan(0)
    expect(worst.evidence.length).toBeGreaterThan(0)
    const shown = await step('show', 'alerts', 'show', worst.alertId)
    expect(shown.stdout).toContain(worst.title)

    await step('verdict', 'alerts', 'verdict', worst.alertId, 'true_positive', '--note', 'seen it')
    const judged = JSON.parse((await step('judged', 'alerts', 'list', '--status', 'judged', '--json')).stdout)
    expect(judged.map((one: { alertId: string }) => one.alertId)).toEqual([worst.alertId])

    const explained = await step('explain', 'explain', worst.tokenId, worst.firstSeen)
    expect(explained.stdout).toContain(worst.tokenId)
    const asJson = await step('explain', 'explain', worst.tokenId, worst.firstSeen, '--json')
    expect(JSON.parse(asJson.stdout)).toBeTypeOf('object')
  })

  test('score --fail-on exits with 3 when it finds what was asked for', async () => {
    const argv = ['score', '--from', TRAINED_UNTIL, '--fail-on', 'info', '--workspace', workspace]
    expect((await keyhound(argv)).exitCode).toBe(3)
  })
})

test('a suppression holds back from the next scoring on, is counted, and keeps the alert', async () => {
  const [alert] = JSON.parse((await step('open', 'alerts', 'list', '--json')).stdout)
  await step('suppress', 'alerts', 'suppress', alert.alertId, '--because', 'load test')
  await step('rescore', 'score', '--from', TRAINED_UNTIL)
  const held = JSON.parse((await step('held', 'alerts', 'list', '--status', 'suppressed', '--json')).stdout)
  const same = held.find((one: { alertId: string }) => one.alertId === alert.alertId)
  expect(same?.suppressedBecause).toContain('load test')
  const [suppression] = JSON.parse((await step('suppressions', 'alerts', 'suppress', '--json')).stdout)
  expect(suppression.hits).toBeGreaterThanOrEqual(1)
})

test('models list and show name what was trained', async () => {
  const models = JSON.parse((await step('models', 'models', 'list', '--json')).stdout)
  expect(models).toHaveLength(1)
  const shown = await step('model', 'models', 'show', models[0].model, '--json')
  expect(JSON.parse(shown.stdout)).toBeTypeOf('object')
})

test('hash gives ids of this workspace and never the token', async () => {
  const ended = await spawned(['hash', '--workspace', workspace], 'raw-secret-token\n')
  expect(ended.exitCode).toBe(0)
  expect(ended.stdout).toMatch(/^[\w-]{43}\n$/)
})

test('bad input exits with 2, one message, and keeps what was there', async () => {
  const [before] = await query('select count(*) as n from events')
  const bad = join(folder, 'bad.parquet')
  writeFileSync(bad, 'this is no parquet')
  const ended = await spawned(['ingest', bad, '--workspace', workspace])
  expect(ended.exitCode).toBe(2)
  expect(ended.stderr).toContain('bad.parquet')
  expect(ended.stderr).not.toContain('    at ')
  expect(await query('select count(*) as n from events')).toEqual([before])
})

test('a reader that leaves early is no failure', async () => {
  const child = spawn(
    NODE,
    [MAIN, 'query', 'select * from events cross join range(50)', '--format', 'csv', '-w', workspace],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  child.stdout.once('data', () => child.stdout.destroy())
  const code = await new Promise(resolve => child.once('close', resolve))
  expect(code).toBe(0)
})
