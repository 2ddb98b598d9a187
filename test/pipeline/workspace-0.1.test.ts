import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureFacets } from '../../src/engine/facets.ts'
import { staleFeatureDays } from '../../src/engine/stamps.ts'
import type { Context } from '../../src/pipeline/context.ts'
import { readRulings } from '../../src/pipeline/held.ts'
import { prepare } from '../../src/pipeline/prepare.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { listAlerts, type TriagedAlert } from '../../src/pipeline/triage.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { listDays, openWorkspace, partition } from '../../src/sql/workspace.ts'
import { withState } from '../../src/state/state.ts'
import { listVerdicts, type VerdictRecord } from '../../src/state/verdicts.ts'
import { differences, dump } from '../engine/tiny-world.ts'

const FIXTURE = fileURLToPath(new URL('../fixtures/workspace-0.1.tar.gz', import.meta.url))
const OLD_NAMES = /slots|tails|\.made\.json|history.*\.parquet/
type Rows = Record<string, unknown>[]

/** A workspace as version 0.1 left it: 16 days of events and features, seven of them scored, two alerts judged. */
let folder: string
let context: Context
let events: Rows
let counts: Rows
let facets: Rows
let alerts: TriagedAlert[]
let verdicts: VerdictRecord[]

const readVerdicts = () => withState(context.workspace, state => listVerdicts(state))
const oldFiles = () =>
  readdirSync(join(context.workspace.root, 'data'), { recursive: true, encoding: 'utf8' }).filter(path =>
    OLD_NAMES.test(path),
  )

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-0.1-'))
  execFileSync('tar', ['xzf', FIXTURE, '-C', folder])
  const engine = await openEngine({ threads: 1 })
  const workspace = openWorkspace(join(folder, 'ws'))
  context = { engine, workspace, progress: silentProgress, now: new Date('2026-09-17T00:00:00Z') }
  events = await dump({ engine }, workspace.events)
  counts = await dump({ engine }, workspace.activity)
  facets = await dump({ engine }, workspace.facets)
  alerts = await listAlerts(context)
  verdicts = await readVerdicts()
  expect(alerts.length).toBeGreaterThan(0)
  expect(verdicts).toHaveLength(2)
  expect(oldFiles().length).toBeGreaterThan(0)
  await prepare(context)
})
afterAll(() => {
  context.engine.close()
  rmSync(folder, { recursive: true, force: true })
})

test('features and history are made anew for every day, from the stored events as they are', async () => {
  const { engine, workspace } = context
  const days = listDays(workspace.events)
  expect(days).toHaveLength(16)
  expect(listDays(workspace.features)).toEqual(days)
  expect(staleFeatureDays(workspace, await readRulings(context))).toEqual([])
  for (const day of days)
    for (const file of ['ids.bin', 'record.bin'])
      expect(existsSync(join(partition(workspace.history, day), file)), `${day} ${file}`).toBe(true)
  expect(differences(events, await dump({ engine }, workspace.events))).toEqual([])
  expect((await dump({ engine }, workspace.activity)).length).toBe(counts.length)
})

test('what only version 0.1 read is removed', () => {
  expect(oldFiles()).toEqual([])
})

test('facets bear no stamp of ours: they are made anew when asked for, and say the same', async () => {
  const { engine, workspace } = context
  await ensureFacets(engine, workspace)
  expect(differences(facets, await dump({ engine }, workspace.facets))).toEqual([])
})

test('alerts and verdicts stay readable', async () => {
  expect(await listAlerts(context)).toEqual(alerts)
  expect(await readVerdicts()).toEqual(verdicts)
})

test('its model reads other features: it is refused in a line that says what to do, and its scores stay', async () => {
  const [from, to] = ['2026-09-10', '2026-09-17'].map(day => new Date(`${day}T00:00:00Z`))
  const { engine, workspace } = context
  const before = await dump({ engine }, workspace.scores)
  await expect(score(context, { from: from!, to: to! })).rejects.toThrow(
    /^model default@1 was trained on features dbefae96d3ae804e, this Keyhound makes \w+; .*keyhound train$/,
  )
  expect(differences(before, await dump({ engine }, workspace.scores))).toEqual([])
})

test('a model that is trained now scores', async () => {
  const [from, to] = ['2026-09-10', '2026-09-13'].map(day => new Date(`${day}T00:00:00Z`))
  const trained = await train(context, { until: from! })
  expect(trained.model).toBe('default@2')
  const { model, windows } = await score(context, { from: from!, to: to! })
  expect(model).toBe('default@2')
  expect(windows).toBeGreaterThan(100)
  expect(await readVerdicts()).toEqual(verdicts)
})
