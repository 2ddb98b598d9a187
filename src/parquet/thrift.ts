import type { Bytes } from './bytes.ts'

/** Types of fields in Thrift's compact protocol, as far as Parquet's footers need them. */
const TRUE = 1
const FALSE = 2
const I32 = 5
const I64 = 6
const BINARY = 8
const LIST = 9
const STRUCT = 12

const encoder = new TextEncoder()

/** What a field holds. Numbers are whole and below 2^52. */
export type Field =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly is: boolean }
  | { readonly text: string }
  | { readonly bytes: Uint8Array }
  | { readonly struct: Struct }
  | { readonly structs: readonly Struct[] }
  | { readonly i32s: readonly number[] }
  | { readonly texts: readonly string[] }

/** Fields by their number; what is undefined is left out. */
export type Struct = Readonly<Record<number, Field | undefined>>

/** Appends a struct in Thrift's compact protocol. */
export function writeStruct(out: Bytes, struct: Struct): void {
  let last = 0
  // Keys that are whole numbers come in ascending order.
  for (const key in struct) {
    const field = struct[key]
    if (field === undefined) continue
    const id = Number(key)
    out.byte(((id - last) << 4) | typeOf(field))
    writeField(out, field)
    last = id
  }
  out.byte(0)
}

function typeOf(field: Field): number {
  if ('i32' in field) return I32
  if ('i64' in field) return I64
  if ('is' in field) return field.is ? TRUE : FALSE
  if ('text' in field || 'bytes' in field) return BINARY
  return 'struct' in field ? STRUCT : LIST
}

function writeField(out: Bytes, field: Field): void {
  if ('i32' in field) writeWhole(out, field.i32)
  else if ('i64' in field) writeWhole(out, field.i64)
  else if ('text' in field) writeBinary(out, encoder.encode(field.text))
  else if ('bytes' in field) writeBinary(out, field.bytes)
  else if ('struct' in field) writeStruct(out, field.struct)
  else if ('structs' in field) {
    beginList(out, STRUCT, field.structs.length)
    for (const one of field.structs) writeStruct(out, one)
  } else if ('i32s' in field) {
    beginList(out, I32, field.i32s.length)
    for (const one of field.i32s) writeWhole(out, one)
  } else if ('texts' in field) {
    beginList(out, BINARY, field.texts.length)
    for (const one of field.texts) writeBinary(out, encoder.encode(one))
  }
}

/** Zigzag: 0, -1, 1, -2 become 0, 1, 2, 3. */
function writeWhole(out: Bytes, value: number): void {
  out.varint(value < 0 ? -2 * value - 1 : 2 * value)
}

function writeBinary(out: Bytes, bytes: Uint8Array): void {
  out.varint(bytes.length)
  out.put(bytes)
}

function beginList(out: Bytes, type: number, length: number): void {
  if (length < 15) {
    out.byte((length << 4) | type)
    return
  }
  out.byte(0xf0 | type)
  out.varint(length)
}
