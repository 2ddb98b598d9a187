import { fieldAt, type Table, tableOf, tablesOf, vectorOf } from './flatbuffer.ts'
import { SizeError } from './size-error.ts'

/** A log has tens of columns, feature vectors a hundred; each costs a column of a table. */
const MOST_FIELDS = 10_000
/** Lists of structs of lists: logs nest three or four deep. */
const MOST_LEVELS = 32
/** Slots of the tables (Schema.fbs of the Arrow format). */
const SCHEMA = { fields: 1, metadata: 2 } as const
const FIELD = { name: 0, type: 3, children: 5, metadata: 6 } as const
const KEY_VALUE = { key: 0, value: 1 } as const
/** Of the only type with a vector: Union. Others have numbers there, or nothing. */
const UNION_TYPE = 14
const FIELD_TYPE = 2
const UNION_IDS = 1

/** What a schema may still cost: tables that lead to each other more than once would multiply without end. */
interface Budget {
  fields: number
  bytes: number
}

/** Checks a schema's counts, names and depth before anything is made of them. Throws {@link SizeError} or a RangeError. */
export function checkSchema(schema: Table): void {
  const budget: Budget = { fields: MOST_FIELDS, bytes: schema.view.byteLength }
  spendMetadata(schema, SCHEMA.metadata, budget)
  for (const field of tablesOf(schema, SCHEMA.fields)) checkField(field, budget, 1)
}

function checkField(field: Table, budget: Budget, level: number): void {
  budget.fields--
  if (budget.fields < 0) throw new SizeError(`it has more than ${MOST_FIELDS} columns`)
  if (level > MOST_LEVELS) throw new SizeError(`its columns are nested more than ${MOST_LEVELS} deep`)
  spend(field, FIELD.name, budget)
  spendMetadata(field, FIELD.metadata, budget)
  const type = tableOf(field, FIELD.type)
  const kind = fieldAt(field, FIELD_TYPE)
  if (type !== null && kind !== 0 && field.view.getUint8(kind) === UNION_TYPE) vectorOf(type, UNION_IDS, 4)
  for (const child of tablesOf(field, FIELD.children)) checkField(child, budget, level + 1)
}

function spendMetadata(table: Table, slot: number, budget: Budget): void {
  for (const pair of tablesOf(table, slot)) {
    spend(pair, KEY_VALUE.key, budget)
    spend(pair, KEY_VALUE.value, budget)
  }
}

/** Texts together are no longer than the buffer that holds them. */
function spend(table: Table, slot: number, budget: Budget): void {
  budget.bytes -= vectorOf(table, slot, 1).count
  if (budget.bytes < 0) throw new SizeError('its names are longer than the bytes that hold them')
}
