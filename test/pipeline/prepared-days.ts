import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../src/pipeline/context.ts'
import { prepare } from '../../src/pipeline/prepare.ts'
import { ACTIVITY_TABLES, partition } from '../../src/sql/workspace.ts'
import { momentOf, type TinyEvent } from '../activity/tiny-world.ts'

/** Where a run of all tests keeps the days that it has prepared; set before the first one. */
export const MEMORY = 'KEYHOUND_TEST_MEMORY'

const TABLES = [...ACTIVITY_TABLES, 'features', 'history'] as const

/**
 * Prepares the first days of a world, up to the first that `isOwn` of a test, or takes them over from a test that had the same ones
 * before: the stamps of the product itself say whether they fit.
 */
export async function prepareDays(
  context: Context,
  events: readonly TinyEvent[],
  isOwn: (event: TinyEvent) => boolean,
): Promise<void> {
  const memory = process.env[MEMORY]
  if (memory === undefined) return
  const keys = keysOf(events, isOwn)
  const known = keys.findIndex(([, key]) => !existsSync(join(memory, key)))
  const recalled = known < 0 ? keys : keys.slice(0, known)
  for (const [day, key] of recalled) {
    for (const table of TABLES)
      cpSync(join(memory, key, table), partition(context.workspace[table], day), { recursive: true })
  }
  const missing = keys.slice(recalled.length)
  if (missing.length === 0) return
  await prepare(context, { until: missing.at(-1)![0], held: [] })
  for (const [day, key] of missing) remember(context, day, join(memory, key))
}

/** Days and, for each, a digest of all events up to its end. */
function keysOf(events: readonly TinyEvent[], isOwn: (event: TinyEvent) => boolean): [string, string][] {
  const byDay = new Map<string, TinyEvent[]>()
  for (const event of events) {
    const day = new Date(momentOf(event.time)).toISOString().slice(0, 10)
    byDay.set(day, [...(byDay.get(day) ?? []), event])
  }
  const days = [...byDay.keys()].sort().slice(0, -1)
  const own = days.findIndex(day => byDay.get(day)!.some(isOwn))
  let past = ''
  return days.slice(0, own < 0 ? days.length : own).map(day => {
    past = createHash('sha256')
      .update(JSON.stringify([past, byDay.get(day)]))
      .digest('hex')
      .slice(0, 24)
    return [day, past]
  })
}

function remember({ workspace }: Context, day: string, folder: string): void {
  mkdirSync(join(folder, '..'), { recursive: true })
  const temporary = mkdtempSync(`${folder}-`)
  for (const table of TABLES)
    cpSync(partition(workspace[table], day), join(temporary, table), { recursive: true })
  try {
    renameSync(temporary, folder)
  } catch {
    // Another worker was first, with the same.
    rmSync(temporary, { recursive: true })
  }
}
