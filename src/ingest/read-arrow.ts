import type { Engine } from '../sql/duckdb.ts'
import { quoteName } from '../sql/duckdb.ts'
import { readDecompressed } from './compression.ts'
import { type LogColumn, type OpenLog, SAMPLE_RECORDS } from './log.ts'
import { badFile, type Probe } from './probe.ts'
import { recordSql } from './read-csv.ts'

/**
 * Opens an Arrow IPC file or stream. DuckDB cannot read Arrow without a downloaded extension, so apache-arrow decodes it
 * batch by batch, column by column, into a table in memory; all values become text, moments as ISO 8601 in UTC.
 */
export async function openArrow(engine: Engine, probe: Probe): Promise<OpenLog> {
  const { RecordBatchReader, DataType } = await import('apache-arrow')
  const columns: LogColumn[] = []
  await engine.run('DROP TABLE IF EXISTS kh_arrow')
  let rows = 0
  try {
    const reader = RecordBatchReader.from(readDecompressed(probe))
    for (const batch of reader) {
      const texts: Record<string, (string | null)[]> = {}
      for (const field of batch.schema.fields) {
        if (rows === 0 && columns.length < batch.schema.fields.length)
          columns.push({ name: field.name, type: 'VARCHAR' })
        const vector = batch.getChild(field.name)
        const isMoment = DataType.isTimestamp(field.type) || DataType.isDate(field.type)
        texts[field.name] = columnTexts(vector, batch.numRows, isMoment)
      }
      await append(engine, texts, rows === 0)
      rows += batch.numRows
    }
  } catch (error) {
    await engine.run('DROP TABLE IF EXISTS kh_arrow')
    if ((error as Error).name === 'KeyhoundError') throw error
    throw badFile(
      probe.path,
      'is a damaged or truncated Arrow file: its record batches cannot be decoded; fetch or write it again',
    )
  }
  if (rows === 0) throw badFile(probe.path, 'holds no records; remove it, or write the log again')
  const list = columns.map(column => quoteName(column.name)).join(', ')
  return {
    format: 'arrow',
    files: [probe.path],
    columns,
    sample: await engine.rows(`SELECT ${list} FROM kh_arrow LIMIT ${SAMPLE_RECORDS}`),
    value: name => quoteName(name),
    relation: () => `SELECT ${list}, 0 AS kh_file, rowid + 1 AS kh_row FROM kh_arrow ORDER BY rowid`,
    record: recordSql(columns),
    blank: 'false',
    broken: 'NULL',
    brokenRows: async () => [],
    close: () => engine.run('DROP TABLE IF EXISTS kh_arrow'),
  }
}

/** A moment of apache-arrow is a number of milliseconds whatever the unit; bigints print exactly. */
function columnTexts(
  vector: { get(index: number): unknown } | null,
  rows: number,
  isMoment: boolean,
): (string | null)[] {
  const texts: (string | null)[] = new Array(rows).fill(null)
  if (vector === null) return texts
  for (let r = 0; r < rows; r++) {
    const value = vector.get(r)
    if (value === null || value === undefined) continue
    texts[r] = isMoment ? momentText(value) : plainText(value)
  }
  return texts
}

function momentText(value: unknown): string {
  const time = new Date(Number(value))
  return Number.isNaN(time.getTime()) ? String(value) : time.toISOString()
}

function plainText(value: unknown): string {
  if (typeof value !== 'object') return String(value)
  const list = value as { toArray?: () => unknown; toJSON?: () => unknown }
  return JSON.stringify(list.toJSON?.() ?? list, (_, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner,
  )
}

async function append(
  engine: Engine,
  texts: Record<string, (string | null)[]>,
  isFirst: boolean,
): Promise<void> {
  await engine.load('kh_arrow_batch', texts)
  await engine.run(
    isFirst
      ? 'CREATE TEMP TABLE kh_arrow AS SELECT * FROM kh_arrow_batch ORDER BY rowid'
      : 'INSERT INTO kh_arrow SELECT * FROM kh_arrow_batch ORDER BY rowid',
  )
  await engine.run('DROP TABLE kh_arrow_batch')
}
