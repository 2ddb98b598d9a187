import type { Engine } from '../engine/duckdb.ts'
import { KeyhoundError } from '../lib/errors.ts'
import type { OpenLog } from './log.ts'
import { badFile, type Probe, probe } from './probe.ts'
import { openCsv } from './read-csv.ts'
import { openParquet } from './read-parquet.ts'

export type Opened = { readonly log: OpenLog } | { readonly path: string; readonly error: string }

/** Opens files one after another; one that is no log is answered as its error. The caller closes each log before asking for the next. */
export async function* openLogs(
  engine: Engine,
  files: readonly string[],
  scratch: string,
): AsyncGenerator<Opened> {
  for (const path of files) {
    try {
      yield { log: await openOne(engine, probe(path), scratch) }
    } catch (error) {
      yield { path, error: fileError(path, error) }
    }
  }
}

async function openOne(engine: Engine, found: Probe, scratch: string): Promise<OpenLog> {
  if (found.kind === 'parquet') return openParquet(engine, found, scratch)
  if (found.kind === 'csv') return openCsv(engine, found)
  throw badFile(found.path, 'is of a format not read')
}

/**
 * What to say of a file that failed. Our own errors are safe; the engine's quote rows, which hold tokens, so only their
 * kind is told.
 */
export function fileError(path: string, error: unknown): string {
  if (error instanceof KeyhoundError && error.code !== 'internal') return error.message
  const text = String((error as Error)?.message ?? '')
  if (/out of memory|Out of Memory/.test(text))
    return `${path}: does not fit into the engine's memory; split it`
  if (/No space left/i.test(text)) return `${path}: the disk is full`
  const kind = /^(\w+(?: \w+)?) Error:/.exec(text)?.[1]
  return `${path}: is damaged or cut off: reading it stopped half-way${kind === undefined ? '' : ` (${kind} error)`}; fetch or write it again`
}
