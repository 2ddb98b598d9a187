import { closeSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, quoteName, quoteText } from '../sql/duckdb.ts'
import { readDecompressed } from './compression.ts'
import { type LogColumn, type OpenLog, SAMPLE_RECORDS } from './log.ts'
import { badFile, type Probe } from './probe.ts'
import { apart, recordSql } from './read-csv.ts'
import { jsonLog } from './read-lines.ts'

/**
 * Opens a Parquet file. One that was compressed as a whole is decompressed into `scratch` for the time it is open, since
 * Parquet is read from its end.
 */
export async function openParquet(engine: Engine, probe: Probe, scratch: string): Promise<OpenLog> {
  const path = probe.compression === 'none' ? probe.path : decompressTo(probe, scratch)
  const close = async () => {
    if (path !== probe.path) rmSync(path, { force: true })
  }
  try {
    if (!endsInMagic(path)) {
      throw badFile(
        probe.path,
        'is a truncated Parquet file: it does not end in "PAR1"; fetch or write it again',
      )
    }
    const source = `read_parquet(${quoteText(path)}, file_row_number = true, hive_partitioning = false)`
    const columns = (await describe(engine, probe.path, source)).filter(c => c.name !== 'file_row_number')
    const sample = await engine.rows(`SELECT * FROM ${source} LIMIT ${SAMPLE_RECORDS}`).catch(() => {
      throw badFile(
        probe.path,
        'is a damaged Parquet file: its pages cannot be decoded; fetch or write it again',
      )
    })
    if (columns.some(({ type }) => /STRUCT|MAP\(/.test(type)))
      return {
        ...(await nestedParquet(engine, columns, source)),
        files: [probe.path],
        brokenRows: async () => [],
        close,
      }
    return {
      format: 'parquet',
      files: [probe.path],
      columns,
      sample,
      value: name => asText(name, columns.find(column => column.name === name)!.type),
      relation: () =>
        `SELECT ${columns.map(({ name }) => `${quoteName(name)} AS ${quoteName(apart(name))}`).join(', ')}, 0 AS kh_file, file_row_number + 1 AS kh_row FROM ${source}`,
      record: recordSql(columns),
      blank: 'false',
      broken: 'NULL',
      brokenRows: async () => [],
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A file whose columns have members of their own is read as JSON is; its rows keep the identity that they have as columns. */
async function nestedParquet(engine: Engine, columns: readonly LogColumn[], source: string) {
  const members = columns.map(({ name }) => `${quoteText(name)}, ${quoteName(name)}`).join(', ')
  const list = columns.map(({ name }) => `${quoteName(name)} AS ${quoteName(apart(name))}`).join(', ')
  const lines = `SELECT ${list}, json_object(${members})::VARCHAR AS line, 0 AS kh_file, file_row_number + 1 AS kh_row FROM ${source}`
  const texts = (await engine.texts(`SELECT line FROM (${lines}) LIMIT ${SAMPLE_RECORDS}`)).columns[0] ?? []
  const sample = texts.map(text => JSON.parse(text!) as Record<string, unknown>)
  return {
    ...jsonLog('jsonl', sample, () => lines),
    format: 'parquet' as const,
    isNested: true,
    record: recordSql(columns),
  }
}

/** Text of a column: lists of scopes become words, everything else as DuckDB prints it. */
export function asText(name: string, type: string): string {
  const column = quoteName(apart(name))
  return type === 'VARCHAR[]' ? `array_to_string(${column}, ' ')` : `${column}::VARCHAR`
}

async function describe(engine: Engine, path: string, source: string) {
  try {
    return await engine.describe(`SELECT * FROM ${source}`)
  } catch {
    throw badFile(path, 'is a damaged Parquet file: its footer cannot be read; fetch or write it again')
  }
}

function endsInMagic(path: string): boolean {
  const size = statSync(path).size
  if (size < 12) return false
  const handle = openSync(path, 'r')
  const tail = Buffer.alloc(4)
  readSync(handle, tail, 0, 4, size - 4)
  closeSync(handle)
  return tail.toString('latin1') === 'PAR1'
}

function decompressTo(probe: Probe, scratch: string): string {
  const path = join(scratch, 'decompressed.parquet')
  writeFileSync(path, readDecompressed(probe), { mode: 0o600 })
  return path
}
