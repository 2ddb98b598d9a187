import { KeyhoundError } from '../../lib/errors.ts'
import type { Sketch } from '../../lib/sketch.ts'
import { defaultConfig } from '../../schema/config.ts'
import type { PeriodDrift } from '../../schema/drift.ts'
import { scoreWindows } from '../../scoring/score-windows.ts'
import { listDays } from '../../sql/workspace.ts'
import { readBatch } from '../batch.ts'
import type { Context } from '../context.ts'
import { loadModel, type Model, refuseOtherFeatures } from '../models.ts'
import { catalogueOf } from '../own-features.ts'
import { prepare } from '../prepare.ts'
import { referenceOf } from '../provenance.ts'
import { emptySketches, type KnownReference, mergeAll, readDaySketches, sketchDay } from './day-sketches.ts'
import { measureDrift } from './measure.ts'

export interface DriftOptions {
  /** name or name@version. @default the one that `score` uses */
  model?: string
  /** UTC, inclusive: its whole day. @default a week before `to` */
  from?: Date
  /** UTC, exclusive: days that begin before it. @default after the last day scored, else of the log */
  to?: Date
}

export interface ModelDrift extends PeriodDrift {
  readonly model: string
  /** UTC days, the first and the last. */
  readonly from: string
  readonly to: string
  /** Whether what weighs in the score, or the score itself, has drifted further than the configuration allows. */
  readonly isBeyond: boolean
}

/** Days looked at unless a period is given: a whole week, so that weekends do not pass for drift. */
const PERIOD_DAYS = 7

/** Compares the token-hours of a period with those that a model was trained on. Days that it did not score are scored aside. */
export async function modelDrift(context: Context, options: DriftOptions = {}): Promise<ModelDrift> {
  const { workspace } = context
  const model = await loadModel(workspace, options.model)
  const known = knownReference(model)
  if (known === null)
    throw new KeyhoundError(
      'not-found',
      `model ${referenceOf(model)} was trained before models kept the distributions they were trained on; train it again: keyhound train`,
    )
  const days = daysOf(context, options)
  const missing = days.filter(day => readDaySketches(workspace, day, known) === null)
  if (missing.length > 0) {
    refuseOtherFeatures(model, catalogueOf(context))
    await prepare(context, { until: days.at(-1)! })
  }
  const period = await mergeDays(context, model, known, days)
  return summarise(context, known, period, days)
}

/** Drift over the week that ends with a scored day, from the sketches at hand; null for models without a reference. */
export function driftUpTo(context: Context, model: Model, lastDay: string): ModelDrift | null {
  const known = knownReference(model)
  if (known === null) return null
  const found = weekUpTo(listDays(context.workspace.scores), lastDay).flatMap(day => {
    const sketches = readDaySketches(context.workspace, day, known)
    return sketches === null ? [] : [{ day, sketches }]
  })
  if (found.length === 0) return null
  const period = found.map(({ sketches }) => sketches).reduce(mergeAll)
  return summarise(
    context,
    known,
    period,
    found.map(({ day }) => day),
  )
}

export function knownReference(model: Model): KnownReference | null {
  if (model.drift === null) return null
  return { model: referenceOf(model), checksum: model.drift.checksum, reference: model.drift.reference }
}

function summarise(
  { config = defaultConfig() }: Context,
  known: KnownReference,
  period: readonly Sketch[],
  days: readonly string[],
): ModelDrift {
  const drift = measureDrift(known.reference.columns, period, days.length)
  const isScoreBeyond = drift.score?.level === 'strong' || drift.score?.upperLevel === 'strong'
  const isBeyond = drift.weighted > config.drift.warnAbove || isScoreBeyond
  return { model: known.model, from: days[0]!, to: days.at(-1)!, ...drift, isBeyond }
}

function daysOf({ workspace }: Context, { from, to }: DriftOptions): string[] {
  const scored = listDays(workspace.scores)
  // The features of days that were not scored yet are only made when they are asked for.
  const known = [...new Set([...listDays(workspace.events), ...listDays(workspace.features)])].sort()
  if (known.length === 0)
    throw new KeyhoundError('not-found', 'there is no log to compare yet: bring one in with keyhound ingest')
  const isAsked = from !== undefined || to !== undefined
  const within = (isAsked || scored.length === 0 ? known : scored).filter(
    day =>
      (from === undefined || Date.parse(day) + 86_400_000 > from.getTime()) &&
      (to === undefined || Date.parse(day) < to.getTime()),
  )
  if (within.length === 0)
    throw new KeyhoundError(
      'bad-input',
      `no day of the log lies in that period; it runs from ${known[0]} to ${known.at(-1)}`,
    )
  return from === undefined ? weekUpTo(within, within.at(-1)!) : within
}

function weekUpTo(days: readonly string[], last: string): string[] {
  const first = Date.parse(last) - (PERIOD_DAYS - 1) * 86_400_000
  return days.filter(day => day <= last && Date.parse(day) >= first)
}

async function mergeDays(
  { engine, workspace, progress }: Context,
  model: Model,
  known: KnownReference,
  days: readonly string[],
): Promise<Sketch[]> {
  let merged = emptySketches(known.reference.columns)
  progress.start('drift', days.length)
  for (const day of days) {
    const stored = readDaySketches(workspace, day, known)
    merged = mergeAll(merged, stored ?? (await sketchFresh(day)))
    progress.step(1, day)
  }
  progress.done()
  return merged

  async function sketchFresh(day: string): Promise<Sketch[]> {
    const batch = await readBatch(engine, workspace, [day], { own: model.detectors.ownFeatures })
    return sketchDay(known.reference, batch, scoreWindows(model.detectors, batch))
  }
}
