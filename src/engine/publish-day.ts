import { join } from 'node:path'
import { FEATURES } from '../features/catalogue.ts'
import { VALUE_FACETS } from '../features/families/values.ts'
import { METRICS } from '../features/metrics.ts'
import { COUNT_PLACE, COUNTS } from '../kernel/counts.ts'
import type { DayTable } from '../kernel/day/day-table.ts'
import { FACET } from '../kernel/facets.ts'
import { HOUR_MS } from '../kernel/memory.ts'
import type { Tuples } from '../kernel/tuples.ts'
import { COUNT_COLUMNS } from '../schema/activity.ts'
import { dropTables, type Engine } from '../sql/duckdb.ts'
import type { TypedColumn } from '../sql/typed-columns.ts'
import { partition, publishQuery, type Workspace } from '../sql/workspace.ts'

/** Publishes the features, counts and permissions used of a judged day. */
export async function publishDay(
  engine: Engine,
  workspace: Workspace,
  date: string,
  table: DayTable,
  tuples: Tuples,
): Promise<void> {
  const texts = new TextCodes()
  const keys = keyColumns(table, tuples, texts)
  await engine.loadTyped('day_rows', { ...keys, ...featureColumns(table, tuples, texts) }, table.rows)
  await engine.loadTyped('day_counts', { ...keys, ...countColumns(table, texts) }, table.rows)
  const use = useColumns(table, tuples, texts)
  await engine.loadTyped('day_use', use, use.row.length)
  await engine.load('day_texts', { code: Float64Array.from(texts.texts.keys()), text: texts.texts })
  const from = (rows: string) => `${rows}, (SELECT list(text ORDER BY code) AS texts FROM day_texts)`
  await publishQuery(
    engine,
    `SELECT ${KEY_SQL}, ${text('role')}, ${FEATURE_SQL} FROM ${from('day_rows')}`,
    join(partition(workspace.features, date), 'features.parquet'),
  )
  await publishQuery(
    engine,
    `SELECT ${KEY_SQL}, ${text('role')}, ${COUNT_SQL} FROM ${from('day_counts')}`,
    join(partition(workspace.activity, date), 'counts.parquet'),
  )
  await publishQuery(
    engine,
    `SELECT ${['tenant_id', 'token_id'].map(text).join(', ')}, ${WINDOW_SQL}, CASE facet WHEN ${FACET.operation} THEN 'operation' ELSE 'scope' END AS facet,
  ${text('value')}, n FROM ${from('day_use')}`,
    join(partition(workspace.use, date), 'use.parquet'),
  )
  await engine.run(dropTables('day_rows', 'day_counts', 'day_use', 'day_texts'))
}

/** A column of codes as texts. Lists count from 1, and nothing has no code. */
const text = (name: string) => `texts[${name} + 1] AS ${name}`

const WINDOW_SQL = 'epoch_ms(window_start::BIGINT)::TIMESTAMP_MS AS window_start'
const KEY_SQL = `${text('tenant_id')}, ${text('principal_id')}, ${text('token_id')}, ${WINDOW_SQL}`
const FEATURE_SQL = [
  ...FEATURES.map(({ name }) => name),
  ...VALUE_FACETS.flatMap(facet => [text(`${facet}_worst`), `${facet}_worst_peers`]),
  ...METRICS.flatMap(({ name }) => [`${name}_actual`, `${name}_typical`]),
  text('foreign_object'),
].join(', ')
const COUNT_SQL = COUNT_COLUMNS.filter(({ name }) => name !== 'role')
  .map(({ name, type }) => {
    if (name === 'token_kind') return text(name)
    const moment = `epoch_ms(${name}::BIGINT)`
    return type === 'TIMESTAMP_MS' ? `${moment}::TIMESTAMP_MS AS ${name}` : `${name}::${type} AS ${name}`
  })
  .join(', ')

/** Codes for the texts of a day's rows, so that every column is numbers until the SQL engine writes it. */
class TextCodes {
  readonly texts: string[] = []
  readonly #codes = new Map<string, number>()

  /** -1 for null. */
  of(value: string | null | undefined): number {
    if (value === null || value === undefined) return -1
    let code = this.#codes.get(value)
    if (code === undefined) {
      code = this.texts.length
      this.texts.push(value)
      this.#codes.set(value, code)
    }
    return code
  }
}

function keyColumns({ rows, day, tokenDay, hourOf }: DayTable, tuples: Tuples, texts: TextCodes) {
  const { entities, whoPrincipalId } = tuples
  const columns = {
    tenant_id: new Int32Array(rows),
    principal_id: new Int32Array(rows),
    token_id: new Int32Array(rows),
    window_start: new Float64Array(rows),
    role: new Int32Array(rows),
  }
  for (let row = 0; row < rows; row++) {
    const one = tokenDay[row]!
    const h = hourOf[row]!
    columns.tenant_id[row] = texts.of(entities.tenantIds[entities.tenantOf[one.token]!])
    columns.principal_id[row] = texts.of(whoPrincipalId[one.who[h]!])
    columns.token_id[row] = texts.of(entities.tokenIds[one.token])
    columns.window_start[row] = (day * 24 + one.hours[h]!) * HOUR_MS
    columns.role[row] = texts.of(one.role[h])
  }
  return columns
}

function featureColumns(table: DayTable, { values }: Tuples, texts: TextCodes): Record<string, TypedColumn> {
  const columns: Record<string, TypedColumn> = {}
  const textsOf = (codes: Int32Array) =>
    Int32Array.from(codes, value => (value < 0 ? -1 : texts.of(values.texts[value])))
  FEATURES.forEach(({ name }, f) => {
    columns[name] = table.features[f]!
  })
  for (const facet of VALUE_FACETS) {
    columns[`${facet}_worst`] = textsOf(table.worst[FACET[facet]]!)
    columns[`${facet}_worst_peers`] = table.worstPeers[FACET[facet]]!
  }
  METRICS.forEach(({ name }, m) => {
    columns[`${name}_actual`] = table.actual[m]!
    columns[`${name}_typical`] = table.typical[m]!
  })
  columns.foreign_object = textsOf(table.foreignObject)
  return columns
}

function countColumns({ rows, tokenDay, hourOf }: DayTable, texts: TextCodes): Record<string, TypedColumn> {
  const columns: Record<string, TypedColumn> = {
    token_kind: Int32Array.from({ length: rows }, (_, row) => texts.of(tokenDay[row]!.kind[hourOf[row]!])),
  }
  for (const [name, place] of Object.entries(COUNT_PLACE)) {
    const column = new Float64Array(rows)
    for (let row = 0; row < rows; row++) column[row] = tokenDay[row]!.counts[hourOf[row]! * COUNTS + place]!
    columns[name] = column
  }
  return columns
}

function useColumns({ rows, day, tokenDay, hourOf }: DayTable, tuples: Tuples, texts: TextCodes) {
  const { values, entities } = tuples
  const [row, tenant, token, start, facet, value, n]: number[][] = [[], [], [], [], [], [], []]
  for (let r = 0; r < rows; r++) {
    const one = tokenDay[r]!
    const h = hourOf[r]!
    for (let i = one.offsets[h]!; i < one.offsets[h + 1]!; i++) {
      const shown = one.values[one.at[i]!]!
      const of = values.facetOf[shown]!
      if (of !== FACET.operation && of !== FACET.scope) continue
      row!.push(r)
      tenant!.push(texts.of(entities.tenantIds[entities.tenantOf[one.token]!]))
      token!.push(texts.of(entities.tokenIds[one.token]))
      start!.push((day * 24 + one.hours[h]!) * HOUR_MS)
      facet!.push(of)
      value!.push(texts.of(values.texts[shown]))
      n!.push(one.events[i]!)
    }
  }
  return {
    row: Int32Array.from(row!),
    tenant_id: Int32Array.from(tenant!),
    token_id: Int32Array.from(token!),
    window_start: Float64Array.from(start!),
    facet: Int32Array.from(facet!),
    value: Int32Array.from(value!),
    n: Int32Array.from(n!),
  }
}
