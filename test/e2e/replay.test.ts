import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keyhound } from '../cli/harness.ts'
import { dayAt, days, type Office, openOffice, takeover } from '../pipeline/office.ts'

// What-if replay, the alert budget and the model registry as a user meets them, on a small office.
let office: Office
let folder: string
let config: string

async function run(...argv: string[]) {
  const given = { now: dayAt(30), cwd: folder }
  return keyhound([...argv, '--workspace', office.world.workspace.root, '--config', config], given)
}

async function good(...argv: string[]) {
  const ended = await run(...argv)
  expect(ended.exitCode, ended.stderr).toBe(0)
  return ended
}

const json = async (...argv: string[]) => JSON.parse((await good(...argv, '--json')).stdout)

function change(value: unknown): string {
  const file = join(folder, 'change.json')
  writeFileSync(file, JSON.stringify(value))
  return file
}

beforeAll(async () => {
  office = await openOffice([...days(0, 10), ...takeover(9, 4), ...takeover(9, 5)])
  folder = mkdtempSync(join(tmpdir(), 'keyhound-e2e-replay-'))
  config = join(folder, 'keyhound.json')
  writeFileSync(
    config,
    JSON.stringify({ alerts: { budgetPerDay: 0.5 }, forest: { trees: 30, subsample: 128 } }),
  )
  const rows = [4, 5].map(token => `token-${token},2026-03-11T03:00,2026-03-11T04:00,theft-${token},takeover`)
  writeFileSync(
    join(folder, 'labels.csv'),
    ['token_id,start,end,incident_id,attack_type', ...rows, ''].join('\n'),
  )
  await good('train', '--until', '2026-03-10')
  await good('score', '--from', '2026-03-10')
}, 60_000)
afterAll(() => {
  office.world.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a smaller budget, in words', async () => {
  const { stdout } = await good('replay', '--budget', '1/week', '--labels', 'labels.csv')
  expect(stdout).toContain('nothing was published')
  expect(stdout).toMatch(/budget, alerts a day +0\.50 +0\.14/)
  expect(stdout).toMatch(/analyst hours a day, at 20 min/)
  expect(stdout).toMatch(/known incidents lost: /)
})

test('score, alerts list and evaluate mean the same by a budget', async () => {
  const narrow = await json('score', '--from', '2026-03-10', '--budget', '1/week')
  expect(narrow.budget).toMatchObject({ perDay: 1 / 7, days: 2, judged: 0, precision: null })
  const beyond = await good('alerts', 'list', '--budget', '10')
  expect(beyond.stderr).toContain('were scored with a budget of 0.14')

  const wide = await json('score', '--from', '2026-03-10', '--budget', '10/day')
  expect(wide.budget.scoreThreshold).toBeLessThan(narrow.budget.scoreThreshold)
  expect(wide.alerts).toBeGreaterThan(narrow.alerts)
  expect(wide.budget.observedPerDay).toBe(wide.alerts / 2)
  expect(await json('alerts', 'list', '--budget', '1/week')).toHaveLength(narrow.alerts)

  const report = await json(
    'evaluate',
    '--labels',
    'labels.csv',
    '--out',
    'report',
    '--budget',
    '1/week,10,20',
  )
  expect(report.budgets).toEqual([1 / 7, 10, 20])
  // 20 a day is more than was scored with: nobody knows what it would have shown.
  expect(report.dial).toMatchObject([
    { perDay: 1 / 7, alerts: narrow.alerts + narrow.folded, truePositives: 2, recall: 1 },
    { perDay: 10, alerts: wide.alerts + wide.folded, truePositives: 2, recall: 1 },
  ])
  const { stdout } = await good('score', '--from', '2026-03-10')
  expect(stdout).toMatch(/budget +0\.50 a day, a score of \d+\.\d\d in training; shown \d/)
})

test('the registry: the same training is the same content; replay of another model keeps both apart', async () => {
  await good('train', '--until', '2026-03-10')
  const [first, second] = await json('models', 'list')
  expect(first.contentId).toMatch(/^[0-9a-f]{64}$/)
  expect(second).toMatchObject({ model: 'default@2', contentId: first.contentId })
  expect((await good('models', 'list')).stdout).toContain(first.contentId.slice(0, 12))
  expect((await json('models', 'show', first.contentId.slice(0, 10))).contentId).toBe(first.contentId)

  await good('train', '--until', '2026-03-10', '--seed', '9', '--name', 'other')
  const report = await json('replay', '--change', change({ model: 'other@1' }), '--labels', 'labels.csv')
  expect(report.before.models).toEqual([{ model: 'default@1', contentId: first.contentId }])
  expect(report.after.models[0].model).toBe('other@1')
  expect(report.after.incidentsFound).toBe(2)

  const [alert] = await json('alerts', 'list')
  const again = await json('alerts', 'show', alert.alertId, '--recompute')
  expect(again.recomputed).toEqual({ contentId: first.contentId, changed: null, differences: [] })
  const explained = await good('explain', alert.tokenId, '2026-03-11T03:00')
  expect(explained.stdout).toContain('exactly the same')
  expect(explained.stdout).toContain(first.contentId)
})

test('--apply shows first, refuses what loses incidents, and then makes the suppression and the budget', async () => {
  const file = change({
    budget: '3/day',
    suppressions: { add: [{ tokenId: 'token-4', because: 'a drill', days: 7 }] },
  })
  const refused = await run('replay', '--change', file, '--labels', 'labels.csv', '--apply')
  expect(refused.exitCode).toBe(1)
  expect(refused.stdout).toContain('known incidents lost: theft-4 (takeover)')
  expect(refused.stderr).toContain('--accept-lost')
  expect(JSON.parse(readFileSync(config, 'utf8')).alerts).toEqual({ budgetPerDay: 0.5 })

  const applied = await good('replay', '--change', file, '--labels', 'labels.csv', '--apply', '--accept-lost')
  expect(applied.stderr).toMatch(/applied: .*budgetPerDay is 3/)
  expect(JSON.parse(readFileSync(config, 'utf8'))).toEqual({
    alerts: { budgetPerDay: 3 },
    forest: { trees: 30, subsample: 128 },
  })
  const suppressions = await json('alerts', 'suppress')
  expect(suppressions).toMatchObject([
    { tokenId: 'token-4', because: 'a drill', owner: 'ann', expiresAt: dayAt(37).toISOString() },
  ])
  await good('score', '--from', '2026-03-10')
  const held = await json('alerts', 'list', '--status', 'suppressed')
  expect(new Set(held.map((one: { tokenId: string }) => one.tokenId))).toEqual(new Set(['token-4']))
})

test.each([
  ['nothing to try', [], /say what to try/],
  ['a file that is not there', ['--change', 'none.json'], /none\.json: no such file/],
  ['a budget that is none', ['--budget', 'lots'], /Write an alert budget/],
  ['what cannot be applied', ['--change', 'model.json', '--apply'], /model: scoring takes --model/],
  ['--accept-lost alone', ['--budget', '3', '--accept-lost'], /only with --apply/],
])('%s is bad usage', async (_, argv, told) => {
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ model: 'default@1' }))
  const ended = await run('replay', ...argv)
  expect(ended).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(told) })
  expect(existsSync(join(folder, 'none.json'))).toBe(false)
})
