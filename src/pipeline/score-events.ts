import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createScratch } from '../ingest/scratch.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { defaultConfig } from '../schema/config.ts'
import { silentProgress } from '../schema/run.ts'
import type { Reason, Severity } from '../schema/scores.ts'
import { listDays, listParquet, partition, publishQuery } from '../sql/workspace.ts'
import { readLinkDecisions } from '../state/lineage.ts'
import { asideOf, intakeOf } from './aside-workspace.ts'
import { parquet, readBatch, type WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import { readFilterGuard } from './filter-guard.ts'
import { clearedOn, heldAmong, holdBounds, readHeld } from './held.ts'
import { type IngestError, type IngestOptions, type IngestSummary, ingestAlone } from './ingest.ts'
import type { Model } from './models.ts'
import { catalogueOf } from './own-features.ts'
import { prepare } from './prepare.ts'
import { referenceOf } from './provenance.ts'
import { alertsBefore } from './score.ts'
import { type ScoredDay, type Scorer, scoreDay } from './score-day.ts'

/** Events to score: as rows whose fields are named as in a log, or as bytes of a log file, or as files. */
export type EventSource =
  | { readonly rows: readonly Readonly<Record<string, unknown>>[] }
  | { readonly bytes: Uint8Array; readonly format: EventFormat }
  | { readonly paths: readonly string[] }

/** What bytes of events may be. */
export const EVENT_FORMATS = ['jsonl', 'json', 'csv', 'arrow', 'parquet'] as const
export type EventFormat = (typeof EVENT_FORMATS)[number]

/** How the events are read: as `ingest` reads them. */
export type EventOptions = Pick<
  IngestOptions,
  'source' | 'map' | 'tokens' | 'tenant' | 'mmdb' | 'networkTypes'
>

/** A token-hour that events fell into, scored with everything that is known of it. */
export interface ScoredHour {
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  /** UTC, start of the hour. */
  readonly windowStart: Date
  /** Of the events given, how many fell into it. */
  readonly events: number
  /** Log-odds of misuse up to a constant; higher = more anomalous. */
  readonly score: number
  /** 0-100, calibrated, after the filter. */
  readonly risk: number
  readonly severity: Severity
  /** 0-1: how much history stands behind the baselines. */
  readonly maturity: number
  /** 0-1; null without a filter, and for token-hours too quiet to ask it. */
  readonly filterProbability: number | null
  /** Calibrated surprise of each detector, nats. */
  readonly detectors: Readonly<Record<string, number>>
  /** Strongest first; empty for token-hours that nobody would be shown. */
  readonly reasons: readonly Reason[]
}

/** The token-hours that events fell into, scored, and what was read of them. */
export interface EventScores {
  /** name@version. */
  readonly model: string
  /** By time, tenant and token. */
  readonly hours: readonly ScoredHour[]
  /** Records read, and those that could not become events, by reason. */
  readonly read: number
  readonly rejected: number
  readonly rejectsByReason: Readonly<Record<string, number>>
}

/**
 * Scores events as if they had been ingested and their hours scored, and publishes nothing: they go the whole road, beside what is
 * stored, in a scratch folder. The numbers are those that ingesting them now and scoring their days would publish, to the last bit.
 * Events that are stored already count once. Throws `bad-input` when the events cannot be read.
 */
export async function scoreEvents(
  context: Context,
  model: Model,
  source: EventSource,
  options: EventOptions = {},
): Promise<EventScores> {
  const { workspace } = context
  const scratch = createScratch(join(workspace.root, 'data'))
  const quiet = { ...context, progress: silentProgress }
  try {
    const intake = intakeOf(workspace, join(scratch, 'intake'))
    const paths = pathsOf(source, scratch)
    const summary = await usable(ingestAlone({ ...quiet, workspace: intake }, { ...options, paths }))
    const days = listDays(intake.events)
    const hours = days.length === 0 ? [] : await scoreAside(quiet, intake.events, days, model, scratch)
    return answer(model, hours, summary)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** What an ingest kept, though some of it could not be used; throws only where nothing could. */
export async function usable(ingesting: Promise<IngestSummary>): Promise<IngestSummary> {
  try {
    return await ingesting
  } catch (error) {
    const summary = error instanceof KeyhoundError ? (error as Partial<IngestError>).summary : undefined
    if (summary === undefined || summary.added + summary.duplicates === 0) throw error
    return summary
  }
}

export function answer(
  model: Model,
  hours: ScoredHour[],
  { read, rejected, rejectsByReason }: Pick<IngestSummary, 'read' | 'rejected' | 'rejectsByReason'>,
): EventScores {
  return { model: referenceOf(model), hours, read, rejected, rejectsByReason }
}

function pathsOf(source: EventSource, scratch: string): readonly string[] {
  if ('paths' in source) return source.paths
  const folder = join(scratch, 'given')
  mkdirSync(folder)
  const file = join(folder, `events.${'bytes' in source ? source.format : 'jsonl'}`)
  if ('bytes' in source) {
    if (source.bytes.length === 0) throw new KeyhoundError('bad-input', 'there are no events to score')
    writeFileSync(file, source.bytes)
    return [file]
  }
  if (source.rows.length === 0) throw new KeyhoundError('bad-input', 'there are no events to score')
  writeFileSync(file, source.rows.map(row => JSON.stringify(row)).join('\n'))
  return [file]
}

/** The new events beside the stored ones, up the road from activity to judgements. */
async function scoreAside(
  context: Context,
  given: string,
  days: readonly string[],
  model: Model,
  scratch: string,
): Promise<ScoredHour[]> {
  const { engine, workspace } = context
  const first = days[0]!
  const held = await readHeld(context, first)
  const rulings = { held, links: await readLinkDecisions(workspace) }
  const aside = asideOf(workspace, join(scratch, 'aside'), days, { rulings, catalogue: catalogueOf(context) })
  for (const day of days) {
    const stored = listParquet(partition(workspace.events, day))
    // With the tenant: another one's event of the same id, token and moment is no duplicate.
    const known =
      stored.length === 0 ? '' : `ANTI JOIN ${parquet(stored)} x USING (tenant_id, event_id, time, token_id)`
    const fresh = `FROM ${parquet(listParquet(partition(given, day)))} e ${known}`
    const [count] = await engine.rows<{ n: number }>(`SELECT count(*) AS n ${fresh}`)
    // As ingest does: a day to which nothing comes stays as it is.
    if (count!.n === 0) continue
    const sql = `SELECT e.* ${fresh} ORDER BY e.time, e.event_id`
    // Named apart from those of other requests: stamps of days are made of names and sizes.
    await publishQuery(engine, sql, join(partition(aside.events, day), `given-${randomUUID()}.parquet`))
  }
  const scorer = await scorerOf(context, model, days)
  const cleared = await clearedOn(context)
  const there = { ...context, workspace: aside }
  const wanted = await loadGiven(context, given, days)
  const scored: ScoredHour[] = []
  // What is alerted on one day is no habit on the next: days between are scored, too, and whole.
  for (const day of listDays(aside.events).filter(one => one >= first && one <= days.at(-1)!)) {
    await prepare(there, { until: day, held })
    const where =
      days.length === 1 ? '(tenant_id, token_id) IN (SELECT (tenant_id, token_id) FROM given)' : 'true'
    const batch = await readBatch(engine, aside, [day], { where, own: model.detectors.ownFeatures })
    const found = await scoreDay(there, day, batch, scorer)
    held.push(...heldAmong(found.alerts, cleared, holdBounds(context.config)))
    scored.push(...hoursOf(batch, found, wanted))
  }
  await engine.run('DROP TABLE given')
  return scored
}

/** What `score` would score these days with: the filter where it is not switched off, and the alerts before them. */
export async function scorerOf(context: Context, model: Model, days: readonly string[]): Promise<Scorer> {
  const { filter, alerts } = context.config ?? defaultConfig()
  const guard = await readFilterGuard(context, referenceOf(model), model.filter !== null, filter)
  return {
    model: guard.state === 'on' ? model : { ...model, filter: null },
    budgetPerDay: alerts.budgetPerDay,
    history: await alertsBefore(context, days),
  }
}

/** Names a token-hour. */
export const keyOf = (tenantId: string, tokenId: string, windowStart: number) =>
  JSON.stringify([tenantId, tokenId, windowStart])

/** Table `given (tenant_id, token_id)` of the tokens asked for; answers how many events were given for each token-hour. */
async function loadGiven(
  { engine }: Context,
  folder: string,
  days: readonly string[],
): Promise<Map<string, number>> {
  const rows = await engine.rows<{ tenant_id: string; token_id: string; hour: number; events: number }>(
    `SELECT tenant_id, token_id, epoch_ms(date_trunc('hour', time)) AS hour, count(*) AS events
     FROM ${parquet(days.flatMap(day => listParquet(partition(folder, day))))} GROUP BY ALL`,
  )
  await engine.load('given', {
    tenant_id: rows.map(row => row.tenant_id),
    token_id: rows.map(row => row.token_id),
  })
  return new Map(rows.map(row => [keyOf(row.tenant_id, row.token_id, row.hour), row.events]))
}

/** The hours that events were given for. */
export function hoursOf(
  { keys }: Pick<WindowBatch, 'keys'>,
  { scored, judgements }: Pick<ScoredDay, 'scored' | 'judgements'>,
  wanted: ReadonlyMap<string, number>,
): ScoredHour[] {
  const { evidence } = scored
  return judgements.flatMap((judgement, row): ScoredHour[] => {
    const [tenantId, tokenId, start] = [keys.tenantId[row]!, keys.tokenId[row]!, keys.windowStart[row]!]
    const events = wanted.get(keyOf(tenantId, tokenId, start))
    if (events === undefined) return []
    const { risk, severity, maturity, filterProbability, reasons } = judgement
    return [
      {
        tenantId,
        principalId: keys.principalId[row]!,
        tokenId,
        windowStart: new Date(start),
        events,
        score: scored.score[row]!,
        risk,
        severity,
        maturity,
        filterProbability,
        detectors: Object.fromEntries(
          evidence.names.map((name, d) => [name, evidence.data[row * evidence.cols + d]!]),
        ),
        reasons,
      },
    ]
  })
}
