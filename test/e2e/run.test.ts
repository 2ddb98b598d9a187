import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyhound, type Run } from '../cli/harness.ts'

// `run` beside the three commands that it stands for, on the same logs.

// Seven whole days from 2026-09-01 on: their end is midnight of 2026-09-08.
const TRAINED_UNTIL = '2026-09-06'
const BACK = '-2d'

let folder: string
let logs: string[]
const at = (name: string) => join(folder, name)

async function good(workspace: string, ...argv: string[]): Promise<Run> {
  const ended = await keyhound([...argv, '--workspace', at(workspace)])
  expect(ended.exitCode, `${argv.join(' ')}: ${ended.stderr}`).toBe(0)
  return ended
}

const query = async (workspace: string, sql: string): Promise<Record<string, unknown>[]> =>
  JSON.parse((await good(workspace, 'query', sql, '--format', 'json')).stdout)

let told: Run
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-run-'))
  const size = ['--tokens', '30', '--days', '7', '--events', '6000', '--attack-from-day', '5']
  await good('none', 'simulate', '--out', at('logs'), ...size, '--seed', '5', '--format', 'csv')
  logs = [at('logs/events'), '--inventory', at('logs/tokens.csv'), '--tokens', 'identifier']

  await good('three', 'ingest', ...logs)
  await good('three', 'train', '--until', TRAINED_UNTIL)
  await good('three', 'score', '--from', TRAINED_UNTIL, '--budget', '2/day')

  told = await good('one', 'run', ...logs, '--until', BACK, '--from', BACK, '--budget', '2/day')
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('run', () => {
  test('comes to the scores and alerts of ingest, train and score', async () => {
    for (const table of ['scores', 'alerts']) {
      const rows = await query('one', `SELECT * FROM ${table} ORDER BY ALL`)
      expect(rows.length, table).toBeGreaterThan(0)
      expect(rows, table).toEqual(await query('three', `SELECT * FROM ${table} ORDER BY ALL`))
    }
  })

  test('tells what each step tells, and the queue at the end', async () => {
    const parts = ['events added', 'trained on', 'token-hours', 'by severity', 'first seen (UTC)']
    const places = parts.map(part => told.stdout.indexOf(part))
    expect(places.every(place => place >= 0)).toBe(true)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    const listed = await good('one', 'alerts', 'list')
    expect(told.stdout).toContain(listed.stdout.split('\n\n')[0]!.trimEnd())
    expect(told.stdout + told.stderr).not.toContain('\u001b[')
  })

  test('each step is a run of its own on record', async () => {
    const runs = JSON.parse((await good('one', 'runs', 'list', '--json')).stdout) as { command: string }[]
    expect(runs.map(one => one.command).toReversed()).toEqual(['ingest', 'train', 'score'])
  })

  test('again with --json: nothing added, one object, the model just trained, --fail-on', async () => {
    const argv = ['run', ...logs, '--until', BACK, '--from', BACK, '--fail-on', 'info', '--json']
    const ended = await keyhound([...argv, '--workspace', at('one')])
    expect(ended.exitCode).toBe(3)
    const summary = JSON.parse(ended.stdout)
    expect(Object.keys(summary)).toEqual(['ingest', 'train', 'score', 'alerts'])
    expect(summary.ingest.added).toBe(0)
    expect(summary.train).toMatchObject({ model: 'default@2', until: '2026-09-06T00:00:00.000Z' })
    expect(summary.score).toMatchObject({
      model: 'default@2',
      from: '2026-09-06T00:00:00.000Z',
      to: '2026-09-08T00:00:00.000Z',
    })
    expect(summary.alerts.length).toBeGreaterThan(0)
  })

  test('a file that cannot be used ends it before anything is learned; what is good is kept', async () => {
    const bad = at('bad.parquet')
    writeFileSync(bad, 'this is no parquet')
    const ended = await keyhound(['run', ...logs, bad, '--workspace', at('bad')])
    expect(ended.exitCode).toBe(2)
    expect(ended.stdout).toContain('events added')
    expect(ended.stderr).toContain('bad.parquet')
    const [row] = await query('bad', 'SELECT count(*) AS n FROM events')
    expect(row!.n).toBeGreaterThan(0)
    expect(JSON.parse((await good('bad', 'models', 'list', '--json')).stdout)).toEqual([])
  })
})

test('train, score and evaluate take times counted back from the end of the log', async () => {
  const trained = JSON.parse((await good('three', 'train', '--until', '-48h', '--json')).stdout)
  expect(trained.until).toBe('2026-09-06T00:00:00.000Z')
  const scored = JSON.parse(
    (await good('three', 'score', '--from', '-1440m', '--to', '-12h', '--json')).stdout,
  )
  expect(scored).toMatchObject({ from: '2026-09-07T00:00:00.000Z', to: '2026-09-07T12:00:00.000Z' })
  const labels = at('logs/labels.csv')
  const period = ['--from', '-2d', '--to', '-1d']
  const argv = ['evaluate', '--labels', labels, '--out', at('report'), ...period, '--json']
  const { data } = JSON.parse((await good('three', ...argv)).stdout)
  expect(data).toMatchObject({ from: '2026-09-06T00:00:00.000Z', to: '2026-09-07T00:00:00.000Z' })
})

test('events that name no tenant are of the one given', async () => {
  const log = at('plain.csv')
  writeFileSync(log, 'time,token_id,method,path,status\n2026-10-05T10:00:00Z,key-1,GET,/tasks,200\n')
  await good('tenant', 'ingest', log, '--tokens', 'identifier', '--tenant', 'acme')
  expect(await query('tenant', 'SELECT tenant_id FROM events')).toEqual([{ tenant_id: 'acme' }])
})
