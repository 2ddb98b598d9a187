import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildFeatures } from '../../src/engine/build-features.ts'
import type { Rulings } from '../../src/engine/rulings.ts'
import { staleFeatureDays } from '../../src/engine/stamps.ts'
import { workspaceKey } from '../../src/ingest/identity.ts'
import { EVENT_COLUMNS, type EventColumn } from '../../src/schema/event.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import {
  listDays,
  listParquet,
  openWorkspace,
  partition,
  publishQuery,
  type Workspace,
} from '../../src/sql/workspace.ts'

/** One event; `time` is ISO 8601 without a zone (UTC) or ms since the epoch. Columns left out are null, that is unknown. */
export type TinyEvent = Partial<Record<Exclude<EventColumn, 'time'>, string | number | null>> & {
  token_id: string
  time: string | number
}

export interface TinyWorld {
  readonly engine: Engine
  readonly workspace: Workspace
  close(): void
}

/** Ties are broken by a hash under the key of the workspace: worlds that are compared share it. */
const KEY = Buffer.alloc(32, 'tiny').toString('base64url')

/** An empty workspace under the system's temporary folder; one engine thread, since tests share two cores. */
export async function openTinyWorld(threads = 1): Promise<TinyWorld> {
  const workspace = openWorkspace(mkdtempSync(join(tmpdir(), 'keyhound-tiny-')))
  writeFileSync(workspace.keyFile, KEY, { mode: 0o600 })
  const engine = await openEngine({ threads })
  return {
    engine,
    workspace,
    close() {
      engine.close()
      rmSync(workspace.root, { recursive: true, force: true })
    },
  }
}

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000

export function momentOf(time: string | number): number {
  return typeof time === 'number' ? time : Date.parse(`${time.length === 10 ? `${time}T00:00` : time}Z`)
}

/** Adds events as one more Parquet file to each day that they fall on, as ingest does. */
export async function addEvents(
  { engine, workspace }: Pick<TinyWorld, 'engine' | 'workspace'>,
  events: readonly TinyEvent[],
  file = 'part-1',
): Promise<void> {
  const byDay = new Map<string, TinyEvent[]>()
  for (const event of events) {
    const day = new Date(momentOf(event.time)).toISOString().slice(0, 10)
    byDay.set(day, [...(byDay.get(day) ?? []), event])
  }
  for (const [day, ofDay] of byDay) {
    const value = (event: TinyEvent, name: EventColumn, i: number) => {
      if (name === 'time') return momentOf(event.time)
      if (name === 'event_id') return event.event_id ?? `${file}/${day}/${i}`
      if (name === 'tenant_id') return event.tenant_id ?? 'tenant'
      if (name === 'principal_id') return event.principal_id ?? `owner of ${event.token_id}`
      return event[name] ?? null
    }
    const columns = EVENT_COLUMNS.map(({ name }) => {
      const cells = ofDay.map((event, i) => value(event, name, i))
      const isNumber = cells.some(cell => typeof cell === 'number')
      return [name, isNumber ? Float64Array.from(cells, cell => Number(cell ?? Number.NaN)) : cells] as const
    })
    await engine.load('tiny', Object.fromEntries(columns) as Record<string, (string | null)[]>)
    const list = EVENT_COLUMNS.map(({ name, type }) =>
      name === 'time' ? `epoch_ms(time::BIGINT)::TIMESTAMP_MS AS time` : `"${name}"::${type} AS "${name}"`,
    )
    await publishQuery(
      engine,
      `SELECT ${list.join(', ')} FROM tiny ORDER BY time, event_id`,
      join(partition(workspace.events, day), `${file}.parquet`),
    )
  }
}

/** Brings counts, features and the history up to date; returns the days that it had to make. */
export async function bringUpToDate(
  { engine, workspace }: Pick<TinyWorld, 'engine' | 'workspace'>,
  rulings: Rulings = {},
): Promise<string[]> {
  const made: string[] = []
  await buildFeatures(engine, workspace, staleFeatureDays(workspace, rulings), {
    key: workspaceKey(workspace),
    rulings,
    onDay: day => made.push(day),
  })
  return made
}

/** Every row of a table of the workspace, each cell with its name, in one order. */
export async function dump(
  { engine }: Pick<TinyWorld, 'engine'>,
  folder: string,
  where = 'true',
): Promise<Record<string, unknown>[]> {
  const files = listDays(folder).flatMap(day => listParquet(partition(folder, day)))
  return engine.rows(`SELECT * FROM ${parquetOf(files)} t WHERE ${where} ORDER BY ALL`)
}

/** Digests of the files of the history by their place: equal ones are equal to the last bit. */
export function historyBytes({ workspace }: Pick<TinyWorld, 'workspace'>): Record<string, string> {
  const paths = readdirSync(workspace.history, { recursive: true, encoding: 'utf8' })
  const files = paths.filter(path => path.endsWith('.bin')).sort()
  const digest = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(workspace.history, path)))
      .digest('hex')
  return Object.fromEntries(files.map(path => [path, digest(path)]))
}

/** Cells of two dumps that differ in any bit, as `row column: before -> after`; empty when there is none. */
export function differences(
  before: readonly Record<string, unknown>[],
  after: readonly Record<string, unknown>[],
): string[] {
  const found = before.length === after.length ? [] : [`${before.length} rows -> ${after.length} rows`]
  const text = (value: unknown) => (value instanceof Date ? value.toISOString() : `${value}`)
  before.slice(0, after.length).forEach((row, i) => {
    for (const name of Object.keys(row)) {
      const [a, b] = [text(row[name]), text(after[i]![name])]
      if (a !== b) found.push(`${row.token_id ?? i} ${text(row.window_start ?? '')} ${name}: ${a} -> ${b}`)
    }
  })
  return found
}

export type Cells = Record<string, number | string | null>

/** Features and evidence of one token-hour; throws when the token has no traffic in it. */
export async function featuresOf(world: TinyWorld, token: string, hour: string): Promise<Cells> {
  return one(world, world.workspace.features, token, hour)
}

/** Counts of one token-hour. */
export async function countsOf(world: TinyWorld, token: string, hour: string): Promise<Cells> {
  return one(world, world.workspace.activity, token, hour)
}

async function one({ engine }: TinyWorld, folder: string, token: string, hour: string): Promise<Cells> {
  const files = listParquet(partition(folder, hour.slice(0, 10)))
  const [row] = await engine.rows<Cells>(
    `SELECT * FROM ${parquetOf(files)} WHERE token_id = $token AND epoch_ms(window_start) = ${momentOf(hour)}`,
    { token },
  )
  if (row === undefined) throw new Error(`${token} has no traffic at ${hour}`)
  return row
}

function parquetOf(files: readonly string[]): string {
  return `read_parquet([${files.map(file => `'${file}'`).join(', ')}], hive_partitioning = false, union_by_name = true)`
}
