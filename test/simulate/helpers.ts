import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentProgress } from '../../src/schema/run.ts'
import {
  DEFAULTS,
  type SimulateOptions,
  type SimulateSummary,
  simulate,
} from '../../src/simulate/simulate.ts'
import { type Engine, quoteText } from '../../src/sql/duckdb.ts'

/** Small, quick, and spanning the end of a month. */
export const SMALL: SimulateOptions = {
  ...DEFAULTS,
  tokens: 60,
  days: 14,
  events: 8_000,
  seed: 5,
  start: new Date('2026-09-21T00:00:00Z'),
  attackFromDay: 7,
  incidents: 10,
}

const folders: string[] = []

/** Simulates into a fresh folder, which {@link forgetRuns} removes. */
export async function run(
  engine: Engine,
  options: Partial<SimulateOptions> & { format?: 'parquet' | 'csv' } = {},
): Promise<{ out: string; summary: SimulateSummary; events: string; table(name: string): string }> {
  const out = mkdtempSync(join(tmpdir(), 'keyhound-simulate-'))
  folders.push(out)
  const summary = await simulate(engine, out, { ...SMALL, ...options }, silentProgress)
  const events =
    options.format === 'csv'
      ? `read_csv(${quoteText(join(out, 'events/*.csv'))}, all_varchar = true)`
      : `read_parquet(${quoteText(join(out, 'events/*.parquet'))})`
  return {
    out,
    summary,
    events,
    table: name => `read_csv(${quoteText(join(out, name))}, all_varchar = true, header = true)`,
  }
}

export function forgetRuns(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

/** Every file below a folder: path -> bytes as base64. */
export function contents(folder: string): Record<string, string> {
  const out: Record<string, string> = {}
  for (const name of readdirSync(folder, { recursive: true }) as string[])
    if (/\.(csv|parquet)$/.test(name)) out[name] = readFileSync(join(folder, name)).toString('base64')
  return out
}
