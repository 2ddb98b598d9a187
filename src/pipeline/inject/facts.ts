import { existsSync } from 'node:fs'
import { inventoryFile } from '../../ingest/inventory.ts'
import { KeyhoundError } from '../../lib/errors.ts'
import { EVENT_COLUMNS, type EventColumn } from '../../schema/event.ts'
import {
  CLIENT_COLUMNS,
  type Client,
  DAY,
  type KnownClient,
  type KnownOrigin,
  type LogFacts,
  MOST_TENANTS,
  ORIGIN_COLUMNS,
  type Origin,
  type TokenSummary,
} from '../../simulate/inject/model.ts'
import { type Engine, quoteText, timestampLiteral } from '../../sql/duckdb.ts'
import { createView, type Workspace } from '../../sql/workspace.ts'

/** Networks and clients to choose from: a sample of this size is as good as all of them. */
const MOST_ORIGINS = 3000
const MOST_CLIENTS = 500
/** Steps that clocks of logs go by, ms. */
const RESOLUTIONS = [10, 100, 1000, 60_000, 3_600_000, DAY]
/** Injection begins by default after this share of the log: the part before is there to be learnt from. */
const LEARNT_SHARE = 2 / 3

/** Opens the view `events` and reads what the whole log tells. Throws 'not-found' without events, 'bad-input' for a `from` outside. */
export async function readFacts(
  engine: Engine,
  workspace: Workspace,
  from: Date | undefined,
): Promise<LogFacts> {
  await createView(engine, 'events', workspace.events, EVENT_COLUMNS)
  const present = new Set((await engine.describe('SELECT * FROM events')).map(column => column.name))
  const counts = EVENT_COLUMNS.filter(({ name }) => present.has(name)).map(
    ({ name }) => `count(${name}) AS has_${name}`,
  )
  const steps = RESOLUTIONS.map(step => `bool_and(epoch_ms(time) % ${step} = 0) AS every_${step}`)
  const [row] = await engine.rows<
    Record<string, number | boolean> & { first: number; last: number; n: number }
  >(
    `SELECT count(*) AS n, epoch_ms(min(time)) AS first, epoch_ms(max(time)) AS last, ${[...counts, ...steps].join(', ')} FROM events`,
  )
  if (row!.n === 0)
    throw new KeyhoundError(
      'not-found',
      `no events in ${workspace.events} to inject into. Bring logs in first: keyhound ingest PATH, or name them with --into`,
    )
  const has = new Set<EventColumn>(
    EVENT_COLUMNS.map(({ name }) => name).filter(name => Number(row![`has_${name}`] ?? 0) > 0),
  )
  const { first, last } = row!
  const begin = Math.floor((from?.getTime() ?? first + LEARNT_SHARE * (last - first)) / DAY) * DAY
  if (begin <= first || begin > last)
    throw new KeyhoundError(
      'bad-input',
      `nothing can be injected from ${new Date(begin).toISOString().slice(0, 10)} on: the log runs from ` +
        `${new Date(first).toISOString()} to ${new Date(last).toISOString()}, and victims need days before`,
    )
  return {
    has,
    resolutionMs: RESOLUTIONS.findLast(step => row![`every_${step}`] === true) ?? 1,
    from: begin,
    to: last + 1,
    tokens: await readTokens(engine, begin),
    origins: await readOrigins(engine),
    clients: await readClients(engine),
    inventoried: await readInventoried(engine, workspace),
  }
}

async function readTokens(engine: Engine, from: number): Promise<TokenSummary[]> {
  const before = `time < ${timestampLiteral(new Date(from))}`
  return engine.rows<TokenSummary>(
    `SELECT tenant_id AS "tenantId", max(principal_id) AS "principalId", token_id AS "tokenId", count(*) AS events,
       count(DISTINCT time::DATE) AS days, count(*) FILTER (${before}) AS "eventsBefore",
       count(DISTINCT time::DATE) FILTER (${before}) AS "daysBefore",
       count(DISTINCT time::DATE) FILTER (NOT ${before}) AS "daysWithin"
     FROM events GROUP BY tenant_id, token_id ORDER BY tenant_id, token_id`,
  )
}

/** Some row of a group, by the hash of its id, so that it does not depend on the order of reading. */
function someRow(columns: readonly string[]): string {
  return `arg_min({${columns.map(name => `${name}: ${name}`).join(', ')}}, md5(event_id))`
}

async function readOrigins(engine: Engine): Promise<KnownOrigin[]> {
  return engine.rows<{ origin: Origin; tokens: number; tenants: string[] }>(
    `SELECT ${someRow(ORIGIN_COLUMNS)} AS origin, count(DISTINCT token_id) AS tokens,
       list_sort(list(DISTINCT tenant_id))[1:${MOST_TENANTS}] AS tenants
     FROM events WHERE coalesce(net, source_ip, asn::VARCHAR, country) IS NOT NULL
     GROUP BY net, asn, country ORDER BY md5(concat_ws('|', net, asn, country)), net, asn, country LIMIT ${MOST_ORIGINS}`,
  )
}

async function readClients(engine: Engine): Promise<KnownClient[]> {
  return engine.rows<{ client: Client; tokens: number }>(
    `SELECT ${someRow(CLIENT_COLUMNS)} AS client, count(DISTINCT token_id) AS tokens
     FROM events WHERE client IS NOT NULL GROUP BY events.client ORDER BY tokens DESC, events.client LIMIT ${MOST_CLIENTS}`,
  )
}

async function readInventoried(engine: Engine, workspace: Workspace): Promise<Set<string>> {
  const file = inventoryFile(workspace)
  if (!existsSync(file)) return new Set()
  const { columns } = await engine.texts(
    `SELECT DISTINCT principal_id FROM read_parquet(${quoteText(file)}) WHERE principal_id IS NOT NULL ORDER BY 1`,
  )
  return new Set(columns[0] as string[])
}
