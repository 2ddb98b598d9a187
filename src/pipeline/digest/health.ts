import { gapText, readGaps } from '../../engine/gaps.ts'
import { median } from '../../lib/stats.ts'
import type { DigestData, DigestRuns } from '../../schema/digest.ts'
import type { RunRecord } from '../../schema/run.ts'
import { quoteText } from '../../sql/duckdb.ts'
import { listParquet, partition } from '../../sql/workspace.ts'
import { listRuns } from '../../state/runs.ts'
import { hasState, withState } from '../../state/state.ts'
import type { Context } from '../context.ts'
import { DAY_MS, daysOf, type Period } from './period.ts'

const FAILURES_TOLD = 5
/** Runs read at once, newest first; a watcher makes thousands a day. */
const PAGE = 1000

/** What the log and the jobs of a period were like. */
export async function readHealth(
  context: Context,
  period: Period,
  eventsByDay: ReadonlyMap<string, number>,
  unscoredDays: readonly string[],
): Promise<DigestData> {
  const runs = await readRuns(context, period)
  const sum = (of: (run: RunRecord) => number | undefined) =>
    runs.reduce((total, run) => total + (of(run) ?? 0), 0)
  const lags = runs
    .flatMap(run => (run.status === 'done' ? (run.figures?.lagSeconds ?? []) : []))
    .sort((a, b) => a - b)
  const before = new Date(2 * period.from.getTime() - period.to.getTime())
  const eventsOf = (days: readonly string[]) =>
    days.reduce((total, day) => total + (eventsByDay.get(day) ?? 0), 0)
  const gaps = readGaps(context.workspace)
  return {
    events: eventsOf(daysOf(period)),
    eventsBefore: eventsOf(daysOf({ from: before, to: period.from, week: null })),
    unscoredDays,
    runs: countRuns(runs),
    failures: runs
      .filter(run => run.status === 'failed')
      .slice(0, FAILURES_TOLD)
      .map(run => ({ command: run.command, at: run.startedAt.toISOString(), error: run.error ?? 'unknown' })),
    rowsRead: sum(run => run.figures?.rows),
    rowsRejected: sum(run => run.figures?.rejects),
    medianLagSeconds: lags.length === 0 ? null : median(lags),
    longestLagSeconds: lags.at(-1) ?? null,
    gaps: gaps.filter(gap => gap.finish > period.from && gap.start < period.to).map(gapText),
  }
}

async function readRuns({ workspace }: Context, { from, to }: Period): Promise<RunRecord[]> {
  if (!hasState(workspace)) return []
  return withState(workspace, async state => {
    const found: RunRecord[] = []
    for (let before: number | undefined; ; ) {
      const page = await listRuns(state, { limit: PAGE, ...(before !== undefined && { before }) })
      found.push(...page.filter(run => run.startedAt >= from && run.startedAt < to))
      // Numbers rise with time but for clocks that differ; a day's grace covers those.
      const oldest = page.at(-1)
      if (oldest === undefined || page.length < PAGE || oldest.startedAt.getTime() < from.getTime() - DAY_MS)
        return found
      before = oldest.runId
    }
  })
}

function countRuns(runs: readonly RunRecord[]): DigestRuns[] {
  const byCommand = new Map<RunRecord['command'], RunRecord[]>()
  for (const run of runs) byCommand.set(run.command, [...(byCommand.get(run.command) ?? []), run])
  return [...byCommand]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([command, of]) => {
      const byStatus: Partial<Record<RunRecord['status'], number>> = {}
      for (const { status } of of) byStatus[status] = (byStatus[status] ?? 0) + 1
      return { command, count: of.length, byStatus }
    })
}

/** Events of each of the days, from the footers of their files: nothing is scanned. */
export async function countEvents(
  { engine, workspace }: Context,
  days: readonly string[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const day of days) {
    const files = listParquet(partition(workspace.events, day))
    if (files.length === 0) continue
    const [row] = await engine.rows<{ n: number }>(
      `SELECT sum(num_rows)::DOUBLE AS n FROM parquet_file_metadata([${files.map(quoteText).join(', ')}])`,
    )
    counts.set(day, row!.n)
  }
  return counts
}
