/**
 * Detection quality on simulated worlds that nothing was fitted on: other seeds than the prior's, and, apart, two families of
 * attacks that no training world holds. Three weeks to learn from without labels, two weeks scored, beside the baselines.
 *
 *     npm run bench:simulated -- [--worlds easy,mixed,hard,sealed] [--seeds 9001,9002] [--out FILE]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openEngine } from '../../src/engine/duckdb.ts'
import { openWorkspace } from '../../src/engine/workspace.ts'
import { evaluate } from '../../src/pipeline/evaluate.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import type { Estimate, EvaluationReport } from '../../src/schema/evaluation.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { DEFAULTS, SEALED_FAMILIES, type SimulateOptions, simulate } from '../../src/simulate/simulate.ts'
import { machine, markdownTable, progress, significant, writeJson } from './lib.ts'

const DAY_MS = 86_400_000
const DAYS = 35
const ATTACKS_FROM_DAY = 21
const START = new Date('2026-08-31T00:00:00Z')

const SIZE = { tokens: 700, events: 500_000, days: DAYS, attackFromDay: ATTACKS_FROM_DAY, start: START }

const WORLDS: Record<string, Omit<SimulateOptions, 'seed'>> = {
  easy: { ...DEFAULTS, ...SIZE, difficulty: 'easy', incidents: 40 },
  mixed: { ...DEFAULTS, ...SIZE, difficulty: 'mixed', incidents: 40 },
  hard: { ...DEFAULTS, ...SIZE, difficulty: 'hard', incidents: 24 },
  sealed: { ...DEFAULTS, ...SIZE, difficulty: 'hard', incidents: 24, families: SEALED_FAMILIES },
}

async function measure(world: string, seed: number): Promise<EvaluationReport> {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-simulated-'))
  const engine = await openEngine()
  try {
    const logs = join(folder, 'logs')
    await simulate(engine, logs, { ...WORLDS[world]!, seed, format: 'parquet' }, silentProgress)
    const context = {
      engine,
      workspace: openWorkspace(join(folder, 'workspace')),
      progress: silentProgress,
      now: START,
    }
    const from = new Date(START.getTime() + ATTACKS_FROM_DAY * DAY_MS)
    await ingest(context, {
      paths: [join(logs, 'events')],
      inventory: join(logs, 'tokens.csv'),
      tokens: 'identifier',
    })
    await train(context, { until: from })
    await score(context, { from })
    return await evaluate(context, { labels: join(logs, 'labels.csv'), from, budgets: [1, 3, 10] })
  } finally {
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function interval({ value, low, high }: Estimate): string {
  const digits = (n: number | null) => (n === null ? '–' : n.toFixed(2))
  return `${digits(value)} (${digits(low)}–${digits(high)})`
}

const { values: flags } = parseArgs({
  options: {
    worlds: { type: 'string', default: Object.keys(WORLDS).join(',') },
    seeds: { type: 'string', default: '9001' },
    out: { type: 'string', default: 'reports/bench-simulated.json' },
  },
})
const results: { world: string; seed: number; report: EvaluationReport }[] = []
for (const world of flags.worlds.split(',')) {
  for (const seed of flags.seeds.split(',').map(Number)) {
    progress(`${world}, seed ${seed}`)
    results.push({ world, seed, report: await measure(world, seed) })
  }
}
const rows = results.flatMap(({ world, seed, report }) =>
  report.rankings.map(ranking => {
    const at = (perDay: number) => ranking.budgets.find(budget => budget.perDay === perDay)!
    return {
      world: `${world} ${seed}`,
      ranking: ranking.title,
      'base rate': significant(ranking.tokenDays.baseRate),
      'AP, token-days': interval(ranking.tokenDays.averagePrecision),
      'AP, token-hours': interval(ranking.tokenHours.averagePrecision),
      'precision at 1': significant(at(1).precision.value ?? undefined),
      'precision at 3': significant(at(3).precision.value ?? undefined),
      'incidents at 3': `${at(3).incidentsFound} of ${report.data.incidents}`,
      'incidents at 10': `${at(10).incidentsFound} of ${report.data.incidents}`,
    }
  }),
)
console.log(markdownTable(rows))
writeJson(flags.out, { machine: machine(), results })
