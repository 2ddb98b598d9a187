import { type Field, Message, type Schema } from 'apache-arrow'
import { Footer } from 'apache-arrow/ipc/metadata/file'
import { checkBatch } from './check-batch.ts'
import { checkSchema } from './check-schema.ts'
import { type Table, tableOf, vectorOf } from './flatbuffer.ts'
import { type Frame, framesOf, indexOf, isFile } from './frames.ts'
import { SizeError } from './size-error.ts'

/** Slots of the tables (Message.fbs of the Arrow format), and what an element of each vector takes. */
const BATCH = { nodes: 1, buffers: 2, variadic: 4 } as const
const DICTIONARY = { data: 1 } as const

/** Each delta makes the dictionary anew: the cost of many grows with their square. */
const MOST_DICTIONARIES = 1_000

/**
 * Holds every count, length and offset that Arrow IPC bytes state against the bytes, in time linear in them, before apache-arrow
 * allocates what they say. Returns what is wrong, in words that quote no content; null when all is borne out.
 */
export function arrowProblem(bytes: Uint8Array): string | null {
  try {
    if (isFile(bytes)) checkFile(bytes)
    else checkStream(bytes)
    return null
  } catch (error) {
    return error instanceof SizeError ? error.message : 'its record batches cannot be decoded'
  }
}

function checkFile(bytes: Uint8Array): void {
  const { schema: table, footer, frames } = indexOf(bytes)
  checkSchema(table)
  const { schema } = Footer.decode(footer)
  if (dictionariesOf(frames) > MOST_DICTIONARIES) throw tooManyDictionaries()
  for (const frame of frames) checkFrame(frame, schema)
}

function checkStream(bytes: Uint8Array): void {
  let schema: Schema | null = null
  let dictionaries = 0
  for (const frame of framesOf(bytes)) {
    if (frame.kind === 'schema') {
      checkSchema(frame.header)
      schema = Message.decode(frame.metadata).header() as Schema
      continue
    }
    if (schema === null) throw new SizeError('it has a batch before its schema')
    if (frame.kind === 'dictionary' && ++dictionaries > MOST_DICTIONARIES) throw tooManyDictionaries()
    checkFrame(frame, schema)
  }
}

function checkFrame({ kind, header, metadata, body }: Frame, schema: Schema): void {
  const batch = kind === 'dictionary' ? tableOf(header, DICTIONARY.data) : header
  if (batch === null) throw new SizeError('a dictionary has no values')
  checkCounts(batch)
  const message = Message.decode(metadata)
  if (message.bodyLength !== body.length) throw new SizeError('the body of a batch has no one length')
  if (message.isDictionaryBatch()) {
    const { id, data } = message.header()
    const type = schema.dictionaries.get(id)
    if (type === undefined) throw new SizeError('a dictionary belongs to no column')
    checkBatch([{ type } as Field], data, body)
  } else if (message.isRecordBatch()) checkBatch(schema.fields, message.header(), body)
  // What apache-arrow takes for neither it asks for over and over.
  else throw new SizeError('it holds a message of an unknown kind')
}

/** What the message lists lies within it. */
function checkCounts(batch: Table): void {
  vectorOf(batch, BATCH.nodes, 16)
  vectorOf(batch, BATCH.buffers, 16)
  vectorOf(batch, BATCH.variadic, 8)
}

const dictionariesOf = (frames: readonly Frame[]) => frames.filter(({ kind }) => kind === 'dictionary').length

const tooManyDictionaries = () =>
  new SizeError(`it has more than ${MOST_DICTIONARIES} dictionary batches; write fewer and larger ones`)
