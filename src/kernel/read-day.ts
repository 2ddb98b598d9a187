import { type Engine, quoteText } from '../sql/duckdb.ts'
import { createDayEvents, type DayEvents, NO_STATUS } from './day-events.ts'
import { longer, PairTable } from './pair-table.ts'
import type { Tuples } from './tuples.ts'

/** Kinds of tuples, in the order in which the columns of the query name them. */
const KINDS = ['who', 'place', 'agent', 'call', 'object'] as const
type Kind = (typeof KINDS)[number]

/** Columns that make up a tuple. A call's path counts only where it has no operation. */
const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  who: [
    'tenant_id',
    'token_id',
    'principal_id',
    'role',
    'token_kind',
    'granted_scopes',
    'epoch_ms(token_created_at)::DOUBLE',
  ],
  place: ['source_ip', 'net', 'asn::VARCHAR', 'country', 'network_type', 'latitude', 'longitude'],
  agent: ['user_agent', 'client'],
  call: [
    'method',
    'operation',
    'CASE WHEN operation IS NULL THEN path END',
    'resource_type',
    'required_scope',
  ],
  object: ['resource_type', 'resource_id'],
}

/** SQL of the tuple's hash; 0 where an event has no object. */
function hashSql(kind: Kind): string {
  const hash = `hash(${FIELDS[kind].join(', ')})`
  return kind === 'object' ? `CASE WHEN resource_id IS NULL THEN 0::UBIGINT ELSE ${hash} END` : hash
}

/** The smallest 64-bit integer, whose high word is NO_NUMBER. */
const NO_NUMBER_SQL = '(-9223372036854775807 - 1)'

const unknown = (sql: string) => `coalesce(${sql}, 'NaN'::DOUBLE)`

/** Where an event lies: number of its file and row, in one number. */
const POSITION = 'file_index::DOUBLE * 4294967296 + file_row_number::DOUBLE'

/**
 * Reads the events of a UTC day into typed columns. Tuples are told apart by a hash of the SQL engine's that lives as long as the reader;
 * their texts are read once, from the event in which a tuple is first met.
 */
export class DayReader {
  readonly #tuples: Tuples
  readonly #tables = createTables()
  /** Positions of the events in which the day's new tuples were met, by kind. */
  readonly #met = Object.fromEntries(KINDS.map(kind => [kind, []])) as unknown as Record<Kind, number[]>
  #room: DayEvents & { count: number } = createDayEvents(0)

  constructor(tuples: Tuples) {
    this.#tuples = tuples
  }

  /** The events of the files of one day. The columns are used again by the next call. */
  async read(engine: Engine, files: readonly string[]): Promise<DayEvents> {
    const from = `read_parquet([${files.map(quoteText).join(', ')}], union_by_name = true, hive_partitioning = false)`
    await this.#decode(engine, from, files.length > 1)
    if (!isInOrder(this.#room)) await this.#decode(engine, from, true)
    await this.#name(engine, ['who', 'place', 'agent', 'call'], from)
    await this.#name(engine, ['object'], from)
    return this.#room
  }

  /** Events of one file lie in order of time and id; those of several are put in order. */
  async #decode(engine: Engine, from: string, isSorted: boolean): Promise<void> {
    const sql = `SELECT epoch_ms(time)::DOUBLE, ${KINDS.map(hashSql).join(', ')},
  coalesce(try_cast(resource_id AS BIGINT), ${NO_NUMBER_SQL}), coalesce(status, ${NO_STATUS})::SMALLINT, ${unknown('request_bytes::DOUBLE')},
  ${unknown('response_bytes::DOUBLE')}, ${unknown('try_cast(latency_ms AS DECIMAL(18, 3))::DOUBLE')}, ${POSITION}
FROM ${from}${isSorted ? ' ORDER BY time, event_id' : ''}`
    let at = 0
    for await (const { rows, columns } of engine.buffers(sql)) {
      if (at + rows > this.#room.time.length) this.#widen((at + rows) * 2)
      const room = this.#room
      room.time.set(columns[0] as Float64Array, at)
      for (const [k, kind] of KINDS.entries()) {
        const hashes = columns[1 + k] as BigUint64Array
        numberTuples(hashes, this.#tables[kind], room[kind], at, columns[11] as Float64Array, this.#met[kind])
      }
      splitWords(columns[6] as BigInt64Array, room.objectHigh, room.objectLow, at)
      room.status.set(columns[7] as Int16Array, at)
      room.requestBytes.set(columns[8] as Float64Array, at)
      room.responseBytes.set(columns[9] as Float64Array, at)
      room.latency.set(columns[10] as Float64Array, at)
      at += rows
    }
    this.#room.count = at
  }

  #widen(length: number): void {
    const wide = { count: this.#room.count } as Record<string, unknown>
    for (const [name, column] of Object.entries(this.#room))
      if (typeof column !== 'number') wide[name] = longer(column, length)
    this.#room = wide as unknown as DayEvents & { count: number }
  }

  /** Reads the texts of the tuples that were met for the first time. */
  async #name(engine: Engine, kinds: readonly Kind[], from: string): Promise<void> {
    const asked = new Set(kinds.flatMap(kind => this.#met[kind]))
    if (asked.size === 0) return
    await engine.loadTyped('asked_events', { position: Float64Array.from(asked) }, asked.size)
    const fields = kinds.flatMap(kind => FIELDS[kind])
    const { columns } = await engine.texts(`SELECT ${POSITION} AS position, ${fields.join(', ')}
FROM ${from} WHERE ${POSITION} IN (SELECT position FROM asked_events)`)
    const rowOf = new Map((columns[0] as unknown as number[]).map((position, row) => [position, row]))
    let first = 1
    for (const kind of kinds) {
      for (const position of this.#met[kind]) {
        const row = rowOf.get(position)!
        const begin = first
        this.#addTuple(kind, index => columns[begin + index]![row]!)
      }
      this.#met[kind].length = 0
      first += FIELDS[kind].length
    }
  }

  #addTuple(kind: Kind, field: (index: number) => string | null): void {
    const tuples = this.#tuples
    const number = (index: number) => field(index) as unknown as number | null
    switch (kind) {
      case 'who':
        tuples.addWho({
          tenantId: field(0)!,
          tokenId: field(1)!,
          principalId: field(2)!,
          role: field(3),
          tokenKind: field(4),
          grantedScopes: field(5),
          createdAt: number(6),
        })
        break
      case 'place':
        tuples.addPlace({
          ip: field(0),
          net: field(1),
          asn: field(2),
          country: field(3),
          networkType: field(4),
          latitude: number(5),
          longitude: number(6),
        })
        break
      case 'agent':
        tuples.addAgent(field(0), field(1))
        break
      case 'call':
        tuples.addCall({
          method: field(0),
          operation: field(1),
          path: field(2),
          resourceType: field(3),
          requiredScope: field(4),
        })
        break
      case 'object':
        tuples.addObject(field(0), field(1)!)
        break
    }
  }
}

function createTables(): Record<Kind, PairTable> {
  const entries = KINDS.map(kind => [kind, new PairTable()] as const)
  return Object.fromEntries(entries) as Record<Kind, PairTable>
}

/** Hashes to numbers of tuples, -1 for a hash of 0; notes where new ones were met. */
function numberTuples(
  hashes: BigUint64Array,
  table: PairTable,
  out: Int32Array,
  at: number,
  positions: Float64Array,
  met: number[],
): void {
  const words = new Int32Array(hashes.buffer, hashes.byteOffset, hashes.length * 2)
  for (let i = 0; i < hashes.length; i++) {
    const low = words[2 * i]!
    const high = words[2 * i + 1]!
    if (low === 0 && high === 0) {
      out[at + i] = -1
      continue
    }
    const before = table.count
    out[at + i] = table.put(low, high)
    if (table.count > before) met.push(positions[i]!)
  }
}

function splitWords(numbers: BigInt64Array, high: Int32Array, low: Int32Array, at: number): void {
  const words = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2)
  for (let i = 0; i < numbers.length; i++) {
    low[at + i] = words[2 * i]!
    high[at + i] = words[2 * i + 1]!
  }
}

function isInOrder({ time, count }: DayEvents): boolean {
  for (let i = 1; i < count; i++) if (time[i]! < time[i - 1]!) return false
  return true
}
