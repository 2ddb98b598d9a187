import { fitTails, scoreTails } from '../detectors/tail-surprise/tail-surprise.ts'
import { gapText, readGaps } from '../engine/gaps.ts'
import { describeOwn } from '../features/own.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { combineRows } from '../risk/combine.ts'
import { withFloor } from '../risk/floor.ts'
import { PRIOR_COMBINATION } from '../risk/prior.ts'
import { defaultConfig } from '../schema/config.ts'
import type { FilterSummary } from '../schema/model.ts'
import type { RunFigures } from '../schema/run.ts'
import { addSpecialist, type Detectors, fitSignalTails, signalEvidence } from '../scoring/score-windows.ts'
import { timestampLiteral } from '../sql/duckdb.ts'
import { readStamp, stampOf } from '../sql/stamp.ts'
import { dayOf, listDays, listParquet, partition, type Workspace } from '../sql/workspace.ts'
import { parquet, readBatch, selectWindows, type WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import { fitDriftReference } from './drift/reference.ts'
import { measureFidelity } from './fidelity.ts'
import { trainFilter } from './filter-training.ts'
import { fitModels, fitPermissions } from './fit-models.ts'
import { markHeld, openAt, readHeld } from './held.ts'
import { markUnusual, readMisuse } from './misuse.ts'
import { saveModel, type UnpublishedManifest } from './models.ts'
import { openConfigured, withOwn } from './own-detectors.ts'
import { catalogueOf, withOwnFeatures } from './own-features.ts'
import { prepare } from './prepare.ts'
import { asRun } from './run.ts'

/** What is learned from, and under which name. */
export interface TrainOptions {
  /** UTC, inclusive. @default the first event */
  from?: Date
  /** UTC, exclusive: nothing later is looked at. @default after the last event */
  until?: Date
  /** Labels file: known misuse is kept out of what is usual, and teaches the filter. */
  labels?: string
  /** @default "default" */
  name?: string
  /** @default the configuration's */
  seed?: number
  /** Features that count as unknown, for what-if replay. @default none */
  leaveOut?: readonly string[]
}

/** What was learned from. `windows` are token-hours; `until` is exclusive, UTC. */
export interface TrainSummary {
  readonly model: string
  readonly from: Date
  readonly until: Date
  readonly days: number
  readonly tokens: number
  readonly windows: number
  readonly excludedWindows: number
  /** Token-hours under open alerts, from which nothing is learned but how often they come up. */
  readonly heldWindows: number
  readonly clusters: number
  readonly filter: FilterSummary
}

/** Windows that the detectors are fitted on at most: more change nothing that we could measure, and memory stays flat. */
const MOST_FITTED_WINDOWS = 150_000

/** First days of the log that only feed the history: their features are those of a log without a past. At most a third. */
const WARM_UP_DAYS = 7

/**
 * Learns what is usual from the token-hours of a period, without labels, and publishes the model as a new version, as one recorded run.
 * Throws `busy` while another run trains or scores.
 */
export async function train(context: Context, options: TrainOptions = {}): Promise<TrainSummary> {
  return asRun(context, 'train', alone => trainModel(alone, options), figuresOf)
}

function figuresOf({ model, windows }: TrainSummary): RunFigures {
  return { model, tokenHours: windows }
}

async function trainModel(context: Context, options: TrainOptions): Promise<TrainSummary> {
  const { engine, workspace, progress } = context
  const config = context.config ?? defaultConfig()
  const seed = options.seed ?? config.seed
  const name = options.name ?? 'default'
  const leaveOut = options.leaveOut ?? []
  // Later days wait for the alerts of those before them: `score` makes their features.
  const untilDay = options.until === undefined ? {} : { until: dayOf(new Date(options.until.getTime() - 1)) }
  const catalogue = catalogueOf(context)
  const ownFeatures = describeOwn(catalogue.own)
  await prepare(context, untilDay)
  const { days, fitDays, from, until } = trainingDays(workspace, options)
  const own = await openConfigured(workspace, config.detectors.onnx, catalogue)

  for (const gap of readGaps(workspace, days)) progress.say(gapText(gap))
  progress.start('train', 6)
  const misuse = await readMisuse(context, options.labels, until)
  const held = openAt(await readHeld(context), until)
  const where = `window_start >= ${timestampLiteral(from)} AND window_start < ${timestampLiteral(until)}`
  const permissions = await fitPermissions(context, { days, fitDays, where, misuse, held }, seed)
  progress.step(1, 'permission clusters')
  const windows = await countWindows(context, fitDays, where)
  const share = Math.min(1, MOST_FITTED_WINDOWS / windows)
  const batch = await readBatch(engine, workspace, fitDays, { share, where, leaveOut, own: ownFeatures })
  const isUnusual = markUnusual(misuse, batch.keys)
  const fit = selectWindows(batch, row => isUnusual[row] === 0)
  // Windows under open alerts teach nothing, but stay in the calibration: without them each training would alert more.
  const isHeld = markHeld(held, fit.keys)
  progress.step(1, `${fit.features.rows} token-hours`)
  const { surprises, ...models } = fitModels(fit, permissions, { ...config, seed }, isHeld, own)
  progress.step(1, 'forest and tails')
  const combination = withOwn(
    withOwnFeatures(withFloor(PRIOR_COMBINATION), ownFeatures),
    config.detectors.onnx,
  )
  const signalTails = fitSignalTails(surprises, models)
  const evidence = addSpecialist(surprises, scoreTails(signalTails, signalEvidence(surprises, models)))
  const scores = combineRows(combination, evidence)
  const detectors: Detectors = {
    ...models,
    signalTails,
    combination,
    ...calibrateScores(fit, scores, share, fitDays.length),
  }
  const drift = fitDriftReference(fit, evidence, scores, combination)
  progress.step(1, 'calibration')

  const { filter, summary } = await trainFilter(context, {
    detectors,
    misuse,
    days: fitDays,
    where,
    leaveOut,
    seed,
    config,
  })
  progress.step(1, 'filter')
  const explanations = await measureFidelity(
    context,
    { fitDays, windows: fit, use: permissions.use, scores },
    detectors,
    { ...config, seed },
  )
  progress.step(1, 'explanations')
  const tokens = new Set(fit.use.token).size
  const { report } = detectors.clusters
  const manifest: UnpublishedManifest = {
    formatVersion: 1,
    name,
    createdAt: context.now.toISOString(),
    featureFingerprint: catalogue.fingerprint,
    ...(ownFeatures.length > 0 && { ownFeatures: ownFeatures.map(({ name }) => name) }),
    seed,
    // Whom alerts are told to makes no model, and where code lies is the operator's: neither travels with one.
    config: { ...config, sinks: [], adapters: [], playbooks: [], features: [] },
    training: {
      from: from.toISOString(),
      until: until.toISOString(),
      days: days.length,
      tokens,
      windows,
      fittedWindows: fit.features.rows,
      excludedWindows: batch.features.rows - fit.features.rows,
      heldWindows: isHeld.filter(held => held === 1).length,
      dataHash: stampOf(days.map(day => `${day} ${readStamp(partition(workspace.features, day))}`)),
      misuseHash: stampOf(misuse.token.map((token, i) => `${token} ${misuse.start[i]}`)),
    },
    clusters: { count: report.clusters, stability: report.stability },
    filter: summary,
    explanations,
  }
  const { version } = await saveModel(workspace, manifest, detectors, filter, drift)
  progress.done()
  const { training } = manifest
  return {
    model: `${name}@${version}`,
    from,
    until,
    days: training.days,
    tokens,
    windows,
    excludedWindows: training.excludedWindows,
    heldWindows: training.heldWindows!,
    clusters: manifest.clusters.count,
    filter: summary,
  }
}

function trainingDays(workspace: Workspace, options: TrainOptions) {
  const known = listDays(workspace.events)
  const from = options.from ?? new Date(`${known[0]}T00:00:00Z`)
  const until = options.until ?? new Date(Date.parse(known.at(-1)!) + 86_400_000)
  const days = known.filter(
    day => Date.parse(day) + 86_400_000 > from.getTime() && Date.parse(day) < until.getTime(),
  )
  if (days.length === 0) {
    throw new KeyhoundError(
      'bad-input',
      `no events between ${from.toISOString()} and ${until.toISOString()}; the log runs from ${known[0]} to ${known.at(-1)}`,
    )
  }
  const warmUp = Math.min(WARM_UP_DAYS, Math.floor(days.length / 3))
  return { days, fitDays: days.slice(warmUp), from, until }
}

async function countWindows(
  { engine, workspace }: Context,
  days: readonly string[],
  where: string,
): Promise<number> {
  const [row] = await engine.rows<{ n: number }>(
    `SELECT count(*) AS n FROM ${parquet(days.flatMap(day => listParquet(partition(workspace.features, day))))} WHERE ${where}`,
  )
  return row!.n
}

/** Fits how often each score comes up, counted in token-days: what an analyst is shown at most once a day for one token. */
function calibrateScores(
  fit: WindowBatch,
  score: Float64Array,
  share: number,
  days: number,
): Pick<Detectors, 'scoreTail' | 'tokenDaysPerDay'> {
  const highest = new Map<string, number>()
  fit.use.token.forEach((token, row) => {
    const key = `${token} ${Math.floor(fit.keys.windowStart[row]! / 86_400_000)}`
    highest.set(key, Math.max(highest.get(key) ?? 0, score[row]!))
  })
  const values = Float64Array.from(highest.values())
  const [scoreTail] = fitTails({ data: values, rows: values.length, cols: 1, names: ['score'] }).tails
  return { scoreTail: scoreTail!, tokenDaysPerDay: values.length / days / share }
}
