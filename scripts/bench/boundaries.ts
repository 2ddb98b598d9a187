/**
 * What the boundaries of windows and days do to scores and alerts: a simulated world as it is, and with every event so many minutes
 * later, so that the same deeds are cut into other hours and other days. A shift is learned from and scored on its own.
 *
 *     npm run bench:boundaries -- [--minutes 15,30,45] [--seed 9001] [--out FILE]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mean } from '../../src/lib/stats.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { configSchema } from '../../src/schema/config.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { DEFAULTS, simulate } from '../../src/simulate/simulate.ts'
import { type Engine, openEngine, quoteText, timestampLiteral } from '../../src/sql/duckdb.ts'
import { listDays, listParquet, openWorkspace, partition, publishQuery } from '../../src/sql/workspace.ts'
import { machine, markdownTable, progress, significant, writeJson } from './lib.ts'

const DAY_MS = 86_400_000
const TRAINED_DAYS = 18
const START = new Date('2026-08-31T00:00:00Z')
const WORLD = {
  ...DEFAULTS,
  tokens: 150,
  events: 80_000,
  days: 26,
  attackFromDay: TRAINED_DAYS,
  start: START,
}
const CONFIG = configSchema.parse({ alerts: { budgetPerDay: 3 } })

/** Copies the events of a workspace to another, so many minutes later. */
async function shiftEvents(engine: Engine, from: string, to: string, minutes: number): Promise<void> {
  const files = listDays(from).flatMap(day => listParquet(partition(from, day)))
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE shifted AS SELECT * REPLACE ((time + INTERVAL ${minutes} MINUTE)::TIMESTAMP_MS AS time)
     FROM read_parquet([${files.map(quoteText).join(', ')}], hive_partitioning = false)`,
  )
  const { columns } = await engine.texts('SELECT DISTINCT time::DATE::VARCHAR FROM shifted ORDER BY 1')
  for (const day of columns[0] as string[])
    await publishQuery(
      engine,
      `SELECT * FROM shifted WHERE time::DATE = DATE '${day}' ORDER BY time, event_id`,
      join(partition(to, day), 'events.parquet'),
    )
}

interface Outcome {
  /** Highest score and risk of each token-day. */
  readonly days: Map<string, { readonly score: number; readonly risk: number; readonly isMisuse: boolean }>
}

async function outcomeOf(engine: Engine, root: string, labels: string): Promise<Outcome> {
  const context = {
    engine,
    workspace: openWorkspace(root),
    progress: silentProgress,
    now: START,
    config: CONFIG,
  }
  const from = new Date(START.getTime() + TRAINED_DAYS * DAY_MS)
  await train(context, { until: from })
  await score(context, { from })
  const { workspace } = context
  const read = (folder: string) =>
    `read_parquet([${listDays(folder)
      .flatMap(day => listParquet(partition(folder, day)))
      .map(quoteText)
      .join(', ')}], hive_partitioning = false)`
  const rows = await engine.rows<{ key: string; score: number; risk: number; isMisuse: boolean }>(`
WITH misuse AS (
  SELECT DISTINCT tenant_id, token_id, time::DATE AS day FROM ${read(workspace.events)}
  JOIN read_csv(${quoteText(labels)}, all_varchar = true) USING (event_id)
)
SELECT s.tenant_id || '/' || s.token_id || ' ' || s.window_start::DATE::VARCHAR AS key, max(score) AS score, max(risk) AS risk,
  bool_or(m.day IS NOT NULL) AS "isMisuse"
FROM ${read(workspace.scores)} s LEFT JOIN misuse m ON m.tenant_id = s.tenant_id AND m.token_id = s.token_id AND m.day = s.window_start::DATE
WHERE s.window_start >= ${timestampLiteral(from)} GROUP BY ALL ORDER BY ALL`)
  return { days: new Map(rows.map(({ key, ...day }) => [key, day])) }
}

/** Ranks from 1, equal values sharing their mean rank. */
function ranksOf(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!)
  const ranks = new Array<number>(values.length)
  for (let i = 0; i < order.length; ) {
    let j = i
    while (j < order.length && values[order[j]!] === values[order[i]!]) j++
    for (let k = i; k < j; k++) ranks[order[k]!] = (i + 1 + j) / 2
    i = j
  }
  return ranks
}

/** Pearson's; of ranks Spearman's. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)]
  const product = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0)
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb))
}

function compare(base: Outcome, other: Outcome) {
  const shared = [...base.days.keys()].filter(key => other.days.has(key))
  const of = (outcome: Outcome) => shared.map(key => outcome.days.get(key)!.score)
  const alerts = (outcome: Outcome) =>
    new Set([...outcome.days].filter(([, day]) => day.risk >= 50).map(([key]) => key))
  const misuse = (outcome: Outcome) => [...alerts(outcome)].filter(key => outcome.days.get(key)!.isMisuse)
  const [mine, theirs] = [alerts(base), alerts(other)]
  const common = [...mine].filter(key => theirs.has(key)).length
  return {
    tokenDays: shared.length,
    spearman: correlation(ranksOf(of(base)), ranksOf(of(other))),
    alerts: theirs.size,
    sharedAlerts: common,
    jaccard: common / (mine.size + theirs.size - common),
    misuseAlerted: misuse(other).length,
    misuseAlertedBefore: misuse(base).length,
    misuseShared: misuse(base).filter(key => theirs.has(key)).length,
  }
}

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '15,30,45' },
    seed: { type: 'string', default: '9001' },
    out: { type: 'string', default: 'reports/bench-boundaries.json' },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'keyhound-boundaries-'))
const engine = await openEngine()
try {
  const logs = join(folder, 'logs')
  await simulate(engine, logs, { ...WORLD, seed: Number(flags.seed), format: 'parquet' }, silentProgress)
  const workspace = openWorkspace(join(folder, '0'))
  await ingest(
    { engine, workspace, progress: silentProgress, now: START },
    { paths: [join(logs, 'events')], inventory: join(logs, 'tokens.csv'), tokens: 'identifier' },
  )
  const labels = join(logs, 'labels.csv')
  progress('as it is')
  const base = await outcomeOf(engine, workspace.root, labels)
  const results = []
  for (const minutes of flags.minutes.split(',').map(Number)) {
    progress(`${minutes} minutes later`)
    const root = join(folder, String(minutes))
    await shiftEvents(engine, workspace.events, openWorkspace(root).events, minutes)
    results.push({ minutes, ...compare(base, await outcomeOf(engine, root, labels)) })
  }
  console.log(
    markdownTable(
      results.map(row => ({
        'minutes later': row.minutes,
        'token-days': row.tokenDays,
        'rank correlation of scores': significant(row.spearman),
        alerts: row.alerts,
        'of them as before': row.sharedAlerts,
        Jaccard: significant(row.jaccard),
        'misuse alerted, before and after': `${row.misuseAlertedBefore}, ${row.misuseAlerted} (${row.misuseShared} the same)`,
      })),
    ),
  )
  writeJson(flags.out, { machine: machine(), results })
} finally {
  engine.close()
  rmSync(folder, { recursive: true, force: true })
}
