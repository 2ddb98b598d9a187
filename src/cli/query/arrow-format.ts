import {
  Bool,
  type DataType,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow'
import type { Engine } from '../../sql/duckdb.ts'
import { type Kind, type Projection, project } from './projection.ts'
import type { Sink } from './text-formats.ts'

/** Nested values travel as JSON texts. */
const TYPES: Record<Kind, () => DataType> = {
  text: () => new Utf8(),
  json: () => new Utf8(),
  number: () => new Float64(),
  integer: () => new Int64(),
  boolean: () => new Bool(),
  time: () => new TimestampMillisecond('UTC'),
}

const INT64_MAX = 2n ** 63n - 1n

/** An Arrow IPC stream, a record batch a chunk. */
export async function writeArrow(engine: Engine, { columns, sql }: Projection, sink: Sink): Promise<void> {
  const schema = new Schema(columns.map(({ name, kind }) => new Field(name, TYPES[kind](), true)))
  const writer = new RecordBatchStreamWriter()
  const pieces = writer[Symbol.asyncIterator]()
  const send = (async () => {
    for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) await sink(piece.value)
  })()
  writer.reset(undefined, schema)
  for await (const chunk of engine.stream(sql)) {
    const length = chunk.columns[0]?.length ?? 0
    const vectors = columns.map(({ kind }, i) => vectorOf(chunk.columns[i]!, kind))
    const data = makeData({
      type: new Struct(schema.fields),
      length,
      nullCount: 0,
      children: vectors.map(vector => vector.data[0]!),
    })
    writer.write(new RecordBatch(schema, data))
    // Let the sending side take the batch before the next is made.
    await new Promise(resolve => setImmediate(resolve))
  }
  writer.finish()
  await send
}

function vectorOf(values: readonly unknown[], kind: Kind): Vector {
  const type = TYPES[kind]()
  if (kind === 'integer') return vectorFromArray(values.map(toInt64), type)
  return vectorFromArray(values as never[], type)
}

/** A 128-bit sum that leaves 64 bits has no Arrow integer; saying so beats wrapping around. */
function toInt64(value: unknown): bigint | null {
  if (value === null) return null
  const integer = value as bigint
  if (integer > INT64_MAX || integer < -INT64_MAX - 1n) {
    throw new RangeError(`${integer} does not fit a 64-bit integer; cast the column to DOUBLE in the query`)
  }
  return integer
}

/**
 * What a read-only SELECT finds, as the bytes of an Arrow IPC stream: for apache-arrow, arquero, pandas, polars, R. Times are
 * timestamps in UTC, whole numbers of 64 bits stay so, nested values become JSON texts. `openViews` names a workspace's tables.
 * Throws what the engine throws for SQL that it cannot run.
 */
export async function queryArrow(engine: Engine, statement: string): Promise<Uint8Array> {
  const pieces: Buffer[] = []
  await writeArrow(engine, await project(engine, statement), async piece => {
    pieces.push(Buffer.from(piece))
  })
  return new Uint8Array(Buffer.concat(pieces))
}
