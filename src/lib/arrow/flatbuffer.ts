/**
 * Reads tables of a FlatBuffer (flatbuffers.dev/internals) with every position held against the bytes: apache-arrow takes the lengths
 * that stand in one as given. What lies outside throws a RangeError.
 */
export interface Table {
  readonly view: DataView
  /** Where the table begins, bytes. */
  readonly at: number
}

/** The table that a buffer is of. */
export function rootOf(bytes: Uint8Array): Table {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { view, at: view.getUint32(0, true) }
}

/** Where a field of a table stands; 0 when the table does not have it. */
export function fieldAt({ view, at }: Table, slot: number): number {
  const vtable = at - view.getInt32(at, true)
  const entry = 4 + 2 * slot
  const offset = entry < view.getInt16(vtable, true) ? view.getInt16(vtable + entry, true) : 0
  return offset === 0 ? 0 : at + offset
}

/** The table that a field leads to; null when there is none. */
export function tableOf(table: Table, slot: number): Table | null {
  const at = fieldAt(table, slot)
  return at === 0 ? null : { view: table.view, at: at + table.view.getUint32(at, true) }
}

/** Where the elements of a vector begin, and how many there are: all of them lie within the bytes. */
export function vectorOf(table: Table, slot: number, elementBytes: number): { at: number; count: number } {
  const found = tableOf(table, slot)
  if (found === null) return { at: 0, count: 0 }
  const count = table.view.getUint32(found.at, true)
  const at = found.at + 4
  if (count * elementBytes > table.view.byteLength - at) throw new RangeError('a vector leaves its buffer')
  return { at, count }
}

/** The tables of a vector of tables, one after the other. */
export function* tablesOf(table: Table, slot: number): Generator<Table> {
  const { at, count } = vectorOf(table, slot, 4)
  for (let i = 0; i < count; i++) {
    const entry = at + 4 * i
    yield { view: table.view, at: entry + table.view.getUint32(entry, true) }
  }
}
