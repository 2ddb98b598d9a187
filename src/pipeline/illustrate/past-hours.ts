import { statSync } from 'node:fs'
import type { Catalogue } from '../../features/catalogue.ts'
import { DAY_MS } from '../../kernel/memory.ts'
import { lowerBound } from '../../lib/stats.ts'
import { type Engine, quoteName } from '../../sql/duckdb.ts'
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

/** A number of an hour whose past is kept: a metric, or an own feature that is none. */
export interface PastNumber {
  /** As codes of facts name it. */
  readonly name: string
  readonly level: 'hour' | 'day'
  /** Where it lies in the files. */
  readonly column: string
}

function numbersOf({ metrics, own }: Catalogue): PastNumber[] {
  return [
    ...metrics.map(({ name, level }) => ({ name, level, column: `${name}_actual` })),
    ...own
      .filter(({ metric }) => metric === undefined)
      .map(({ name }) => ({ name, level: 'hour' as const, column: name })),
  ]
}

/** Reads past hours. What it read stays at hand: who scores day after day reads each file once. */
export interface PastReader {
  readonly numbers: readonly PastNumber[]
  /** Numbers by name of the token-hours of some tenants in the feature files, which ascend by day. */
  read(files: readonly string[], metrics: readonly string[], tenants: ReadonlySet<string>): Promise<PastHours>
}

/** A reader that holds what it has read, in as few bytes as lose nothing, until it is let go of. */
export function createPastReader(engine: Engine, catalogue: Catalogue): PastReader {
  const numbers = numbersOf(catalogue)
  const names = new Names()
  const held = new Map<string, FileHours>()
  return {
    numbers,
    async read(files, metrics, tenants) {
      for (const [file, hours] of held)
        if (!files.includes(file) || versionOf(file) !== hours.version) held.delete(file)
      const unread = files.filter(file => !held.has(file))
      for (const hours of await readHours(engine, unread, { names, numbers })) held.set(hours.file, hours)
      return join(
        files.map(file => held.get(file)!),
        names,
        metrics,
        tenants,
      )
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

/** The token-hours of a file, in the order of time. */
interface FileHours {
  readonly file: string
  readonly version: string
  readonly token: Int32Array
  readonly role: Int32Array
  readonly start: Float64Array
  /** By metric. */
  readonly values: ReadonlyMap<string, Narrow>
}

/** Numbers in an array of few bytes each, one of which stands for unknown. */
interface Narrow {
  readonly data: Uint8Array | Uint16Array | Float32Array | Float64Array
  readonly unknown: number
}

function versionOf(file: string): string {
  const { size, mtimeMs } = statSync(file)
  return `${size} ${mtimeMs}`
}

async function readHours(
  engine: Engine,
  files: readonly string[],
  { names, numbers }: { readonly names: Names; readonly numbers: readonly PastNumber[] },
): Promise<FileHours[]> {
  if (files.length === 0) return []
  const versions = files.map(versionOf)
  await engine.run(`
CREATE OR REPLACE TEMP TABLE past_cast AS
SELECT row_number() OVER () - 1 AS number, * FROM (SELECT DISTINCT tenant_id, token_id, role FROM ${parquet(files)})`)
  const { columns } = await engine.texts('SELECT tenant_id, token_id, role FROM past_cast ORDER BY number')
  const [tenants, tokens, roles] = columns
  const token = Int32Array.from(tokens!, (id, number) => names.token(tenants![number]!, id!))
  const role = Int32Array.from(roles!, one => names.role(one))
  // Some files at a time: their numbers take eight bytes each until they are narrowed.
  const parts = Array.from({ length: Math.ceil(files.length / FILES_AT_ONCE) }, (_, p) =>
    files.slice(p * FILES_AT_ONCE, (p + 1) * FILES_AT_ONCE),
  )
  const hours: FileHours[] = []
  for (const part of parts) {
    const [file, number, start, ...metrics] = await engine.numbers(`
SELECT file_index::INTEGER, c.number::INTEGER, epoch_ms(f.window_start)::DOUBLE, ${numbers.map(({ column }) => `f.${quoteName(column)}`).join(', ')}
FROM ${parquet(part)} f JOIN past_cast c ON c.tenant_id = f.tenant_id AND c.token_id = f.token_id AND c.role IS NOT DISTINCT FROM f.role`)
    part.forEach((path, f) => {
      // In the order of time.
      const rows = Int32Array.from(file!.keys())
        .filter(row => file![row] === f)
        .sort((a, b) => start![a]! - start![b]!)
      const pick = (column: Float64Array) => Float64Array.from(rows, row => column[row]!)
      hours.push({
        file: path,
        version: versions[hours.length]!,
        token: Int32Array.from(rows, row => token[number![row]!]!),
        role: Int32Array.from(rows, row => role[number![row]!]!),
        start: pick(start!),
        values: new Map(numbers.map(({ name }, m) => [name, narrow(pick(metrics[m]!))])),
      })
    })
  }
  await engine.run('DROP TABLE past_cast')
  return hours
}

/** Files whose numbers are read in one statement. */
const FILES_AT_ONCE = 8

/** As few bytes a number as hold them all: most metrics are small counts. */
function narrow(values: Float64Array): Narrow {
  let [isWhole, isSingle, largest] = [true, true, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (Number.isNaN(value)) continue
    if (!(value >= 0 && Number.isInteger(value))) isWhole = false
    if (Math.fround(value) !== value) isSingle = false
    if (value > largest) largest = value
  }
  if (isWhole && largest < 0xff) return fill(new Uint8Array(values.length), values, 0xff)
  if (isWhole && largest < 0xffff) return fill(new Uint16Array(values.length), values, 0xffff)
  return { data: isSingle ? Float32Array.from(values) : values, unknown: Number.NaN }
}

function fill(data: Uint8Array | Uint16Array, values: Float64Array, unknown: number): Narrow {
  for (let i = 0; i < values.length; i++) data[i] = Number.isNaN(values[i]!) ? unknown : values[i]!
  return { data, unknown }
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
    for (let row = 0; row < to.length; row++) {
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
      const { data, unknown } = hours.values.get(metric)!
      for (let row = 0; row < to.length; row++) {
        const value = data[row]!
        if (to[row]! >= 0) column[to[row]!] = value === unknown ? Number.NaN : value
      }
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
