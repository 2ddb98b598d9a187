import { eventStamp } from '../engine/stamps.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { defaultConfig } from '../schema/config.ts'
import { SCORE_COLUMNS } from '../schema/scores.ts'
import type { Engine } from '../sql/duckdb.ts'
import { createView, dayOf, listDays, readMetadata, type Workspace } from '../sql/workspace.ts'
import type { Context } from './context.ts'
import type { Model } from './models.ts'
import { newestEvent } from './newest-event.ts'
import { ACTIVITY_STAMP, SCORED_TO, scoresFile } from './provenance.ts'
import { clockOf } from './run.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** What a run scores. */
export interface ScoringPeriod {
  /** UTC, inclusive, on the hour. */
  readonly from: Date
  /** UTC, exclusive. */
  readonly to: Date
  /** UTC days that the period touches, ascending. */
  readonly days: readonly string[]
  /** Scored days that events came to later: scored again, and those too old for that. */
  readonly late: { readonly again: readonly string[]; readonly older: readonly string[] }
}

/** The period asked for; where none is, what lies between the last hour scored and the watermark, and what came late before it. */
export async function scoringPeriod(
  context: Context,
  asked: { readonly from?: Date; readonly to?: Date },
  model: Model,
): Promise<ScoringPeriod> {
  const { engine, workspace } = context
  const known = listDays(workspace.events)
  const endOfLog = new Date(Date.parse(known.at(-1)!) + DAY_MS)
  const isAsked = asked.from !== undefined || asked.to !== undefined
  const resumed = asked.from === undefined ? await resumeFrom(engine, workspace, model, known) : null
  const late = isAsked ? { again: [], older: [] } : await lateDays(context, resumed!)
  const start =
    asked.from ?? (late.again[0] === undefined ? resumed! : new Date(`${late.again[0]}T00:00:00Z`))
  const from = new Date(Math.floor(start.getTime() / HOUR_MS) * HOUR_MS)
  const to = asked.to ?? (isAsked ? endOfLog : earlier(endOfLog, await watermark(context, known)))
  const days = known.filter(
    day => from < to && Date.parse(day) + DAY_MS > from.getTime() && Date.parse(day) < to.getTime(),
  )
  if (days.length === 0 && isAsked) {
    const span = `${from.toISOString()} to ${to.toISOString()}`
    throw new KeyhoundError(
      'bad-input',
      `nothing to score in ${span}; the log runs from ${known[0]} to ${known.at(-1)}`,
    )
  }
  return { from, to, days, late }
}

/** Where the last run ended; before any, the end of the training period, or all of the log if it ends there. */
async function resumeFrom(
  engine: Engine,
  workspace: Workspace,
  model: Model,
  known: readonly string[],
): Promise<Date> {
  const scored = listDays(workspace.scores).at(-1)
  if (scored !== undefined) {
    const last = await scoredTo(engine, workspace, scored)
    if (last !== null) return last
  }
  const until = new Date(model.manifest.training.until)
  const isBeyond = until.getTime() >= Date.parse(known.at(-1)!) + DAY_MS
  return isBeyond ? new Date(`${known[0]}T00:00:00Z`) : until
}

/** Up to where a day's scores go; those of earlier versions say it by their last hour only. */
async function scoredTo(engine: Engine, workspace: Workspace, day: string): Promise<Date | null> {
  await createView(engine, 'scores', workspace.scores, SCORE_COLUMNS, [day])
  const [row] = await engine.rows<{ last: Date | null }>('SELECT max(window_end) AS last FROM scores')
  if (row!.last === null) return null
  const said = (await readMetadata(engine, scoresFile(workspace, day))).get(SCORED_TO)
  return said === undefined ? row!.last : new Date(said)
}

/**
 * The hour up to which the log is taken to be complete: as far back as events may be late, from now or, where the log is ahead of
 * that, from its last event.
 */
async function watermark(context: Context, known: readonly string[]): Promise<Date> {
  const { config = defaultConfig() } = context
  const newest = await newestEvent(context, known)
  const reached = Math.max(newest.getTime(), clockOf(context)().getTime())
  const sure = reached - 60_000 * config.scoring.latenessMinutes
  return new Date(Math.floor(sure / HOUR_MS) * HOUR_MS)
}

/** Days before the one to go on with whose activity is no longer what their scores were made of. */
async function lateDays(
  { engine, workspace, config = defaultConfig() }: Context,
  resumed: Date,
): Promise<ScoringPeriod['late']> {
  const before = listDays(workspace.scores).filter(day => day < dayOf(resumed))
  const changed: string[] = []
  for (const day of before) {
    const stamp = (await readMetadata(engine, scoresFile(workspace, day))).get(ACTIVITY_STAMP)
    if (stamp !== undefined && stamp !== eventStamp(workspace, day)) changed.push(day)
  }
  const oldest = dayOf(new Date(resumed.getTime() - config.scoring.lateDays * DAY_MS))
  return { again: changed.filter(day => day >= oldest), older: changed.filter(day => day < oldest) }
}

/**
 * What is scored of a day: the hours of the period, and those that were scored before, since a day is published whole and an alert is
 * a whole token-day.
 */
export async function spanOfDay(
  { engine, workspace }: Context,
  day: string,
  { from, to }: Pick<ScoringPeriod, 'from' | 'to'>,
): Promise<{ from: Date; to: Date }> {
  const end = earlier(to, new Date(Date.parse(day) + DAY_MS))
  const last = listDays(workspace.scores).includes(day) ? await scoredTo(engine, workspace, day) : null
  if (last === null) return { from, to: end }
  const [row] = await engine.rows<{ first: Date }>('SELECT min(window_start) AS first FROM scores')
  return { from: earlier(row!.first, from), to: new Date(Math.max(last.getTime(), end.getTime())) }
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b
}
