import type { WatchOptions } from '../../src/pipeline/watch.ts'
import { configSchema } from '../../src/schema/config.ts'
import type { Workspace } from '../../src/sql/workspace.ts'
import { followFiles } from '../../src/streams/files.ts'
import type { TinyEvent } from '../engine/tiny-world.ts'

/** Of the office, for processes of their own. */
export const officeConfig = configSchema.parse({
  alerts: { budgetPerDay: 0.5 },
  forest: { trees: 30, subsample: 128 },
})

/** A log as a gateway appends it. */
export function linesOf(events: readonly TinyEvent[]): string {
  return events
    .map(event => `${JSON.stringify({ ...event, time: new Date(Number(event.time)).toISOString() })}\n`)
    .join('')
}

/** A file watched in batches small and quick enough for a test. */
export function liveOptions(workspace: Workspace, file: string, now: Date): WatchOptions {
  return {
    open: followFiles({ paths: [file], state: workspace, clock: () => now, graceMs: 100 }),
    everyMs: 50,
    mostEvents: 80,
    untilIdleMs: 200,
    ingest: { tokens: 'identifier' },
  }
}
