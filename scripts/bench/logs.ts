import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { keyhound } from './keyhound.ts'
import { progress } from './lib.ts'

/** First day of the simulated logs, and how many there are. */
export const START = '2026-09-01'
export const DAYS = 36

/** Days to learn from: the first 21, without attacks. The others are scored. */
const TRAINING_DAYS = 21
export const UNTIL = '2026-09-22'

/** Tokens grow with events, so that ten times the events are ten times the token-hours. */
const TOKENS_PER_MILLION = 700

/** Simulated logs, CSV a day. */
export interface Logs {
  /** As asked for: 1m, 3m-6300t. */
  readonly size: string
  readonly events: string
  readonly inventory: string
}

/** What `ingest` and `run` are told of simulated logs. */
export function ingestArguments({ events, inventory }: Logs): string[] {
  return [events, '--inventory', inventory, '--tokens', 'identifier']
}

/** Writes the logs of a size below a folder, unless they lie there already: `logs-1m`. */
export async function simulateLogs(size: string, folder: string): Promise<Logs> {
  const out = join(folder, `logs-${size}`)
  const { events, tokens } = parseSize(size)
  if (!existsSync(join(out, 'events'))) {
    progress(`${size}: simulating about ${events} events of ${tokens} tokens`)
    const unfinished = `${out}.unfinished`
    rmSync(unfinished, { recursive: true, force: true })
    const options = {
      out: unfinished,
      tokens,
      days: DAYS,
      events,
      seed: 1,
      start: START,
      'attack-from-day': TRAINING_DAYS,
      format: 'csv',
    }
    await keyhound([
      'simulate',
      ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ])
    renameSync(unfinished, out)
  }
  return { size, events: join(out, 'events'), inventory: join(out, 'tokens.csv') }
}

/** "10m" -> 10,000,000 events of 7,000 tokens; "3m-6300t" names the tokens. */
export function parseSize(size: string): { events: number; tokens: number } {
  const parts = /^(\d+(?:\.\d+)?)([km]?)(?:-(\d+)t)?$/i.exec(size)
  if (parts === null) {
    throw new Error(
      `a size is a number of events such as 200k, 1.06m or 3m-6300t (of 6300 tokens); got "${size}"`,
    )
  }
  const events = Math.round(Number(parts[1]) * { '': 1, k: 1e3, m: 1e6 }[parts[2]!.toLowerCase()]!)
  const tokens = parts[3] === undefined ? Math.round((events / 1e6) * TOKENS_PER_MILLION) : Number(parts[3])
  return { events, tokens: Math.max(20, tokens) }
}
