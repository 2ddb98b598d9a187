import { DataType, type Field, UnionMode } from 'apache-arrow'
import type { RecordBatch } from 'apache-arrow/ipc/metadata/message'
import { strideForType } from 'apache-arrow/type'
import { counted, SizeError } from './size-error.ts'

/** A list of a log, such as the scopes of a token, has some entries; each becomes an object in memory. */
const MOST_ITEMS = 1_000_000
/** Where the shortest value is a bit, a byte holds so many rows. */
const ROWS_OF_BYTE = 8

/** Columns that are null throughout take no bytes at all; a table of nothing else has some rows. */
const ROWS_WITHOUT_BYTES = 1_000

/** Nodes and buffers are taken in the order of the fields, as the format lays them out. */
interface Cursor {
  readonly header: RecordBatch
  readonly body: Uint8Array
  node: number
  buffer: number
  variadic: number
}

/** Holds the rows, values and offsets that a batch states against its body; throws {@link SizeError}. */
export function checkBatch(fields: readonly Field[], header: RecordBatch, body: Uint8Array): void {
  for (const { offset, length } of header.buffers) {
    if (offset < 0 || length < 0 || offset + length > body.length)
      throw new SizeError('a buffer of a batch leaves its body')
  }
  const cursor: Cursor = { header, body, node: 0, buffer: 0, variadic: 0 }
  for (const field of fields) {
    const rows = checkValues(field.type, cursor)
    if (rows !== header.length) throw tooManyRows(header.length, rows)
  }
  checkRows(header.length, body)
}

/** Not even one bit a row: no column can hold so many. */
function checkRows(rows: number, body: Uint8Array): void {
  const most = ROWS_WITHOUT_BYTES + body.length * ROWS_OF_BYTE
  if (!(rows >= 0 && rows <= most)) throw tooManyRows(rows, most)
}

/** Checks one column with what is nested in it; returns its rows. */
function checkValues(type: DataType, cursor: Cursor): number {
  const node = cursor.header.nodes[cursor.node++]
  if (node === undefined) throw new SizeError('a batch has fewer columns than the schema')
  const { length: rows, nullCount } = node
  checkRows(rows, cursor.body)
  if (DataType.isNull(type)) return rows
  if (!DataType.isUnion(type)) {
    const validity = take(cursor)
    if (nullCount > 0) atLeast(rows, validity.length * ROWS_OF_BYTE)
  }
  if (DataType.isDictionary(type)) fixed(type.indices, rows, cursor)
  else if (DataType.isUtf8(type) || DataType.isBinary(type))
    within(offsets(rows, 4, cursor), take(cursor).length)
  else if (DataType.isLargeUtf8(type) || DataType.isLargeBinary(type))
    within(offsets(rows, 8, cursor), take(cursor).length)
  else if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) views(rows, cursor)
  else if (DataType.isList(type) || DataType.isMap(type))
    items(offsets(rows, 4, cursor, MOST_ITEMS), type.children[0]!, cursor)
  else if (DataType.isLargeList(type)) items(offsets(rows, 8, cursor, MOST_ITEMS), type.children[0]!, cursor)
  else if (DataType.isFixedSizeList(type)) {
    if (!(type.listSize > 0 && type.listSize <= MOST_ITEMS))
      throw new SizeError(`a list of fixed size says ${counted(type.listSize)} entries`)
    items(rows * type.listSize, type.children[0]!, cursor)
  } else if (DataType.isStruct(type)) {
    for (const child of type.children) atLeast(rows, checkValues(child.type, cursor))
  } else if (DataType.isUnion(type)) union(type, rows, cursor)
  else fixed(type, rows, cursor)
  return rows
}

/** Values of one width. */
function fixed(type: DataType, rows: number, cursor: Cursor): void {
  const { length } = take(cursor)
  if (DataType.isBool(type)) {
    atLeast(rows, length * ROWS_OF_BYTE)
    return
  }
  const width = (type.ArrayType?.BYTES_PER_ELEMENT ?? 0) * strideForType(type)
  if (!(width > 0)) throw new SizeError('a column says a width that no value has')
  atLeast(rows, Math.floor(length / width))
}

/** Text beside its offsets may be shared between rows, and then grows when it is read: the reader counts it. */
function views(rows: number, cursor: Cursor): void {
  atLeast(rows, Math.floor(take(cursor).length / 16))
  const more = cursor.header.variadicBufferCounts[cursor.variadic++] ?? 0
  if (!(more >= 0 && more <= cursor.header.buffers.length - cursor.buffer))
    throw new SizeError('a column says more buffers than its batch has')
  for (let i = 0; i < more; i++) take(cursor)
}

function union(type: DataType & { mode: UnionMode; children: Field[] }, rows: number, cursor: Cursor): void {
  atLeast(rows, take(cursor).length)
  const isDense = type.mode === UnionMode.Dense
  if (isDense) atLeast(rows, Math.floor(take(cursor).length / 4))
  for (const child of type.children) {
    const held = checkValues(child.type, cursor)
    if (!isDense) atLeast(rows, held)
  }
}

/** What the offsets of `rows` values lead up to. They never go back: values that share bytes would be read many times over. */
function offsets(rows: number, width: 4 | 8, cursor: Cursor, mostEach = Number.POSITIVE_INFINITY): number {
  const bytes = take(cursor)
  if (rows === 0) return 0
  atLeast(rows, Math.floor(bytes.length / width) - 1)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const read = (i: number) =>
    width === 4 ? view.getInt32(4 * i, true) : Number(view.getBigInt64(8 * i, true))
  let last = read(0)
  if (last < 0) throw new SizeError('an offset of a column is below zero')
  for (let i = 1; i <= rows; i++) {
    const next = read(i)
    if (next < last) throw new SizeError('the offsets of a column go back')
    if (next - last > mostEach) throw new SizeError(`a list has more than ${counted(mostEach)} entries`)
    last = next
  }
  return last
}

/** Entries of lists: each at least a byte, since each becomes an object. */
function items(count: number, child: Field, cursor: Cursor): void {
  within(count, cursor.body.length)
  atLeast(count, checkValues(child.type, cursor))
}

function take(cursor: Cursor): Uint8Array {
  const buffer = cursor.header.buffers[cursor.buffer++]
  if (buffer === undefined) throw new SizeError('a batch has fewer buffers than its columns need')
  return cursor.body.subarray(buffer.offset, buffer.offset + buffer.length)
}

function atLeast(rows: number, held: number): void {
  if (held < rows) throw tooManyRows(rows, Math.max(0, held))
}

function within(end: number, bytes: number): void {
  if (end > bytes) throw new SizeError('the offsets of a column lead beyond its bytes')
}

const tooManyRows = (rows: number, held: number) =>
  new SizeError(`it says ${counted(rows)} rows but holds bytes for ${counted(held)}`)
