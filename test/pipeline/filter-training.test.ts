import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../../src/pipeline/context.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { loadModel } from '../../src/pipeline/models.ts'
import { score } from '../../src/pipeline/score.ts'
import { type TrainSummary, train } from '../../src/pipeline/train.ts'
import { filterState, judgeAlert, listAlerts } from '../../src/pipeline/triage.ts'
import { openViews } from '../../src/pipeline/views.ts'
import { configSchema } from '../../src/schema/config.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { DEFAULTS, simulate } from '../../src/simulate/simulate.ts'
import { type Engine, openEngine, quoteText } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { withState } from '../../src/state/state.ts'
import { recordVerdict } from '../../src/state/verdicts.ts'

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
    // Past the lateness that scoring allows events, so that the last hour is scored too.
    now: new Date(at(DAYS).getTime() + 3_600_000),
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
      tokens: 60,
      days: DAYS,
      events: 18_000,
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

describe('verdicts', () => {
  test('teach without a labels file; their provenance reaches the model', async () => {
    await score(context, { from: at(ATTACKS_FROM), to: at(TRAINED_UNTIL), model: 'unlabelled' })
    const stolen = new Set(
      (
        await engine.rows<{ key: string }>(
          `SELECT DISTINCT token_id || strftime(time, '%Y-%m-%d') AS key FROM events
           JOIN read_csv(${quoteText(join(folder, 'logs', 'labels.csv'))}, all_varchar = true) USING (event_id)`,
        )
      ).map(row => row.key),
    )
    const judged = await listAlerts(context, { from: at(ATTACKS_FROM), to: at(TRAINED_UNTIL) })
    for (const alert of judged) {
      const isMisuse = stolen.has(alert.tokenId + alert.firstSeen.toISOString().slice(0, 10))
      const verdict = isMisuse ? 'true_positive' : 'benign_trigger'
      await judgeAlert(context, alert.alertId, { verdict, note: null, who: 'sim', source: 'simulated' })
    }
    await judgeAlert(context, judged[0]!.alertId, { verdict: 'duplicate', note: null, who: 'sim' })
    const { filter, excludedWindows } = await train(context, { until: at(TRAINED_UNTIL), name: 'judged' })
    expect(filter.labels?.origins).toEqual({ simulated: judged.length - 1 })
    expect(filter.labels?.verdicts).toMatchObject({ duplicate: 1 })
    expect(excludedWindows).toBeGreaterThan(judged.length - 1)
    expect((await loadModel(context.workspace, 'judged')).manifest.filter).toEqual(filter)
  })

  test('that find misuse in the sample switch the filter off: scoring says so, and holds nothing back', async () => {
    const before = await score(context, { from: at(TRAINED_UNTIL), model: 'default@1' })
    expect(before.filter).toMatchObject({ state: 'on', model: 'default@1', sampled: 0 })
    await withState(context.workspace, async state => {
      for (const alertId of ['s1', 's2'])
        await recordVerdict(state, {
          ...{ alertId, verdict: 'true_positive', note: null, who: 'ann', at: at(DAYS) },
          ...{ tenantId: 'acme', tokenId: 't', reasonCode: null, shown: 'sampled', model: 'default@1' },
        })
    })
    const { suppressed, filter } = await score(context, { from: at(TRAINED_UNTIL), model: 'default@1' })
    expect(suppressed).toBe(0)
    expect(filter).toMatchObject({ state: 'off', sampled: 2, truePositives: 2 })
    expect(await filterState(context)).toEqual([
      expect.stringMatching(/^filter of default@1 switched off: 2 of 2/),
    ])
    await openViews(engine, context.workspace)
    const [left] = await engine.rows<{ n: number }>(
      `SELECT count(filter_probability) AS n FROM scores WHERE model = 'default@1'`,
    )
    expect(left!.n).toBe(0)
  })
})
