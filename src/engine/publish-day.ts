import { join } from 'node:path'
import type { Catalogue } from '../features/catalogue.ts'
import { VALUE_FACETS } from '../features/families/values.ts'
import { COUNT_PLACE, COUNTS } from '../kernel/counts.ts'
import type { DayTable } from '../kernel/day/day-table.ts'
import { FACET } from '../kernel/facets.ts'
import { HOUR_MS } from '../kernel/memory.ts'
import type { Tuples } from '../kernel/tuples.ts'
import { COUNT_COLUMNS } from '../schema/activity.ts'
import type { FileColumn as Column } from '../sql/parquet.ts'
import { partition, publishColumns, type Workspace } from '../sql/workspace.ts'

type Columns = Record<string, Column>

/** What the rows of a day were made with. */
interface Made {
  readonly tuples: Tuples
  readonly catalogue: Catalogue
}

/** Publishes the features, counts and permissions used of a judged day. */
export async function publishDay(
  workspace: Workspace,
  date: string,
  table: DayTable,
  { tuples, catalogue }: Made,
): Promise<void> {
  const keys = keyColumns(table, tuples)
  const place = (folder: string, file: string) => join(partition(folder, date), file)
  const features = { ...keys, ...featureColumns(table, { tuples, catalogue }) }
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
  const principal = new TextColumn(rows)
  const token = new Int32Array(rows)
  const start = new Float64Array(rows)
  const role = new TextColumn(rows)
  for (let row = 0; row < rows; row++) {
    const one = tokenDay[row]!
    const h = hourOf[row]!
    tenant[row] = entities.tenantOf[one.token]!
    principal.set(row, whoPrincipalId[one.who[h]!]!)
    token[row] = one.token
    start[row] = (day * 24 + one.hours[h]!) * HOUR_MS
    role.set(row, one.role[h]!)
  }
  return {
    tenant_id: { type: 'VARCHAR', codes: tenant, texts: entities.tenantIds },
    principal_id: principal,
    token_id: { type: 'VARCHAR', codes: token, texts: entities.tokenIds },
    window_start: { type: 'TIMESTAMP_MS', values: start },
    role,
  }
}

function featureColumns(table: DayTable, { tuples: { values }, catalogue }: Made): Columns {
  const columns: Columns = {}
  const valueColumn = (codes: Int32Array): Column => ({ type: 'VARCHAR', codes, texts: values.texts })
  catalogue.features.forEach(({ name }, f) => {
    columns[name] = { type: 'FLOAT', values: table.features[f]! }
  })
  for (const facet of VALUE_FACETS) {
    columns[`${facet}_worst`] = valueColumn(table.worst[FACET[facet]]!)
    columns[`${facet}_worst_peers`] = { type: 'DOUBLE', values: table.worstPeers[FACET[facet]]! }
  }
  catalogue.metrics.forEach(({ name }, m) => {
    columns[`${name}_actual`] = { type: 'DOUBLE', values: table.actual[m]! }
    columns[`${name}_typical`] = { type: 'DOUBLE', values: table.typical[m]! }
  })
  columns.foreign_object = valueColumn(table.foreignObject)
  return columns
}

function countColumns({ rows, tokenDay, hourOf }: DayTable): Columns {
  const columns: Columns = {}
  const kind = new TextColumn(rows)
  const places: number[] = []
  const numbers: Float64Array[] = []
  for (const { name, type } of COUNT_COLUMNS) {
    // The role is among the keys.
    if (name === 'role') continue
    if (name === 'token_kind') {
      columns[name] = kind
      continue
    }
    const values = new Float64Array(rows)
    columns[name] = { type, values }
    places.push(COUNT_PLACE[name]!)
    numbers.push(values)
  }
  for (let row = 0; row < rows; row++) {
    const one = tokenDay[row]!
    const h = hourOf[row]!
    kind.set(row, one.kind[h]!)
    for (let i = 0; i < places.length; i++) numbers[i]![row] = one.counts[h * COUNTS + places[i]!]!
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

/** A column of few distinct texts, to be filled. */
class TextColumn {
  readonly type = 'VARCHAR'
  readonly codes: Int32Array
  readonly texts: string[] = []
  readonly #codeOf = new Map<string, number>()

  constructor(rows: number) {
    this.codes = new Int32Array(rows).fill(-1)
  }

  set(row: number, text: string | null): void {
    if (text === null) return
    let code = this.#codeOf.get(text)
    if (code === undefined) {
      code = this.texts.length
      this.texts.push(text)
      this.#codeOf.set(text, code)
    }
    this.codes[row] = code
  }
}
