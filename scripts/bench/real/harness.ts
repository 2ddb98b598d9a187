import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Context } from '../../../src/pipeline/context.ts'
import { silentProgress } from '../../../src/schema/run.ts'
import { type Engine, openEngine, quoteText } from '../../../src/sql/duckdb.ts'
import { openWorkspace } from '../../../src/sql/workspace.ts'

/** Folder of the real data sets: they belong to others and are no part of the project. */
export const DATASETS =
  process.env.KEYHOUND_DATASETS ?? fileURLToPath(new URL('../../../../shared/datasets', import.meta.url))

export function hasDataset(name: string): boolean {
  return existsSync(join(DATASETS, name))
}

export function datasetFile(name: string, file = 'data.parquet'): string {
  return join(DATASETS, name, file)
}

/** A fresh workspace below `scratch`, an engine of its own, and a folder beside it for what is ingested. */
export interface Trial {
  readonly context: Context
  /** Path of a file beside the workspace. */
  file(name: string): string
  /** Writes the answer of a query as a Parquet file beside the workspace; answers its path. */
  write(name: string, sql: string): Promise<string>
}

/** Runs `work` in a workspace of its own; the engine is closed after it. */
export async function withTrial<T>(scratch: string, work: (trial: Trial) => Promise<T>): Promise<T> {
  const inputs = join(scratch, 'inputs')
  mkdirSync(inputs, { recursive: true })
  const engine = await openEngine()
  const workspace = openWorkspace(join(scratch, 'workspace'))
  const file = (name: string) => join(inputs, name)
  try {
    return await work({
      context: { engine, workspace, progress: silentProgress, now: NOW },
      file,
      async write(name, sql) {
        await copyTo(engine, sql, file(name))
        return file(name)
      },
    })
  } finally {
    engine.close()
  }
}

/** When the trials run, by their own clock: results repeat to the last digit. */
const NOW = new Date('2026-11-21T00:00:00Z')

async function copyTo(engine: Engine, sql: string, path: string): Promise<void> {
  const format = path.endsWith('.csv') ? 'csv, HEADER' : 'parquet'
  await engine.run(`COPY (${sql}) TO ${quoteText(path)} (FORMAT ${format})`)
}
