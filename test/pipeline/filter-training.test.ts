import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/duckdb.ts'
import { openWorkspace } from '../../src/engine/workspace.ts'
import type { Context } from '../../src/pipeline/context.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { loadModel } from '../../src/pipeline/models.ts'
import { score } from '../../src/pipeline/score.ts'
import { type TrainSummary, train } from '../../src/pipeline/train.ts'
import { openViews } from '../../src/pipeline/views.ts'
import { configSchema } from '../../src/schema/config.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { DEFAULTS, simulate } from '../../src/simulate/simulate.ts'

// The one world of the pipeline's tests that is simulated: labels enough for a filter need many incidents.
const DAYS = 17
const ATTACKS_FROM = 8
const TRAINED_UNTIL = 14
const at = (day: number) => new Date(DEFAULTS.start.getTime() + day * 86_400_000)

let folder: string
let engine: Engine
let context: Context
let summary: TrainSummary

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-filter-'))
  engine = await openEngine()
  context = {
    engine,
    workspace: openWorkspace(join(folder, 'W')),
    progress: silentProgress,
    now: at(DAYS),
    // 35 misuse alerts cannot bound a loss of 2 %: at 10 % some may be held back.
    config: configSchema.parse({
      alerts: { budgetPerDay: 3 },
      filter: { maxRecallLoss: 0.1 },
      forest: { trees: 50, subsample: 256 },
    }),
  }
  const logs = join(folder, 'logs')
  await simulate(
    engine,
    logs,
    {
      ...DEFAULTS,
      tokens: 70,
      days: DAYS,
      events: 25_000,
      seed: 5,
      attackFromDay: ATTACKS_FROM,
      incidents: 30,
      difficulty: 'mixed',
      format: 'parquet',
    },
    silentProgress,
  )
  await ingest(context, {
    paths: [join(logs, 'events')],
    inventory: join(logs, 'tokens.csv'),
    tokens: 'identifier',
  })
  summary = await train(context, { until: at(TRAINED_UNTIL), labels: join(logs, 'labels.csv') })
})
afterAll(() => {
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('with labels enough', () => {
  test('training teaches the filter, and keeps it with the model', async () => {
    expect(summary.filter).toMatchObject({ trained: true })
    expect(summary.excludedWindows).toBeGreaterThan(10)
    const { filter, manifest } = await loadModel(context.workspace)
    expect(filter).not.toBeNull()
    expect(manifest.filter).toEqual(summary.filter)
  })

  test('scores carry its probability where a reason is given, and what it holds back is kept, with the reason', async () => {
    const { alerts, suppressed } = await score(context)
    expect(alerts).toBeGreaterThan(0)
    await openViews(engine, context.workspace)
    const [odd] = await engine.rows<{ n: number }>(
      `SELECT count(*) AS n FROM scores WHERE (filter_probability IS NOT NULL) <> (reasons <> '[]')
       OR filter_probability NOT BETWEEN 0 AND 1`,
    )
    expect(odd!.n).toBe(0)
    const held = await engine.rows<{ suppressed_because: string; status: string }>(
      `SELECT suppressed_because, status FROM alerts WHERE suppressed_because IS NOT NULL OR status = 'suppressed'`,
    )
    expect(held).toHaveLength(suppressed)
    for (const alert of held) {
      expect(alert.status).toBe('suppressed')
      expect(alert.suppressed_because).toMatch(
        /^filter: \d+ % likely to be worth an analyst, below its threshold$/,
      )
    }
  })

  test('scoring again gives the same, though the alerts of the first run are there now', async () => {
    const all = async () => {
      await openViews(engine, context.workspace)
      return [
        await engine.rows('SELECT * FROM scores ORDER BY ALL'),
        await engine.rows('SELECT * FROM alerts ORDER BY ALL'),
      ]
    }
    const before = await all()
    await score(context, { from: at(TRAINED_UNTIL) })
    expect(await all()).toEqual(before)
  })
})

test('without labels there is no filter, and the summary says why', async () => {
  const { filter } = await train(context, { until: at(TRAINED_UNTIL), name: 'unlabelled' })
  expect(filter).toEqual({
    trained: false,
    because: 'no labels and no verdicts were given',
    labels: {},
  })
})
