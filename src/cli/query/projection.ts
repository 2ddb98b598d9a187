import { type Engine, quoteName } from '../../sql/duckdb.ts'

/** How a column travels out of the engine: a time as milliseconds since 1970, nested values as JSON texts. */
export type Kind = 'text' | 'number' | 'integer' | 'boolean' | 'time' | 'json'

export interface ResultColumn {
  readonly name: string
  readonly kind: Kind
}

/** A query whose columns come as plain values: texts, numbers, big integers and booleans. */
export interface Projection {
  readonly columns: readonly ResultColumn[]
  readonly sql: string
}

/** Describes a read-only statement and wraps it so that every value has a form that any reader knows. Row order is kept. */
export async function project(engine: Engine, statement: string): Promise<Projection> {
  const inner = `(\n${statement}\n)`
  const described = await engine.describe(`SELECT * FROM ${inner}`)
  const columns = described.map(({ name, type }) => ({ name, kind: kindOf(type) }))
  // Columns are renamed by position: a result may hold the same name twice.
  const names = columns.map((_, i) => `c${i}`)
  const list = columns.map(
    ({ kind }, i) => `${portable(names[i]!, kind, described[i]!.type)} AS ${quoteName(names[i]!)}`,
  )
  return { columns, sql: `SELECT ${list.join(', ')} FROM ${inner} AS result(${names.join(', ')})` }
}

/** DuckDB type -> kind. HUGEINT is what a sum of integers has. */
function kindOf(type: string): Kind {
  if (/\[\d*\]$/.test(type) || /^(STRUCT|MAP|UNION|JSON)\b/.test(type)) return 'json'
  if (/^TIMESTAMP/.test(type)) return 'time'
  if (/^U?(BIGINT|HUGEINT)$/.test(type)) return 'integer'
  if (/^(U?(TINYINT|SMALLINT|INTEGER)|FLOAT|DOUBLE|DECIMAL.*)$/.test(type)) return 'number'
  return type === 'BOOLEAN' ? 'boolean' : 'text'
}

function portable(name: string, kind: Kind, type: string): string {
  switch (kind) {
    case 'time':
      // As a double: exact for 285,000 years, and five times cheaper to hand over than a text or a 64-bit integer.
      return `epoch_ms(${name})::DOUBLE`
    case 'json':
      return `to_json(${name})::VARCHAR`
    case 'text':
      return `${name}::VARCHAR`
    case 'number':
      return type.startsWith('DECIMAL') ? `${name}::DOUBLE` : name
    default:
      return name
  }
}

/** A time of a projection in ISO 8601, UTC: 2026-10-05T01:00:00.000Z. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
