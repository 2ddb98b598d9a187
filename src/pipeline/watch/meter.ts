import type { Progress } from '../../schema/run.ts'
import type { Spool, SpoolEntry } from '../../streams/spool.ts'
import type { IngestSummary } from '../ingest.ts'
import type { ScoreSummary } from '../score.ts'

/** What a watcher did. */
export interface WatchFigures {
  readonly batches: number
  /** Read from the source, added, known already, and kept as rejects. */
  readonly events: number
  readonly added: number
  readonly duplicates: number
  readonly rejected: number
  /** In the queue of the days scored last. */
  readonly alerts: number
  /** From the arrival of the oldest event of a batch to its commit: of the last batch, and the longest. */
  readonly lagSeconds: number
  readonly longestLagSeconds: number
  /** Work on batches by its parts. */
  readonly seconds: { readonly ingest: number; readonly score: number; readonly deliver: number }
  /** How often the source had to wait for room in the spool. */
  readonly timesFull: number
}

/** Counts what a watcher does, and shows it in one line. */
export interface Meter {
  batch(
    unit: readonly SpoolEntry[],
    brought: IngestSummary,
    scored: ScoreSummary | null,
    ms: WatchFigures['seconds'],
    spool: Spool,
  ): void
  full(): void
  say(line: string): void
  figures(): WatchFigures
}

export function createMeter(progress: Progress, clock: () => Date): Meter {
  const seconds = { ingest: 0, score: 0, deliver: 0 }
  const sum = { batches: 0, events: 0, added: 0, duplicates: 0, rejected: 0, timesFull: 0 }
  let alerts = 0
  let lagSeconds = 0
  let longestLagSeconds = 0
  let last = performance.now()
  return {
    batch(unit, brought, scored, ms, spool) {
      sum.batches++
      sum.events += brought.read
      sum.added += brought.added
      sum.duplicates += brought.duplicates
      sum.rejected += brought.rejected
      for (const part of ['ingest', 'score', 'deliver'] as const) seconds[part] += ms[part] / 1000
      if (scored !== null) alerts = scored.alerts
      lagSeconds = Math.max(0, (clock().getTime() - unit[0]!.at.getTime()) / 1000)
      longestLagSeconds = Math.max(longestLagSeconds, lagSeconds)
      const now = performance.now()
      const rate = Math.round((1000 * brought.read) / Math.max(1, now - last))
      last = now
      const took = (ms.ingest + ms.score + ms.deliver) / 1000
      progress.step(
        brought.read,
        `events, ${rate}/s, lag ${lagSeconds.toFixed(1)} s, batch ${took.toFixed(1)} s, ${spool.entries.length} waiting, ${alerts} alerts`,
      )
    },
    full() {
      sum.timesFull++
    },
    say: line => progress.say(line),
    figures: () => ({ ...sum, alerts, lagSeconds, longestLagSeconds, seconds: { ...seconds } }),
  }
}
