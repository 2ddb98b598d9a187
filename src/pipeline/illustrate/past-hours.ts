import { lowerBound } from '../../lib/stats.ts'
import type { Engine } from '../../sql/duckdb.ts'
import { parquet } from '../batch.ts'

/** Numbers of hours (or of days) before a day, by column: a token's lie next to each other in the order of time, a tenant's tokens too. */
export interface PastRows {
  /** Of the token, ascending. */
  readonly token: Float64Array
  /** Start of the hour, ms since the epoch. */
  readonly start: Float64Array
  /** Number of the role; NaN unknown. */
  readonly role: Float64Array
  readonly values: ReadonlyMap<string, Float64Array>
}

/** What is known of the tenants of the asked hours from the days before. */
export interface PastHours extends PastRows {
  /** Numbers of a tenant's tokens: from the first up to the second. */
  tokensOf(tenantId: string): readonly [number, number]
  /** -1 for a token without a past. */
  numberOf(tenantId: string, tokenId: string): number
}

/** Reads the evidence columns `${metric}_actual` of the files; needs the table `past_roles`, which lists the tokens. */
export async function readPastHours(
  engine: Engine,
  files: readonly string[],
  metrics: readonly string[],
): Promise<PastHours> {
  await engine.run(`
CREATE OR REPLACE TEMP TABLE past_tokens AS SELECT tenant_id, token_id, row_number() OVER (ORDER BY tenant_id, token_id) - 1 AS number FROM past_roles;
CREATE OR REPLACE TEMP TABLE past_role_names AS
SELECT role, row_number() OVER (ORDER BY role) - 1 AS number FROM (SELECT DISTINCT role FROM ${parquet(files)} WHERE role IS NOT NULL)`)
  const { columns } = await engine.texts('SELECT tenant_id, token_id FROM past_tokens ORDER BY number')
  const [tenants, tokens] = columns as string[][]
  const [token, start, role, ...values] = await engine.numbers(`
SELECT t.number::INTEGER AS token, epoch_ms(p.window_start)::DOUBLE AS start, r.number::INTEGER AS role${metrics.map(name => `, p.${name}_actual`).join('')}
FROM ${parquet(files)} p JOIN past_tokens t ON t.tenant_id = p.tenant_id AND t.token_id = p.token_id LEFT JOIN past_role_names r ON r.role = p.role
ORDER BY 1, 2`)
  await engine.run('DROP TABLE past_tokens; DROP TABLE past_role_names')
  const ranges = rangesOf(tenants!)
  const numbers = new Map(tokens!.map((id, number) => [keyOf(tenants![number]!, id), number]))
  return {
    token: token!,
    start: start!,
    role: role!,
    values: new Map(metrics.map((name, m) => [name, values[m]!])),
    tokensOf: tenantId => ranges.get(tenantId) ?? [0, 0],
    numberOf: (tenantId, tokenId) => numbers.get(keyOf(tenantId, tokenId)) ?? -1,
  }
}

function keyOf(tenantId: string, tokenId: string): string {
  return JSON.stringify([tenantId, tokenId])
}

/** Where each of some texts, equal ones next to each other, begins and ends. */
function rangesOf(texts: readonly string[]): Map<string, readonly [number, number]> {
  const ranges = new Map<string, readonly [number, number]>()
  texts.forEach((text, at) => {
    ranges.set(text, [ranges.get(text)?.[0] ?? at, at + 1])
  })
  return ranges
}

const DAY_MS = 86_400_000

/** Whole days in place of hours: the largest of each of the named running totals, and the last role known. */
export function byDay({ token, start, role, values }: PastRows, totals: readonly string[]): PastRows {
  const first: number[] = []
  const dayOf = (row: number) => Math.floor(start[row]! / DAY_MS)
  for (let row = 0; row < token.length; row++)
    if (row === 0 || token[row] !== token[row - 1] || dayOf(row) !== dayOf(row - 1)) first.push(row)
  const endOf = (d: number) => first[d + 1] ?? token.length
  return {
    token: Float64Array.from(first, row => token[row]!),
    start: Float64Array.from(first, row => start[row]!),
    role: Float64Array.from(first, (row, d) => lastKnown(role.subarray(row, endOf(d)))),
    values: new Map(
      totals.map(name => {
        const column = values.get(name)!
        return [name, Float64Array.from(first, (row, d) => largestOf(column.subarray(row, endOf(d))))]
      }),
    ),
  }
}

/** NaN where none is known. */
export function lastKnown(values: Float64Array): number {
  let at = values.length - 1
  while (at >= 0 && Number.isNaN(values[at])) at--
  return values[at] ?? Number.NaN
}

/** NaN where none is known. */
export function largestOf(values: ArrayLike<number>): number {
  let largest = Number.NaN
  for (let i = 0; i < values.length; i++)
    if (!(values[i]! <= largest) && !Number.isNaN(values[i]!)) largest = values[i]!
  return largest
}

/** The rows of the tokens from `first` up to `end`. */
export function rowsOf({ token }: PastRows, first: number, end: number): readonly [number, number] {
  return [lowerBound(token, first), lowerBound(token, end)]
}
