import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inventoryFile } from '../../ingest/inventory.ts'
import { EVENT_COLUMNS, INVENTORY_COLUMNS } from '../../schema/event.ts'
import { DAY, type EventRow } from '../../simulate/inject/model.ts'
import { dropTables, writeTable } from '../../simulate/write.ts'
import { type Engine, quoteText } from '../../sql/duckdb.ts'
import {
  dayOf,
  listDays,
  listParquet,
  partition,
  publish,
  publishQuery,
  type Workspace,
} from '../../sql/workspace.ts'
import type { InjectedIncident, Injection } from './plan.ts'

/** Loads the injected events as the table `injected`, columns and types those of an event. */
export async function loadInjected(engine: Engine, incidents: readonly InjectedIncident[]): Promise<void> {
  const rows = incidents.flatMap(incident => incident.events)
  await engine.load(
    'injected_values',
    Object.fromEntries(
      EVENT_COLUMNS.map(({ name }) => [name, rows.map(row => row[name]) as number[] | (string | null)[]]),
    ),
  )
  const columns = EVENT_COLUMNS.map(({ name, type }) =>
    type === 'TIMESTAMP_MS'
      ? `epoch_ms(${name}::BIGINT)::TIMESTAMP_MS AS ${name}`
      : `${name}::${type} AS ${name}`,
  )
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE injected AS SELECT ${columns.join(', ')} FROM injected_values; DROP TABLE injected_values`,
  )
}

/** Days that injected events fall on, ascending. */
export function injectedDays(incidents: readonly InjectedIncident[]): string[] {
  const days = new Set(
    incidents.flatMap(incident => incident.events.map(event => Math.floor(event.time / DAY) * DAY)),
  )
  return [...days].sort((a, b) => a - b).map(day => dayOf(new Date(day)))
}

/**
 * Writes the log with the table `injected` in it, a file a day, in time order, of the columns that the log knows. Answers the
 * paths.
 */
export async function writeLog(
  engine: Engine,
  workspace: Workspace,
  folder: string,
  injection: Injection,
): Promise<string[]> {
  const columns = EVENT_COLUMNS.map(({ name }) => name)
    .filter(name => injection.facts.has.has(name))
    .join(', ')
  const touched = new Set(injectedDays(injection.incidents))
  const paths: string[] = []
  for (const day of [...new Set([...listDays(workspace.events), ...touched])].sort()) {
    const files = listParquet(partition(workspace.events, day)).map(quoteText).join(', ')
    const own = `SELECT ${columns} FROM read_parquet([${files}], union_by_name = true, hive_partitioning = false)`
    const ours = `SELECT ${columns} FROM injected WHERE time >= TIMESTAMP '${day}' AND time < TIMESTAMP '${day}' + INTERVAL 1 DAY`
    const parts = [files === '' ? [] : [own], touched.has(day) ? [ours] : []].flat()
    const path = join(folder, `events-${day}.parquet`)
    await publishQuery(
      engine,
      `SELECT * FROM (${parts.join(' UNION ALL ')}) ORDER BY time, event_id, token_id`,
      path,
    )
    paths.push(path)
  }
  return paths
}

/** Writes labels.csv (one row an event) and incidents.csv (one row an incident and token), all marked as injected. */
export async function writeLabels(
  engine: Engine,
  folder: string,
  incidents: readonly InjectedIncident[],
): Promise<void> {
  const events = incidents.flatMap(incident => incident.events.map(event => ({ incident, event })))
  await writeTable(engine, join(folder, 'labels.csv'), {
    event_id: events.map(({ event }) => event.event_id),
    incident_id: events.map(({ incident }) => incident.id),
    attack_type: events.map(({ incident }) => incident.attackType),
    intensity: events.map(({ incident }) => incident.intensity),
    injected: events.map(() => 'true'),
  })
  const traces = incidents.flatMap(incident =>
    tracesOf(incident.events).map(trace => ({ incident, ...trace })),
  )
  await writeTable(engine, join(folder, 'incidents.csv'), {
    incident_id: traces.map(({ incident }) => incident.id),
    attack_type: traces.map(({ incident }) => incident.attackType),
    intensity: traces.map(({ incident }) => incident.intensity),
    injected: traces.map(() => 'true'),
    token_id: traces.map(({ token }) => token),
    start: traces.map(({ first }) => new Date(first).toISOString()),
    // Exclusive, like every end: the millisecond after the last event.
    end: traces.map(({ last }) => new Date(last + 1).toISOString()),
    events: traces.map(({ count }) => String(count)),
  })
  await dropTables(engine)
}

interface Trace {
  readonly token: string
  readonly first: number
  readonly last: number
  readonly count: number
}

function tracesOf(events: readonly EventRow[]): Trace[] {
  const traces = new Map<string, Trace>()
  for (const { token_id: token, time } of events) {
    const known = traces.get(token) ?? { token, first: time, last: time, count: 0 }
    traces.set(token, {
      token,
      first: Math.min(known.first, time),
      last: Math.max(known.last, time),
      count: known.count + 1,
    })
  }
  return [...traces.values()]
}

/** Writes the inventory with the new tokens of rotations as tokens.csv. Answers its path; null where the workspace has no inventory. */
export async function writeInventory(
  engine: Engine,
  workspace: Workspace,
  folder: string,
  { facts, incidents }: Injection,
): Promise<string | null> {
  const file = inventoryFile(workspace)
  if (!existsSync(file)) return null
  const known = new Set(facts.tokens.map(token => token.tokenId))
  const fresh = new Map<string, EventRow>()
  for (const event of incidents.flatMap(incident => incident.events))
    if (!known.has(event.token_id) && !fresh.has(event.token_id)) fresh.set(event.token_id, event)
  const rows = [...fresh.values()]
  await engine.load(
    'injected_tokens',
    Object.fromEntries(
      INVENTORY_COLUMNS.map(({ name }) => [name, rows.map(row => row[name]) as number[] | (string | null)[]]),
    ),
  )
  const typed = INVENTORY_COLUMNS.map(({ name, type }) =>
    type === 'TIMESTAMP_MS'
      ? `epoch_ms(${name}::BIGINT)::TIMESTAMP_MS AS ${name}`
      : `${name}::${type} AS ${name}`,
  ).join(', ')
  const names = INVENTORY_COLUMNS.map(({ name, type }) =>
    type === 'TIMESTAMP_MS' ? `strftime(${name}, '%Y-%m-%dT%H:%M:%S.%gZ') AS ${name}` : name,
  ).join(', ')
  const path = join(folder, 'tokens.csv')
  await publish(path, temporary =>
    engine.run(
      `COPY (SELECT ${names} FROM (
         SELECT ${INVENTORY_COLUMNS.map(c => c.name).join(', ')} FROM read_parquet(${quoteText(file)})
         UNION ALL SELECT ${typed} FROM injected_tokens) ORDER BY token_id) TO ${quoteText(temporary)} (FORMAT csv, HEADER true)`,
    ),
  )
  await engine.run('DROP TABLE injected_tokens')
  return path
}
