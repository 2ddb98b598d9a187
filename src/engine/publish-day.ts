import { join } from 'node:path'
import { FEATURES } from '../features/catalogue.ts'
import { VALUE_FACETS } from '../features/families/values.ts'
import { METRICS } from '../features/metrics.ts'
import { COUNT_PLACE, COUNTS } from '../kernel/counts.ts'
import type { DayTable } from '../kernel/day/day-table.ts'
import { FACET } from '../kernel/facets.ts'
import { HOUR_MS } from '../kernel/memory.ts'
import type { Tuples } from '../kernel/tuples.ts'
import type { Column } from '../parquet/column.ts'
import { COUNT_COLUMNS } from '../schema/activity.ts'
import { partition, publishColumns, type Workspace } from '../sql/workspace.ts'

type Columns = Record<string, Column>

/** Publishes the features, counts and permissions used of a judged day. */
export async function publishDay(
  workspace: Workspace,
  date: string,
  table: DayTable,
  tuples: Tuples,
): Promise<void> {
  const keys = keyColumns(table, tuples)
  const place = (folder: string, file: string) => join(partition(folder, date), file)
  const features = { ...keys, ...featureColumns(table, tuples) }
  await publishColumns(place(workspace.features, 'features.parquet'), features, table.rows)
  const counts = { ...keys, ...countColumns(table) }
  await publishColumns(place(workspace.activity, 'counts.parquet'), counts, table.rows)
  const { columns, rows } = useOf(table, tuples)
  await publishColumns(place(workspace.use, 'use.parquet'), columns, rows)
}

function keyColumns(
  { rows, day, tokenDay, hourOf }: DayTable,
  { entities, whoPrincipalId }: Tuples,
): Columns {
  const tenant = new Int32Array(rows)
  const token = new Int32Array(rows)
  const start = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const one = tokenDay[row]!
    tenant[row] = entities.tenantOf[one.token]!
    token[row] = one.token
    start[row] = (day * 24 + one.hours[hourOf[row]!]!) * HOUR_MS
  }
  return {
    tenant_id: { type: 'VARCHAR', codes: tenant, texts: entities.tenantIds },
    principal_id: textColumn(rows, row => whoPrincipalId[tokenDay[row]!.who[hourOf[row]!]!]!),
    token_id: { type: 'VARCHAR', codes: token, texts: entities.tokenIds },
    window_start: { type: 'TIMESTAMP_MS', values: start },
    role: textColumn(rows, row => tokenDay[row]!.role[hourOf[row]!]!),
  }
}

function featureColumns(table: DayTable, { values }: Tuples): Columns {
  const columns: Columns = {}
  const valueColumn = (codes: Int32Array): Column => ({ type: 'VARCHAR', codes, texts: values.texts })
  FEATURES.forEach(({ name }, f) => {
    columns[name] = { type: 'FLOAT', values: table.features[f]! }
  })
  for (const facet of VALUE_FACETS) {
    columns[`${facet}_worst`] = valueColumn(table.worst[FACET[facet]]!)
    columns[`${facet}_worst_peers`] = { type: 'DOUBLE', values: table.worstPeers[FACET[facet]]! }
  }
  METRICS.forEach(({ name }, m) => {
    columns[`${name}_actual`] = { type: 'DOUBLE', values: table.actual[m]! }
    columns[`${name}_typical`] = { type: 'DOUBLE', values: table.typical[m]! }
  })
  columns.foreign_object = valueColumn(table.foreignObject)
  return columns
}

function countColumns({ rows, tokenDay, hourOf }: DayTable): Columns {
  const columns: Columns = {}
  for (const { name, type } of COUNT_COLUMNS) {
    // The role is among the keys.
    if (name === 'role') continue
    if (name === 'token_kind') {
      columns[name] = textColumn(rows, row => tokenDay[row]!.kind[hourOf[row]!]!)
      continue
    }
    const place = COUNT_PLACE[name]!
    const values = new Float64Array(rows)
    for (let row = 0; row < rows; row++) values[row] = tokenDay[row]!.counts[hourOf[row]! * COUNTS + place]!
    columns[name] = { type, values }
  }
  return columns
}

/** Operations and scopes of each row: those that permissions are learned from. */
function useOf(
  { rows, day, tokenDay, hourOf }: DayTable,
  { values, entities }: Tuples,
): { columns: Columns; rows: number } {
  let most = 0
  for (let row = 0; row < rows; row++) {
    const { offsets } = tokenDay[row]!
    most += offsets[hourOf[row]! + 1]! - offsets[hourOf[row]!]!
  }
  const [tenant, token, facet, value] = [0, 1, 2, 3].map(() => new Int32Array(most)) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ]
  const start = new Float64Array(most)
  const n = new Float64Array(most)
  let at = 0
  for (let row = 0; row < rows; row++) {
    const one = tokenDay[row]!
    const h = hourOf[row]!
    for (let i = one.offsets[h]!; i < one.offsets[h + 1]!; i++) {
      const shown = one.values[one.at[i]!]!
      const of = values.facetOf[shown]!
      if (of !== FACET.operation && of !== FACET.scope) continue
      tenant[at] = entities.tenantOf[one.token]!
      token[at] = one.token
      start[at] = (day * 24 + one.hours[h]!) * HOUR_MS
      facet[at] = of === FACET.operation ? 0 : 1
      value[at] = shown
      n[at++] = one.events[i]!
    }
  }
  return {
    columns: {
      tenant_id: { type: 'VARCHAR', codes: tenant, texts: entities.tenantIds },
      token_id: { type: 'VARCHAR', codes: token, texts: entities.tokenIds },
      window_start: { type: 'TIMESTAMP_MS', values: start },
      facet: { type: 'VARCHAR', codes: facet, texts: ['operation', 'scope'] },
      value: { type: 'VARCHAR', codes: value, texts: values.texts },
      n: { type: 'INTEGER', values: n },
    },
    rows: at,
  }
}

/** A column of few distinct texts. */
function textColumn(rows: number, textOf: (row: number) => string | null): Column {
  const codes = new Int32Array(rows)
  const codeOf = new Map<string, number>()
  for (let row = 0; row < rows; row++) {
    const text = textOf(row)
    if (text !== null && !codeOf.has(text)) codeOf.set(text, codeOf.size)
    codes[row] = text === null ? -1 : codeOf.get(text)!
  }
  return { type: 'VARCHAR', codes, texts: [...codeOf.keys()] }
}
