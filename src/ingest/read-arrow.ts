import type { RecordBatch } from 'apache-arrow'
import type { Engine } from '../sql/duckdb.ts'
import { quoteName } from '../sql/duckdb.ts'
import { readDecompressed } from './compression.ts'
import { type LogColumn, type OpenLog, SAMPLE_RECORDS } from './log.ts'
import { badFile, type Probe } from './probe.ts'
import { apart, recordSql } from './read-csv.ts'

/**
 * Opens an Arrow IPC file or stream. DuckDB cannot read Arrow without a downloaded extension, so apache-arrow decodes it
 * batch by batch, column by column, into a table in memory; all values become text, moments as ISO 8601 in UTC.
 */
export async function openArrow(engine: Engine, probe: Probe): Promise<OpenLog> {
  const { RecordBatchReader, DataType } = await import('apache-arrow')
  const { arrowProblem } = await import('../lib/arrow/check.ts')
  const columns: LogColumn[] = []
  await engine.run('DROP TABLE IF EXISTS kh_arrow')
  let rows = 0
  const bytes = readDecompressed(probe)
  const problem = arrowProblem(bytes)
  if (problem !== null)
    throw badFile(probe.path, `is a damaged or truncated Arrow file: ${problem}; fetch or write it again`)
  const budget: TextBudget = {
    path: probe.path,
    part: MOST_PART_TEXT,
    file: MOST_PART_TEXT + bytes.length * MOST_TEXT_OF_BYTE,
  }
  try {
    for (const batch of partsOf(RecordBatchReader.from(bytes))) {
      const texts: Record<string, (string | null)[]> = {}
      budget.part = MOST_PART_TEXT
      for (const field of batch.schema.fields) {
        if (rows === 0 && columns.length < batch.schema.fields.length)
          columns.push({ name: field.name, type: 'VARCHAR' })
        const vector = batch.getChild(field.name)
        const isMoment = DataType.isTimestamp(field.type) || DataType.isDate(field.type)
        texts[field.name] = columnTexts(vector, batch.numRows, isMoment, budget)
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
  const list = columns.map(({ name }) => `${quoteName(name)} AS ${quoteName(apart(name))}`).join(', ')
  return {
    format: 'arrow',
    files: [probe.path],
    columns,
    sample: await engine.rows(`SELECT ${list} FROM kh_arrow LIMIT ${SAMPLE_RECORDS}`),
    value: name => quoteName(apart(name)),
    relation: () => `SELECT ${list}, 0 AS kh_file, rowid + 1 AS kh_row FROM kh_arrow ORDER BY rowid`,
    record: recordSql(columns),
    blank: 'false',
    broken: 'NULL',
    brokenRows: async () => [],
    close: () => engine.run('DROP TABLE IF EXISTS kh_arrow'),
  }
}

/** Rows turned into text at a time: their texts lie in memory, whatever size the writer gave its batches. */
const PART_ROWS = 65_536

function* partsOf(batches: Iterable<RecordBatch>): Generator<RecordBatch> {
  for (const batch of batches) {
    for (let from = 0; from < batch.numRows; from += PART_ROWS) yield batch.slice(from, from + PART_ROWS)
  }
}

/** Characters of the texts of a part, which lie in memory: 4 kB a row, and a log has less than one. */
const MOST_PART_TEXT = 256_000_000
/** Characters for each byte of a file: a byte that points into a dictionary stands for a user agent at most. */
const MOST_TEXT_OF_BYTE = 100

/** What the texts of a part, and of the file, may still take: rows share the values of dictionaries, so that 1 MB becomes 1 TB of them. */
interface TextBudget {
  readonly path: string
  part: number
  file: number
}

function spend(budget: TextBudget, characters: number): void {
  budget.part -= characters
  budget.file -= characters
  if (budget.part >= 0 && budget.file >= 0) return
  throw badFile(
    budget.path,
    'is an Arrow file whose rows share values so long that their text fills the memory; write it as Parquet or JSON lines',
  )
}

/** A moment of apache-arrow is a number of milliseconds whatever the unit; bigints print exactly. */
function columnTexts(
  vector: { get(index: number): unknown } | null,
  rows: number,
  isMoment: boolean,
  budget: TextBudget,
): (string | null)[] {
  const texts: (string | null)[] = new Array(rows).fill(null)
  if (vector === null) return texts
  for (let r = 0; r < rows; r++) {
    const value = vector.get(r)
    if (value === null || value === undefined) continue
    const text = isMoment ? momentText(value) : plainText(value)
    spend(budget, text.length)
    texts[r] = text
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
