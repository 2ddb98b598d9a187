import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type IngestError,
  type IngestOptions,
  type IngestSummary,
  ingest,
} from '../../src/pipeline/ingest.ts'
import { EVENT_COLUMNS } from '../../src/schema/event.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { createView, openWorkspace, type Workspace } from '../../src/sql/workspace.ts'

/** A workspace of its own below the system's temporary folder, with files written into it and ingest at hand. */
export interface Bench {
  readonly engine: Engine
  readonly workspace: Workspace
  /** Writes a file beside the workspace and answers its path. */
  write(name: string, content: string | Buffer): string
  ingest(paths: string | string[], options?: Partial<IngestOptions>): Promise<IngestSummary>
  /** What ingest throws; fails the test when it does not. */
  failure(paths: string | string[], options?: Partial<IngestOptions>): Promise<IngestError>
  events(columns?: string, rest?: string): Promise<Record<string, unknown>[]>
  rejects(): Promise<{ file: string; row: number | null; reason: string }[]>
  /** Every file of the workspace with its content, sorted by path. */
  files(): Map<string, Buffer>
}

export const NOW = new Date('2026-11-01T00:00:00Z')

export async function createBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-ingest-'))
  const engine = await openEngine({ threads: 2, temporaryFolder: join(folder, 'spill') })
  const workspace = openWorkspace(join(folder, 'workspace'))
  const run = (paths: string | string[], options: Partial<IngestOptions> = {}) =>
    ingest({ engine, workspace, progress: silentProgress, now: NOW }, { paths: [paths].flat(), ...options })
  return {
    engine,
    workspace,
    write(name, content) {
      const path = join(folder, 'logs', name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
      return path
    },
    ingest: run,
    async failure(paths, options) {
      const outcome = await run(paths, options).catch((error: unknown) => error)
      if (outcome instanceof Error) return outcome as IngestError
      throw new Error('ingest accepted what it should refuse')
    },
    async events(columns = '*', rest = 'ORDER BY time, event_id') {
      await createView(engine, 'events', workspace.events, EVENT_COLUMNS)
      return engine.rows(`SELECT ${columns} FROM events ${rest}`)
    },
    rejects: () =>
      engine.rows(
        `SELECT parse_filename(file) AS file, "row", reason FROM read_parquet('${workspace.rejects}/*.parquet') ORDER BY ALL`,
      ),
    files() {
      const found = new Map<string, Buffer>()
      const walk = (path: string): void => {
        if (!existsSync(path)) return
        for (const name of readdirSync(path).sort()) {
          const inside = join(path, name)
          if (statSync(inside).isDirectory()) walk(inside)
          // The state notes each run, failed ones too.
          else if (!name.startsWith('state.db'))
            found.set(inside.slice(workspace.root.length + 1), readFileSync(inside))
        }
      }
      walk(workspace.root)
      return found
    },
  }
}

export const HEADER = 'time,token_id,method,path,status'
export const row = (i: number, token = 'tok_secret_value_1') =>
  `2026-10-05T01:00:${String(i % 60).padStart(2, '0')}Z,${token},GET,/v1/tasks/${i},200`
export const csv = (rows: readonly string[]) => `${[HEADER, ...rows].join('\n')}\n`
