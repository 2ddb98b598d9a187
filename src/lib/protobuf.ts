/**
 * Writes Protocol Buffers (protobuf.dev/programming-guides/encoding): the wire types that ONNX files need, and no reader. The
 * packages that bring the whole of it are 3 to 10 MB with a schema compiler; a file format of ten messages needs forty lines.
 */

/** One field of a message, encoded: its key and its value. */
export type Field = Uint8Array

const utf8 = new TextEncoder()

/** Wire types: variable-length integer, length-delimited bytes. */
const VARINT = 0
const BYTES = 2

/** A whole number (int32, int64, enum): two's complement in 64 bits where negative. */
export function int(number: number, value: number | bigint): Field {
  return join([varint(BigInt((number << 3) | VARINT)), varint(BigInt(value))])
}

/** Text as UTF-8. */
export function text(number: number, value: string): Field {
  return bytes(number, utf8.encode(value))
}

/** Bytes as they are, and messages within messages. */
export function bytes(number: number, value: Uint8Array): Field {
  return join([varint(BigInt((number << 3) | BYTES)), varint(BigInt(value.length)), value])
}

/** A message within a message. */
export function message(number: number, fields: readonly Field[]): Field {
  return bytes(number, join(fields))
}

/** Repeated float32, packed. */
export function floats(number: number, values: ArrayLike<number>): Field {
  const packed = new DataView(new ArrayBuffer(values.length * 4))
  for (let i = 0; i < values.length; i++) packed.setFloat32(i * 4, values[i]!, true)
  return bytes(number, new Uint8Array(packed.buffer))
}

/** Repeated whole numbers, packed. */
export function ints(number: number, values: ArrayLike<number>): Field {
  return bytes(number, join(Array.from(values, value => varint(BigInt(value)))))
}

/** Fields, one after the other: a message. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Seven bits a byte, lowest first, the eighth set on all but the last. */
function varint(value: bigint): Uint8Array {
  let rest = BigInt.asUintN(64, value)
  const out: number[] = []
  while (rest > 0x7fn) {
    out.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  out.push(Number(rest))
  return Uint8Array.from(out)
}
