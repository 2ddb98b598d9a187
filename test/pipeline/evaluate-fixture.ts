import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evaluate } from '../../src/pipeline/evaluate.ts'
import type { EvaluationReport } from '../../src/schema/evaluation.ts'
import { silentProgress } from '../../src/schema/run.ts'
import type { Reason } from '../../src/schema/scores.ts'
import type { Engine } from '../../src/sql/duckdb.ts'
import { openWorkspace, partition, publishQuery, type Workspace } from '../../src/sql/workspace.ts'

/** One token-hour of a hand-made world. */
export interface Hour {
  token: string
  /** 2026-01-02T11, UTC. */
  at: string
  /** Left out: the hour has traffic but no score. */
  score?: number
  /** @default the score */
  risk?: number
  maturity?: number
  /** @default 1; events `token@at#0`, `#1`..., a second apart from the given minute on. */
  requests?: number
  minute?: number
  asn?: number
  reasons?: Reason[]
  /** Columns of `data/features`. */
  features?: Record<string, number>
}

export interface TinyWorld {
  hours: Hour[]
  /** Rows of the labels file, written as CSV. */
  labels: Record<string, string>[]
  options?: { from?: string; to?: string; budgets?: number[]; seed?: number; eligible?: string[] }
}

const hourStart = (hour: Hour) => new Date(`${hour.at}:00:00Z`).getTime()

/** Writes a workspace of the tables that scoring leaves, in a fresh folder. */
export async function writeWorkspace(engine: Engine, hours: readonly Hour[]): Promise<Workspace> {
  const workspace = openWorkspace(mkdtempSync(join(tmpdir(), 'keyhound-evaluate-')))
  const events = hours.flatMap(hour =>
    Array.from({ length: hour.requests ?? 1 }, (_, i) => ({ hour, id: `${hour.token}@${hour.at}#${i}`, i })),
  )
  await engine.load('fixture', {
    event_id: events.map(e => e.id),
    token_id: events.map(e => e.hour.token),
    ms: events.map(e => hourStart(e.hour) + (e.hour.minute ?? 0) * 60_000 + e.i * 1000),
    asn: events.map(e => e.hour.asn ?? 1),
  })
  await writeByDay(
    engine,
    workspace.events,
    hours,
    `SELECT event_id, epoch_ms(ms::BIGINT)::TIMESTAMP_MS AS time, 't' AS tenant_id, 'p-' || token_id AS principal_id, token_id,
       asn::INTEGER AS asn, 'GET' AS method, '/' AS path, 'GET /' AS operation, NULL::VARCHAR AS resource_id, 200::SMALLINT AS status,
       '10.0.0.' || asn::INTEGER AS source_ip, NULL::VARCHAR AS net, 'curl' AS client, NULL::VARCHAR AS country,
       10::BIGINT AS request_bytes, 20::BIGINT AS response_bytes, 1.5 AS latency_ms FROM fixture`,
    'time',
  )
  await engine.load('fixture', {
    token_id: hours.map(h => h.token),
    ms: hours.map(hourStart),
    requests: hours.map(h => h.requests ?? 1),
    score: hours.map(h => h.score ?? Number.NaN),
    risk: hours.map(h => h.risk ?? h.score ?? Number.NaN),
    maturity: hours.map(h => h.maturity ?? 1),
    reasons: hours.map(h => JSON.stringify(h.reasons ?? [])),
    ...Object.fromEntries(
      Object.keys(hours.find(h => h.features)?.features ?? {}).map(name => [
        `f_${name}`,
        hours.map(h => h.features?.[name] ?? Number.NaN),
      ]),
    ),
  })
  const key = `'t' AS tenant_id, 'p-' || token_id AS principal_id, token_id, epoch_ms(ms::BIGINT)::TIMESTAMP_MS AS window_start`
  await writeByDay(
    engine,
    workspace.activity,
    hours,
    `SELECT ${key}, requests::INTEGER AS requests FROM fixture`,
  )
  await writeByDay(
    engine,
    workspace.features,
    hours,
    `SELECT ${key}, COLUMNS('f_(.*)') AS '\\1' FROM fixture`,
    'window_start',
    hours.some(h => h.features),
  )
  await writeByDay(
    engine,
    workspace.scores,
    hours.filter(h => h.score !== undefined),
    `SELECT ${key}, (window_start + INTERVAL 1 HOUR)::TIMESTAMP_MS AS window_end, score, risk,
       NULL::DOUBLE AS filter_probability, 'high' AS severity, maturity, 'm@1' AS model, reasons,
       score AS detector_same, -score AS detector_opposite FROM fixture WHERE score IS NOT NULL`,
  )
  return workspace
}

async function writeByDay(
  engine: Engine,
  folder: string,
  hours: readonly Hour[],
  sql: string,
  time = 'window_start',
  wanted = true,
): Promise<void> {
  if (!wanted) return
  for (const day of new Set(hours.map(hour => hour.at.slice(0, 10))))
    await publishQuery(
      engine,
      `SELECT * FROM (${sql}) WHERE ${time}::DATE = DATE '${day}' ORDER BY ${time}`,
      join(partition(folder, day), 'part.parquet'),
    )
}

export function writeCsv(path: string, rows: readonly Record<string, string>[]): string {
  const names = Object.keys(rows[0] ?? { event_id: '', incident_id: '', attack_type: '' })
  writeFileSync(path, [names.join(','), ...rows.map(row => names.map(n => row[n]).join(','))].join('\n'))
  return path
}

/** Builds the world and evaluates it. */
export async function evaluateWorld(engine: Engine, world: TinyWorld): Promise<EvaluationReport> {
  const workspace = await writeWorkspace(engine, world.hours)
  const { from, to, eligible, ...options } = world.options ?? {}
  const tokens = join(workspace.root, 'eligible.txt')
  if (eligible) writeFileSync(tokens, eligible.join('\n'))
  return evaluate(
    { engine, workspace, progress: silentProgress, now: new Date('2026-02-01T00:00:00Z') },
    {
      labels: writeCsv(join(workspace.root, 'labels.csv'), world.labels),
      ...(from && { from: new Date(from) }),
      ...(to && { to: new Date(to) }),
      ...(eligible && { eligibleTokens: tokens }),
      ...options,
    },
  )
}
