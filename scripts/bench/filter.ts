/**
 * What a week of verdicts is worth. Simulated worlds with few incidents, many benign surprises and so little precision: three
 * weeks to learn from without labels; a week in which an analyst judges ten alerts a day and what the product samples and
 * explores; training again, now with a filter; a second week, the same scores with and without the filter.
 *
 *     npm run bench:filter -- [--worlds hard,mixed] [--seeds 9101,9102] [--out FILE]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Context } from '../../src/pipeline/context.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { judgeAlert, listAlerts } from '../../src/pipeline/triage.ts'
import { openViews } from '../../src/pipeline/views.ts'
import type { Estimate } from '../../src/schema/evaluation.ts'
import { VERDICTS } from '../../src/schema/labels.ts'
import type { FilterSummary } from '../../src/schema/model.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { DEFAULTS, type SimulateOptions, simulate } from '../../src/simulate/simulate.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { readTruth, type Truth, tokenDay, verdictOf } from './filter/analyst.ts'
import { type Comparison, compareQueues, type TokenDay } from './filter/compare.ts'
import { machine, markdownTable, progress, writeJson } from './lib.ts'

const DAY_MS = 86_400_000
const START = new Date('2026-08-31T00:00:00Z')
const WEEK_ONE = 21
const WEEK_TWO = 28
const DAYS = 35
const JUDGED_PER_DAY = 10
const BUDGETS = [3, 10, 30]

const SIZE = { tokens: 600, events: 260_000, days: DAYS, attackFromDay: WEEK_ONE, start: START, surprises: 3 }

const WORLDS: Record<string, Omit<SimulateOptions, 'seed'>> = {
  hard: { ...DEFAULTS, ...SIZE, difficulty: 'hard', incidents: 24 },
  mixed: { ...DEFAULTS, ...SIZE, difficulty: 'mixed', incidents: 16 },
}

interface Walk {
  readonly verdicts: Record<string, number>
  readonly filter: FilterSummary
  readonly heldBack: number
  readonly sampled: number
  readonly tokenDays: readonly TokenDay[]
}

const at = (day: number, hours = 0) => new Date(START.getTime() + day * DAY_MS + hours * 3_600_000)

async function walk(world: string, seed: number): Promise<Walk> {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-filter-'))
  const engine = await openEngine()
  try {
    const logs = join(folder, 'logs')
    await simulate(engine, logs, { ...WORLDS[world]!, seed, format: 'parquet' }, silentProgress)
    const context = {
      engine,
      workspace: openWorkspace(join(folder, 'workspace')),
      progress: silentProgress,
      now: at(DAYS),
    }
    await ingest(context, {
      paths: [join(logs, 'events')],
      inventory: join(logs, 'tokens.csv'),
      tokens: 'identifier',
    })
    const truth = await readTruth(context, logs)
    await train(context, { until: at(WEEK_ONE) })
    const verdicts = await judgeWeek(context, truth)
    const { filter } = await train(context, { until: at(WEEK_TWO) })
    const scored = await score({ ...context, now: at(DAYS, 8) }, { from: at(WEEK_TWO) })
    return {
      verdicts,
      filter,
      heldBack: scored.suppressed,
      sampled: scored.sampled,
      tokenDays: await readTokenDays(context, truth, `${world}-${seed}`),
    }
  } finally {
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Each day is scored; at 8 the next morning the ten highest alerts, and those sampled and explored, are judged. */
async function judgeWeek(context: Context, truth: Truth): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let day = WEEK_ONE; day < WEEK_TWO; day++) {
    const morning = { ...context, now: at(day + 1, 8) }
    await score(morning, { from: at(day), to: at(day + 1) })
    const open = await listAlerts(morning, { from: at(day), to: at(day + 1), status: 'open' })
    const queue = open.filter(alert => alert.shown === 'queue').slice(0, JUDGED_PER_DAY)
    const judgedToday = new Set<string>()
    for (const alert of [...queue, ...open.filter(alert => alert.shown !== 'queue')]) {
      const verdict = verdictOf(truth, alert, judgedToday)
      await judgeAlert(morning, alert.alertId, { verdict, note: null, who: 'simulator', source: 'simulated' })
      counts[verdict] = (counts[verdict] ?? 0) + 1
    }
  }
  return counts
}

async function readTokenDays(context: Context, truth: Truth, world: string): Promise<TokenDay[]> {
  await openViews(context.engine, context.workspace)
  const rows = await context.engine.rows<{
    token: string
    day: Date
    score: number
    risk: number
    held: boolean
  }>(
    `SELECT s.token_id AS token, date_trunc('day', s.window_start)::TIMESTAMP AS day, max(s.score) AS score, max(s.risk) AS risk,
       coalesce(bool_or(starts_with(a.suppressed_because, 'filter: ') OR a.shown = 'sampled'), false) AS held
     FROM scores s LEFT JOIN alerts a ON a.tenant_id = s.tenant_id AND a.token_id = s.token_id
       AND date_trunc('day', a.first_seen) = date_trunc('day', s.window_start)
     WHERE s.window_start >= $from::TIMESTAMP GROUP BY s.tenant_id, s.token_id, date_trunc('day', s.window_start)
     ORDER BY token, day`,
    { from: at(WEEK_TWO).toISOString().slice(0, 19) },
  )
  return rows.map(row => {
    const incident = truth.misuse.get(tokenDay(row.token, row.day.getTime())) ?? null
    return {
      cluster: `${world} ${row.token}`,
      isMisuse: incident !== null,
      incident,
      score: row.score,
      risk: row.risk,
      isHeldBack: row.held,
    }
  })
}

function percent({ value, low, high }: Estimate): string {
  const told = (n: number | null) => (n === null || !Number.isFinite(n) ? '–' : `${Math.round(100 * n)}`)
  return `${told(value)} % (${told(low)} to ${told(high)})`
}

function attainable({ attainable: at }: Comparison, by: 'byScore' | 'byFilter'): string {
  return [0.98, 0.8].map(kept => `${Math.round(100 * at.find(one => one.kept === kept)![by])} %`).join(', ')
}

function rowOf(name: string, one: Comparison): Record<string, string | number> {
  return {
    world: name,
    'alerts a day': one.perDay,
    'precision before': one.before.precision.toFixed(3),
    after: one.after.precision.toFixed(3),
    'gain (95 %)': percent(one.precisionGain),
    'recall lost (95 %)': percent(one.recallLoss),
    'alerts held back': one.before.alerts - one.after.alerts,
    'true ones among them': one.before.truePositives - one.after.truePositives,
    incidents: `${one.before.incidents} -> ${one.after.incidents}`,
    'gain with the budget refilled': percent(one.refilledGain),
    room: `${Math.round(100 * one.room)} %`,
    'attainable at 98 %, 80 % kept: score': attainable(one, 'byScore'),
    'and filter': attainable(one, 'byFilter'),
  }
}

const { values: flags } = parseArgs({
  options: {
    worlds: { type: 'string', default: Object.keys(WORLDS).join(',') },
    seeds: { type: 'string', default: '9101,9102,9103' },
    out: { type: 'string', default: 'reports/bench-filter.json' },
  },
})
const days = DAYS - WEEK_TWO
const rows: Record<string, string | number>[] = []
const runs: object[] = []
const pooled: object[] = []
for (const world of flags.worlds.split(',')) {
  const walks: Walk[] = []
  for (const seed of flags.seeds.split(',').map(Number)) {
    progress(`${world}, seed ${seed}`)
    const one = await walk(world, seed)
    walks.push(one)
    const budgets = BUDGETS.map(perDay => compareQueues([one.tokenDays], perDay, days))
    rows.push(rowOf(`${world} ${seed}`, budgets[1]!))
    const { tokenDays: _, ...told } = one
    runs.push({ world, seed, ...told, budgets })
    const judged = VERDICTS.map(verdict => `${one.verdicts[verdict] ?? 0} ${verdict}`).join(', ')
    progress(
      `  ${judged}; filter ${one.filter.trained ? `${one.filter.champion.learner}, out of fold ${JSON.stringify(one.filter.champion)}, suppresses ${one.filter.suppressed.toFixed(2)} keeps ${one.filter.recall.toFixed(2)}` : one.filter.because}`,
    )
  }
  const budgets = BUDGETS.map(perDay =>
    compareQueues(
      walks.map(one => one.tokenDays),
      perDay,
      days,
    ),
  )
  pooled.push({ world, budgets })
  for (const one of budgets) rows.push(rowOf(`${world}, all seeds`, one))
}
const report = markdownTable(rows)
console.log(report)
writeJson(flags.out, { machine: machine(), runs, pooled })
writeFileSync(flags.out.replace(/\.json$/, '.md'), `${report}\n`)
