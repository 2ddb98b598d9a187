import { staleFeatureDays } from '../engine/stamps.ts'
import { KeyhoundError } from '../lib/errors.ts'
import type { Change } from '../schema/change.ts'
import { defaultConfig } from '../schema/config.ts'
import type { AlertChange, ReplayReport } from '../schema/replay.ts'
import { SCORE_COLUMNS } from '../schema/scores.ts'
import { timestampLiteral } from '../sql/duckdb.ts'
import { readStamp } from '../sql/stamp.ts'
import { createView, listDays, partition } from '../sql/workspace.ts'
import { readBatch, type WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import { readRulings } from './held.ts'
import { catalogueOf } from './own-features.ts'
import { mergeConfig } from './replay/aside.ts'
import { type Entity, entityDay, readStored, type StoredAlert } from './replay/entity.ts'
import { readKnown } from './replay/known-incidents.ts'
import { replayNotes } from './replay/notes.ts'
import { describeSide, needsTraining, readRecords, type Side, sideAfter, sideBefore } from './replay/sides.ts'
import { addDay, incidentsOnlyIn, openTally, type SideDay, sideDay, sideReport } from './replay/tally.ts'
import { scoreDay } from './score-day.ts'

/** What to try, over which stored hours. */
export interface ReplayOptions {
  /** What to try. */
  change: Change
  /** The model that it is held against, as one names it. @default the one that made each day's scores */
  against?: string
  /** UTC, inclusive; its hour is replayed whole. @default the first hour scored */
  from?: Date
  /** UTC, exclusive. @default the end of the last hour scored */
  to?: Date
  /** Known misuse: CSV, Parquet or JSONL. @default alerts called true_positive */
  labels?: string
  /** A folder that may be written to and thrown away: models trained for the change lie there. */
  scratch: string
  /** Who owns suppressions that name nobody. */
  owner: string
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * What a change would have made of the stored history: every day is scored twice, as it was and with the change, on the way that
 * scoring takes, and the alerts are compared. Nothing is published and nothing in the workspace changes.
 */
export async function replay(context: Context, options: ReplayOptions): Promise<ReplayReport> {
  const { progress } = context
  const { change } = options
  const { from, to, days } = await replayPeriod(context, options)
  await refuseStale(context, change, days)
  const entity: Entity = change.entity ?? 'token'
  const records = await readRecords(context, days)
  const stored = await readStored(context, days, from, to)
  const known = await readKnown(context, days, stored, entity, options.labels)
  const asScored = await sideBefore(context, records)
  refuseUnknownSuppressions(change, asScored)
  const sideOptions = { ...options, labels: options.labels }
  const before =
    options.against === undefined
      ? asScored
      : await sideAfter(asScored, { model: options.against }, sideOptions)
  const after = await sideAfter(asScored, change, sideOptions)

  const tally = openTally()
  const differing = { count: 0 }
  progress.start('replay', days.length)
  for (const day of days) {
    const where = `window_start >= ${timestampLiteral(from)} AND window_start < ${timestampLiteral(to)}`
    const { own } = catalogueOf(context)
    const batch = await readBatch(context.engine, context.workspace, [day], { where, own })
    const isShared = after.context.workspace === context.workspace && after.leaveOut.length === 0
    const changed = isShared
      ? batch
      : await readBatch(context.engine, after.context.workspace, [day], {
          where,
          leaveOut: after.leaveOut,
          own,
        })
    const was = await scoreSide(before, day, batch, entity)
    addDay(tally, known, was, await scoreSide(after, day, changed, entity))
    differing.count += countDiffering(
      stored.filter(alert => alert.day === day),
      was,
      entity,
    )
    progress.step(1, day)
  }
  progress.done()

  const config = context.config ?? defaultConfig()
  const { minutesPerAlert } = mergeConfig(config, change.config).alerts
  const size = { days: days.length, minutesPerAlert }
  const report = {
    change,
    from,
    to,
    ...size,
    before: sideReport(tally.before, size, describeSide(before)),
    after: sideReport(tally.after, size, describeSide(after)),
    kept: tally.kept,
    gained: worstFirst(tally.gained, alert => alert.riskAfter),
    lost: worstFirst(tally.lost, alert => alert.riskBefore),
    incidents: {
      knownFrom: known.from,
      known: known.incidents.size,
      gained: incidentsOnlyIn(known, tally.after.found, tally.before.found),
      lost: incidentsOnlyIn(known, tally.before.found, tally.after.found),
    },
    stored: {
      alerts: stored.filter(alert => alert.status !== 'suppressed').length,
      differing: differing.count,
    },
  }
  const rebuilt = days.filter(day => {
    const stamp = readStamp(partition(context.workspace.features, day)) ?? ''
    const record = records.get(day)
    return record !== null && record !== undefined && record.featureStamp !== stamp
  })
  const unrecorded = days.filter(day => records.get(day) === null)
  return {
    ...report,
    notes: replayNotes(report, before, after, { rebuilt, unrecorded, leaveOut: after.leaveOut }),
  }
}

async function scoreSide(side: Side, day: string, batch: WindowBatch, entity: Entity): Promise<SideDay> {
  const setting = side.settings.get(day)!
  const scored = await scoreDay(side.context, day, batch, { ...setting, history: side.history })
  return sideDay(scored, batch.keys, day, { ...side, entity })
}

/** Entity-days that only one of the stored alerts and the replayed ones shows. */
function countDiffering(stored: readonly StoredAlert[], side: SideDay, entity: Entity): number {
  const shown = new Set(
    stored.filter(alert => alert.status !== 'suppressed').map(alert => entityDay(alert, entity)),
  )
  const missing = [...side.shown.keys()].filter(key => !shown.has(key)).length
  return missing + [...shown].filter(key => !side.shown.has(key)).length
}

/** Days of known incidents first, then by risk. */
function worstFirst(
  changes: readonly AlertChange[],
  riskOf: (alert: AlertChange) => number | null,
): AlertChange[] {
  return [...changes].sort(
    (a, b) =>
      Math.min(b.incidents.length, 1) - Math.min(a.incidents.length, 1) ||
      (riskOf(b) ?? 0) - (riskOf(a) ?? 0) ||
      a.day.localeCompare(b.day) ||
      a.tokenId.localeCompare(b.tokenId),
  )
}

async function replayPeriod({ engine, workspace }: Context, options: ReplayOptions) {
  await createView(engine, 'scores', workspace.scores, SCORE_COLUMNS)
  const [row] = await engine.rows<{ first: Date | null; last: Date | null }>(
    'SELECT min(window_start) AS first, max(window_end) AS last FROM scores',
  )
  const { first, last } = row!
  if ((options.from ?? first) === null || (options.to ?? last) === null) {
    throw new KeyhoundError(
      'not-found',
      `nothing is scored in ${workspace.scores} yet, so there is no history to replay; run keyhound score, or say --from and --to`,
    )
  }
  const from = new Date(Math.floor((options.from ?? first!).getTime() / HOUR_MS) * HOUR_MS)
  const to = options.to ?? last!
  const known = listDays(workspace.features)
  const days = known.filter(
    day => Date.parse(day) + DAY_MS > from.getTime() && Date.parse(day) < to.getTime(),
  )
  if (days.length > 0) return { from, to, days }
  throw new KeyhoundError(
    'bad-input',
    `no features between ${from.toISOString()} and ${to.toISOString()}; there are days from ${known[0]} to ${known.at(-1)}`,
  )
}

/** Replay builds nothing in the workspace: what it reads must be up to date, and where it trains, everything must be. */
async function refuseStale(context: Context, change: Change, days: readonly string[]): Promise<void> {
  const { workspace } = context
  const stale = staleFeatureDays(workspace, await readRulings(context), catalogueOf(context))[0]
  if (stale === undefined) return
  if (stale > days.at(-1)! && (!needsTraining(change) || change.entity === 'principal')) return
  throw new KeyhoundError(
    'conflict',
    `events or feature definitions changed since the features from ${stale} on were made, and a replay changes nothing in ` +
      `the workspace. Bring them up to date first: keyhound score --from ${stale}`,
  )
}

function refuseUnknownSuppressions({ suppressions }: Change, { suppressions: present }: Side): void {
  const unknown = (suppressions?.remove ?? []).filter(id => !present.some(one => one.suppressionId === id))
  if (unknown.length === 0) return
  throw new KeyhoundError(
    'not-found',
    `no suppression ${unknown.join(', ')} is in force; \`keyhound alerts suppress\` lists them`,
  )
}
