import { statSync } from 'node:fs'
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

/** Reads past hours. What it read stays at hand: who scores day after day reads each file once, and only the metrics asked for. */
export interface PastReader {
  /** The evidence columns `${metric}_actual` of the token-hours of some tenants in the feature files, which ascend by day. */
  read(files: readonly string[], metrics: readonly string[], tenants: ReadonlySet<string>): Promise<PastHours>
}

/** A reader that holds what it has read, single precision where that loses nothing, until it is let go of. */
export function createPastReader(engine: Engine): PastReader {
  const names = new Names()
  const held = new Map<string, FileHours>()
  return {
    async read(files, metrics, tenants) {
      for (const [file, hours] of held)
        if (!files.includes(file) || versionOf(file) !== hours.version) held.delete(file)
      const unread = files.filter(file => !held.has(file))
      for (const hours of await readHours(engine, unread, names)) held.set(hours.file, hours)
      const past = files.map(file => held.get(file)!)
      for (const metric of metrics.filter(one => past.some(({ values }) => !values.has(one)))) {
        // Metrics that the same files lack are read in one go.
        const lacking = past.filter(({ values }) => !values.has(metric))
        if (lacking.length === 0) continue
        const alike = metrics.filter(one =>
          past.every(file => file.values.has(one) !== lacking.includes(file)),
        )
        await readValues(engine, lacking, alike)
      }
      return join(past, names, metrics, tenants)
    },
  }
}

/** Numbers for tokens and roles, as they come up in the files. */
class Names {
  readonly tenantIds: string[] = []
  readonly tokenIds: string[] = []
  readonly #tokens = new Map<string, number>()
  readonly #roles = new Map<string, number>()

  token(tenantId: string, tokenId: string): number {
    const key = keyOf(tenantId, tokenId)
    let number = this.#tokens.get(key)
    if (number === undefined) {
      number = this.tokenIds.length
      this.#tokens.set(key, number)
      this.tenantIds.push(tenantId)
      this.tokenIds.push(tokenId)
    }
    return number
  }

  /** -1 for null. */
  role(role: string | null): number {
    if (role === null) return -1
    const number = this.#roles.get(role) ?? this.#roles.size
    this.#roles.set(role, number)
    return number
  }
}

/** The token-hours of a file, in its order. */
interface FileHours {
  readonly file: string
  readonly version: string
  readonly token: Int32Array
  readonly role: Int32Array
  readonly start: Float64Array
  /** Rows in the order of time. */
  readonly order: Int32Array
  readonly values: Map<string, Float64Array | Float32Array>
}

function versionOf(file: string): string {
  const { size, mtimeMs } = statSync(file)
  return `${size} ${mtimeMs}`
}

/** Number of the file, and of the row in it. */
const PLACE = 'file_index::INTEGER AS file, file_row_number::INTEGER AS row'

async function readHours(engine: Engine, files: readonly string[], names: Names): Promise<FileHours[]> {
  if (files.length === 0) return []
  const versions = files.map(versionOf)
  await engine.run(`
CREATE OR REPLACE TEMP TABLE past_cast AS
SELECT row_number() OVER () - 1 AS number, * FROM (SELECT DISTINCT tenant_id, token_id, role FROM ${parquet(files)})`)
  const { columns } = await engine.texts('SELECT tenant_id, token_id, role FROM past_cast ORDER BY number')
  const [tenants, tokens, roles] = columns
  const token = Int32Array.from(tokens!, (id, number) => names.token(tenants![number]!, id!))
  const role = Int32Array.from(roles!, one => names.role(one))
  const [file, row, number, start] = await engine.numbers(`
SELECT ${PLACE}, c.number::INTEGER, epoch_ms(f.window_start)::DOUBLE
FROM ${parquet(files)} f JOIN past_cast c ON c.tenant_id = f.tenant_id AND c.token_id = f.token_id AND c.role IS NOT DISTINCT FROM f.role`)
  await engine.run('DROP TABLE past_cast')
  const rows = new Int32Array(files.length)
  for (const one of file!) rows[one]!++
  const hours = files.map((path, f) => ({
    file: path,
    version: versions[f]!,
    token: new Int32Array(rows[f]!),
    role: new Int32Array(rows[f]!),
    start: new Float64Array(rows[f]!),
    values: new Map<string, Float64Array | Float32Array>(),
  }))
  for (let i = 0; i < file!.length; i++) {
    const into = hours[file![i]!]!
    const at = row![i]!
    into.token[at] = token[number![i]!]!
    into.role[at] = role[number![i]!]!
    into.start[at] = start![i]!
  }
  return hours.map(one => ({ ...one, order: orderBy(one.start) }))
}

function orderBy(start: Float64Array): Int32Array {
  return Int32Array.from(start.keys()).sort((a, b) => start[a]! - start[b]!)
}

async function readValues(
  engine: Engine,
  hours: readonly FileHours[],
  metrics: readonly string[],
): Promise<void> {
  const list = metrics.map(name => `${name}_actual`).join(', ')
  const [file, row, ...columns] = await engine.numbers(
    `SELECT ${PLACE}, ${list} FROM ${parquet(hours.map(one => one.file))}`,
  )
  metrics.forEach((metric, m) => {
    const values = hours.map(({ start }) => new Float64Array(start.length))
    for (let i = 0; i < file!.length; i++) values[file![i]!]![row![i]!] = columns[m]![i]!
    hours.forEach((one, f) => {
      one.values.set(metric, narrow(values[f]!))
    })
  })
}

/** Half the memory where single precision loses nothing, as of counts. */
function narrow(values: Float64Array): Float64Array | Float32Array {
  return values.every(value => Math.fround(value) === value || Number.isNaN(value))
    ? Float32Array.from(values)
    : values
}

/** The hours of some tenants' tokens: a counting sort by token, which keeps the order of time. */
function join(
  files: readonly FileHours[],
  { tenantIds, tokenIds }: Names,
  metrics: readonly string[],
  tenants: ReadonlySet<string>,
): PastHours {
  const counts = new Int32Array(tokenIds.length)
  for (const { token } of files) for (const one of token) counts[one]!++
  const present = [...counts.keys()].filter(one => counts[one]! > 0 && tenants.has(tenantIds[one]!))
  const sorted = present.toSorted((a, b) =>
    tenantIds[a]! < tenantIds[b]! ? -1 : Number(tenantIds[a] !== tenantIds[b]),
  )
  const numbers = new Map(sorted.map((one, number) => [keyOf(tenantIds[one]!, tokenIds[one]!), number]))
  const next = new Int32Array(tokenIds.length).fill(-1)
  let rows = 0
  for (const one of sorted) {
    next[one] = rows
    rows += counts[one]!
  }
  const numberOf = new Int32Array(tokenIds.length)
  sorted.forEach((one, number) => {
    numberOf[one] = number
  })
  const token = new Float64Array(rows)
  const start = new Float64Array(rows)
  const role = new Float64Array(rows)
  const values = new Map(metrics.map(metric => [metric, new Float64Array(rows)]))
  for (const hours of files) {
    const to = new Int32Array(hours.token.length)
    for (const row of hours.order) {
      const one = hours.token[row]!
      const at = next[one]!
      to[row] = at
      if (at < 0) continue
      next[one] = at + 1
      token[at] = numberOf[one]!
      start[at] = hours.start[row]!
      role[at] = hours.role[row]! < 0 ? Number.NaN : hours.role[row]!
    }
    for (const [metric, column] of values) {
      const from = hours.values.get(metric)!
      for (let row = 0; row < to.length; row++) if (to[row]! >= 0) column[to[row]!] = from[row]!
    }
  }
  const ranges = rangesOf(sorted.map(one => tenantIds[one]!))
  return {
    token,
    start,
    role,
    values,
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
