import { Table, tableToIPC, type Vector } from 'apache-arrow'
import { fieldAt } from '../../../src/lib/arrow/flatbuffer.ts'
import { framesOf } from '../../../src/lib/arrow/frames.ts'

/** A batch of the column whose header says `rows`, whatever the column holds. */
export function saying(rows: number, column: Vector): Uint8Array {
  const bytes = tableToIPC(new Table({ column }), 'stream')
  const batch = [...framesOf(bytes)].find(({ kind }) => kind === 'batch')!
  const { view } = batch.header
  view.setBigInt64(fieldAt(batch.header, 0), BigInt(rows), true)
  return bytes
}
