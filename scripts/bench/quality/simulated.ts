import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../../src/pipeline/context.ts'
import { evaluate } from '../../../src/pipeline/evaluate.ts'
import { ingest } from '../../../src/pipeline/ingest.ts'
import { score } from '../../../src/pipeline/score.ts'
import { train } from '../../../src/pipeline/train.ts'
import type { EvaluationReport } from '../../../src/schema/evaluation.ts'
import { silentProgress } from '../../../src/schema/run.ts'
import { DEFAULTS, SEALED_FAMILIES, type SimulateOptions, simulate } from '../../../src/simulate/simulate.ts'
import { openEngine } from '../../../src/sql/duckdb.ts'
import { openWorkspace } from '../../../src/sql/workspace.ts'

const DAY_MS = 86_400_000
const ATTACKS_FROM_DAY = 21
const START = new Date('2026-08-31T00:00:00Z')

const SIZE = { tokens: 700, events: 500_000, days: 35, attackFromDay: ATTACKS_FROM_DAY, start: START }

/** Worlds by name; `sealed` holds two families of attacks that no training world has. */
export const WORLDS: Readonly<Record<string, Omit<SimulateOptions, 'seed'>>> = {
  easy: { ...DEFAULTS, ...SIZE, difficulty: 'easy', incidents: 40 },
  mixed: { ...DEFAULTS, ...SIZE, difficulty: 'mixed', incidents: 40 },
  hard: { ...DEFAULTS, ...SIZE, difficulty: 'hard', incidents: 24 },
  sealed: { ...DEFAULTS, ...SIZE, difficulty: 'hard', incidents: 24, families: SEALED_FAMILIES },
}

/** A world whose first three weeks a model has learned from, without labels. */
export interface TrainedWorld {
  readonly context: Context
  /** CSV of what was misuse, by event. */
  readonly labels: string
  /** First moment after training. */
  readonly from: Date
}

/** Simulates a world, ingests it, trains on its first three weeks, and runs `work` on the rest; nothing stays behind. */
export async function withTrainedWorld<T>(
  options: SimulateOptions,
  work: (world: TrainedWorld) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-simulated-'))
  const engine = await openEngine()
  try {
    const logs = join(folder, 'logs')
    await simulate(engine, logs, { ...options, format: 'parquet' }, silentProgress)
    const workspace = openWorkspace(join(folder, 'workspace'))
    const context = { engine, workspace, progress: silentProgress, now: START }
    const from = new Date(START.getTime() + ATTACKS_FROM_DAY * DAY_MS)
    await ingest(context, {
      paths: [join(logs, 'events')],
      inventory: join(logs, 'tokens.csv'),
      tokens: 'identifier',
    })
    await train(context, { until: from })
    return await work({ context, labels: join(logs, 'labels.csv'), from })
  } finally {
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Scores the last two weeks of a world and evaluates them at 1, 3 and 10 alerts a day. */
export function evaluateSimulated(world: string, seed: number): Promise<EvaluationReport> {
  return withTrainedWorld({ ...WORLDS[world]!, seed }, async ({ context, labels, from }) => {
    await score(context, { from })
    return await evaluate(context, { labels, from, budgets: [1, 3, 10] })
  })
}
