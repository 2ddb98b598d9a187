import type { Engine } from '../sql/duckdb.ts'
import { parseAddress } from './address.ts'
import { READABLE, type Staged, stagedSql } from './stage.ts'

/** Names of what is looked for in the outcome of reading, as `--accept` takes them. */
export const CHECKS = [
  'token-per-row',
  'one-token',
  'midnight',
  'one-moment',
  'future',
  'one-address',
  'private-address',
  'no-address',
  'one-operation',
  'latency-unit',
  'unreadable',
  'token-kind',
] as const
export type Check = (typeof CHECKS)[number]

/** Something that is odd about the events of a source: how many of how many rows, and what to do. */
export interface Finding {
  readonly check: Check
  readonly source: string
  readonly rows: number
  readonly of: number
  readonly text: string
  /** Detection on such events means nothing: an ingest of many stops, unless it is accepted. */
  readonly stops: boolean
}

/** From so many rows on, an odd outcome is no chance of a short log. */
export const LEAST_ROWS = 200
/** Of fewer rows nothing is said of how they spread. */
const FEW_ROWS = 20

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** What a query tells of the usable rows of a source. */
interface Outcome {
  readonly n: number
  readonly tokens: number
  readonly most: number
  readonly midnight: number
  readonly one_moment: boolean
  readonly future: number
  readonly addressed: number
  readonly operations: number
  readonly one_operation: boolean
  readonly paths: boolean
  readonly latency: number | null
}

/**
 * Checks the staged rows of one source: one scan of a few columns, and one grouping by token and by address each. Nothing runs row by
 * row.
 */
export async function checkOutcome(
  engine: Engine,
  source: string,
  staged: Staged,
  now: Date,
): Promise<Finding[]> {
  const rows = `(SELECT * FROM ${stagedSql(staged)} WHERE reason IS NULL)`
  const findings = await unreadable(engine, source, staged, rows)
  const has = (column: string) => staged.columns.has(column)
  const [outcome] = await engine.rows<Outcome>(`
SELECT n, tokens, most, midnight, one_moment, future, addressed, operations, one_operation, paths, latency FROM (
  SELECT count(*) AS n, count(*) FILTER (time = date_trunc('day', time)) AS midnight, min(time) = max(time) AS one_moment,
    count(*) FILTER (time > epoch_ms(${now.getTime() + DAY_MS})) AS future, count(${has('source_ip') ? 'source_ip' : 'NULL'}) AS addressed,
    count(${has('operation') ? 'operation' : 'NULL'}) AS operations,
    ${has('operation') ? 'coalesce(min(operation) = max(operation), false)' : 'false'} AS one_operation,
    ${has('path') ? 'coalesce(min(path) <> max(path), false)' : 'false'} AS paths,
    ${has('latency_ms') ? `approx_quantile(latency_ms, 0.5) FILTER (place % 16 = 0)` : 'NULL::DOUBLE'} AS latency
  FROM ${rows}
), (SELECT count(*) AS tokens, max(n) AS most FROM (SELECT count(*) AS n FROM ${rows} GROUP BY token_id))`)
  if (outcome === undefined || outcome.n === 0) return findings
  const addresses = has('source_ip') ? await addressFinding(engine, rows, outcome) : null
  const found = [...tokenFindings(outcome), ...timeFindings(outcome), ...otherFindings(outcome), addresses]
  for (const one of found) if (one !== null) findings.push({ source, of: outcome.n, ...one })
  return findings
}

type Found = Omit<Finding, 'source' | 'of'> | null

function tokenFindings({ n, tokens, most }: Outcome): Found[] {
  if (n < FEW_ROWS) return []
  if (tokens >= 0.9 * n) {
    const text = `${tokens} tokens in ${n} rows: is this the token, or the id of a request? Name the right column with --map {"token_id": "<your column>"}`
    return [{ check: 'token-per-row', rows: tokens, stops: true, text }]
  }
  if (most < 0.9 * n) return []
  const text = `one token has ${most} of ${n} rows: a shared key or a gateway's own? Where a column names the caller better, map token_id to it`
  return [{ check: 'one-token', rows: most, stops: false, text }]
}

function timeFindings({ n, midnight, one_moment, future }: Outcome): Found[] {
  const found: Found[] = []
  if (n >= FEW_ROWS && one_moment && midnight === 0)
    found.push({
      check: 'one-moment',
      rows: n,
      stops: true,
      text: `all ${n} rows are of one moment: is "time" the time of the export? Map time to the column of the request`,
    })
  if (n > 1 && midnight === n)
    found.push({
      check: 'midnight',
      rows: n,
      stops: true,
      text: `all ${n} times are at midnight: the column holds dates. Map time to a column with the time of day, or to a list of both`,
    })
  if (future > 0)
    found.push({
      check: 'future',
      rows: future,
      stops: false,
      text: `${future} of ${n} rows lie more than a day in the future: a clock that is wrong, or a time in another unit`,
    })
  return found
}

function otherFindings({ n, addressed, operations, one_operation, paths, latency }: Outcome): Found[] {
  const found: Found[] = []
  if (n >= FEW_ROWS && one_operation && paths && operations === n)
    found.push({
      check: 'one-operation',
      rows: n,
      stops: false,
      text: `operation is the same for all ${n} rows although paths differ; leave it to method and path with --map {"operation": null}`,
    })
  if (addressed === 0)
    found.push({
      check: 'no-address',
      rows: n,
      stops: false,
      text: 'no row has a client address: features of place, network and sharing stay unknown. Map source_ip to the column that holds it',
    })
  if (latency !== null && latency > HOUR_MS)
    found.push({
      check: 'latency-unit',
      rows: n,
      stops: false,
      text: `half of all requests took longer than ${Math.round(latency / HOUR_MS)} hours: latency_ms is in another unit. State it in the map: {"latency_ms": {"from": "<your column>", "unit": "ns"}}`,
    })
  return found
}

/** One address for everybody, or private ones for all: a proxy stands between the clients and the log. */
async function addressFinding(engine: Engine, rows: string, { n, tokens }: Outcome): Promise<Found> {
  const top = await engine.rows<{ ip: string; n: number }>(
    `SELECT source_ip AS ip, count(*) AS n FROM ${rows} WHERE source_ip IS NOT NULL GROUP BY 1 ORDER BY n DESC LIMIT 100`,
  )
  const most = top[0]
  if (most === undefined || n < 3) return null
  const remedy = 'a balancer or proxy? Map source_ip to the column with the client (X-Forwarded-For)'
  const inside = top
    .filter(({ ip }) => parseAddress(ip)?.isPrivate === true)
    .reduce((sum, one) => sum + one.n, 0)
  if (inside >= 0.9 * n) {
    const who = most.n >= 0.9 * n ? '1 private address' : 'private addresses'
    return {
      check: 'private-address',
      rows: inside,
      stops: false,
      text: `${inside} of ${n} rows come from ${who}: ${remedy}`,
    }
  }
  if (most.n < 0.9 * n || tokens < 2 || n < FEW_ROWS) return null
  return {
    check: 'one-address',
    rows: most.n,
    stops: false,
    text: `${most.n} of ${n} rows come from one address: ${remedy}`,
  }
}

/** Optional values that could not be read, by column. */
async function unreadable(engine: Engine, source: string, staged: Staged, rows: string): Promise<Finding[]> {
  if (!staged.columns.has('unread')) return []
  const masks = await engine.rows<{ unread: number; n: number }>(
    `SELECT unread, count(*) AS n FROM ${rows} GROUP BY 1`,
  )
  const of = masks.reduce((sum, { n }) => sum + n, 0)
  return READABLE.flatMap((column, bit) => {
    const count = masks.reduce((sum, { unread, n }) => sum + (unread & (1 << bit) ? n : 0), 0)
    if (count === 0) return []
    const text = `${column}: ${count} of ${of} values cannot be read and are unknown; state how in the map (a unit, a table of values), or leave the column out with null`
    return [{ check: 'unreadable' as const, source, rows: count, of, stops: false, text }]
  })
}

/** Of findings, those for which an ingest of so many rows must not go on. */
export function stopping(findings: readonly Finding[], accepted: readonly string[]): Finding[] {
  return findings.filter(({ check, stops, of }) => stops && of >= LEAST_ROWS && !accepted.includes(check))
}
