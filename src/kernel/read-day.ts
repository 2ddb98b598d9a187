import { type Engine, quoteText } from '../sql/duckdb.ts'
import { longer, PairTable } from './pair-table.ts'
import { createDayEvents, type DayEvents, NO_STATUS } from './day-events.ts'
import type { Tuples } from './tuples.ts'

/** Kinds of tuples, in the order in which the columns of the query name them. */
const KINDS = ['who', 'place', 'agent', 'call', 'object'] as const
type Kind = (typeof KINDS)[number]

/** Columns that make up a tuple. A call's path counts only where it has no operation. */
const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  who: ['tenant_id', 'token_id', 'principal_id', 'role', 'token_kind', 'granted_scopes'],
  place: ['source_ip', 'net', 'asn::VARCHAR', 'country', 'network_type', 'latitude', 'longitude'],
  agent: ['user_agent', 'client'],
  call: ['method', 'operation', 'CASE WHEN operation IS NULL THEN path END', 'resource_type', 'required_scope'],
  object: ['resource_type', 'resource_id'],
}

/** SQL of the tuple's hash; 0 where an event has no object. */
function hashSql(kind: Kind): string {
  const hash = `hash(${FIELDS[kind].join(', ')})`
  return kind === 'object' ? `CASE WHEN resource_id IS NULL THEN 0::UBIGINT ELSE ${hash} END` : hash
}

const unknown = (sql: string) => `coalesce(${sql}, 'NaN'::DOUBLE)`

/**
 * Reads the events of a UTC day into typed columns. Tuples are told apart by a hash of the SQL engine's that lives as long as the reader;
 * their texts are read once, when a tuple is first met.
 */
export class DayReader {
  readonly #engine: Engine
  readonly #tuples: Tuples
  #tables: Readonly<Record<Kind, PairTable>> = createTables()
  #room: DayEvents & { count: number } = createDayEvents(0)

  constructor(engine: Engine, tuples: Tuples) {
    this.#engine = engine
    this.#tuples = tuples
  }

  /** The events of the files of one day. The columns are used again by the next call. */
  async read(files: readonly string[]): Promise<DayEvents> {
    const from = `read_parquet([${files.map(quoteText).join(', ')}], union_by_name = true, hive_partitioning = false)`
    const known = KINDS.map(kind => this.#tables[kind].count)
    await this.#decode(from, files.length > 1)
    if (!isInOrder(this.#room)) await this.#decode(from, true)
    for (const [k, kind] of KINDS.entries()) {
      if (this.#tables[kind].count > known[k]!) await this.#name(kind, from, known[k]!)
    }
    return this.#room
  }

  /** Events of one file lie in order of time and id; those of several are put in order. */
  async #decode(from: string, isSorted: boolean): Promise<void> {
    const sql = `SELECT epoch_ms(time)::DOUBLE, ${KINDS.map(hashSql).join(', ')},
  ${unknown('try_cast(resource_id AS BIGINT)::DOUBLE')}, coalesce(status, ${NO_STATUS})::SMALLINT, ${unknown('request_bytes::DOUBLE')},
  ${unknown('response_bytes::DOUBLE')}, ${unknown('try_cast(latency_ms AS DECIMAL(18, 3))::DOUBLE')}
FROM ${from}${isSorted ? ' ORDER BY time, event_id' : ''}`
    let at = 0
    for await (const { rows, columns } of this.#engine.buffers(sql)) {
      if (at + rows > this.#room.time.length) this.#widen((at + rows) * 2)
      const room = this.#room
      room.time.set(columns[0] as Float64Array, at)
      for (const [k, kind] of KINDS.entries())
        numberTuples(columns[1 + k] as BigUint64Array, this.#tables[kind], room[kind], at, kind === 'object')
      room.objectNumber.set(columns[6] as Float64Array, at)
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

  /** Reads the texts of tuples from number `known` on. */
  async #name(kind: Kind, from: string, known: number): Promise<void> {
    const table = this.#tables[kind]
    const count = table.count - known
    const hash = new Float64Array(count * 2)
    for (let i = 0; i < count; i++) {
      hash[i * 2] = table.first[known + i]! >>> 0
      hash[i * 2 + 1] = table.second[known + i]! >>> 0
    }
    await this.#engine.load('asked_tuples', {
      number: Float64Array.from({ length: count }, (_, i) => i),
      low: Float64Array.from({ length: count }, (_, i) => hash[i * 2]!),
      high: Float64Array.from({ length: count }, (_, i) => hash[i * 2 + 1]!),
    })
    const fields = FIELDS[kind].map((field, f) => `any_value(${field}) AS f${f}`).join(', ')
    const { columns } = await this.#engine.texts(
      `SELECT ${FIELDS[kind].map((_, f) => `f${f}`).join(', ')} FROM (
  SELECT ${hashSql(kind)} AS h, ${fields} FROM ${from} SEMI JOIN (SELECT (high::UBIGINT << 32) | low::UBIGINT AS h FROM asked_tuples) a ON a.h = ${hashSql(kind)} GROUP BY 1
) JOIN (SELECT (high::UBIGINT << 32) | low::UBIGINT AS h, number FROM asked_tuples) USING (h) ORDER BY number`,
    )
    const text = (f: number, i: number) => columns[f]![i] as string | null
    for (let i = 0; i < count; i++) this.#addTuple(kind, f => text(f, i))
  }

  #addTuple(kind: Kind, field: (index: number) => string | null): void {
    const tuples = this.#tuples
    const number = (index: number) => field(index) as unknown as number | null
    switch (kind) {
      case 'who':
        return tuples.addWho({
          tenantId: field(0)!,
          tokenId: field(1)!,
          principalId: field(2)!,
          role: field(3),
          tokenKind: field(4),
          grantedScopes: field(5),
        })
      case 'place':
        return tuples.addPlace({
          ip: field(0),
          net: field(1),
          asn: field(2),
          country: field(3),
          networkType: field(4),
          latitude: number(5),
          longitude: number(6),
        })
      case 'agent':
        return tuples.addAgent(field(0), field(1))
      case 'call':
        return tuples.addCall({
          method: field(0),
          operation: field(1),
          path: field(2),
          resourceType: field(3),
          requiredScope: field(4),
        })
      case 'object':
        return tuples.addObject(field(0), field(1)!)
    }
  }
}

function createTables(): Record<Kind, PairTable> {
  const entries = KINDS.map(kind => [kind, new PairTable()] as const)
  return Object.fromEntries(entries) as Record<Kind, PairTable>
}

/** Hashes to numbers of tuples; a hash of 0 stands for none where `hasNone`. */
function numberTuples(
  hashes: BigUint64Array,
  table: PairTable,
  out: Int32Array,
  at: number,
  hasNone: boolean,
): void {
  const words = new Int32Array(hashes.buffer, hashes.byteOffset, hashes.length * 2)
  for (let i = 0; i < hashes.length; i++) {
    const low = words[2 * i]!
    const high = words[2 * i + 1]!
    out[at + i] = hasNone && low === 0 && high === 0 ? -1 : table.put(low, high)
  }
}

function isInOrder({ time, count }: DayEvents): boolean {
  for (let i = 1; i < count; i++) if (time[i]! < time[i - 1]!) return false
  return true
}
