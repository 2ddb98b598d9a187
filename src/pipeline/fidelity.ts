import { fitForest } from '../detectors/isolation-forest/fit.ts'
import { fitPermissionClusters } from '../detectors/permission-clusters/model.ts'
import type { UseTable, WindowUse } from '../detectors/permission-clusters/use-table.ts'
import { createMatrix, eachColumn, type Matrix, selectColumns } from '../lib/matrix.ts'
import { createRandom, type Random } from '../lib/random.ts'
import { mean, median } from '../lib/stats.ts'
import { ALERT_RISK, riskOf } from '../risk/calibrate.ts'
import { factCode } from '../risk/fact-words.ts'
import { ownCode } from '../risk/own-words.ts'
import type { Config } from '../schema/config.ts'
import type { DeletionReport, ExplanationFidelity } from '../schema/model.ts'
import type { Reason } from '../schema/scores.ts'
import { type Detectors, readFeatures, type Scored, scoreWindows } from '../scoring/score-windows.ts'
import { selectWindows, type WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import { causeFinder, explainer } from './explain-rows.ts'
import { type Facts, readFacts } from './facts.ts'

/** Token-hours measured at most: the standard error of a mean share is then below 0.03. */
const MOST_HOURS = 200

/** Reasons taken of each: what an analyst reads first. */
const TOP_REASONS = 3

/** Further fits with other seeds; each costs a forest and a set of clusters. */
const OTHER_SEEDS = 2

/** What was trained on, with the scores of its token-hours. */
export interface ScoredTraining {
  /** Days that the token-hours are of. */
  readonly fitDays: readonly string[]
  readonly windows: WindowBatch
  /** What the permission clusters were fitted on. */
  readonly use: UseTable
  /** (rows of the windows) */
  readonly scores: Float64Array
}

/**
 * Measures how far the reasons are those that made the scores of the highest token-hours: by deleting what they name, by
 * keeping nothing else, and by fitting the models with other seeds. Deterministic under the seed.
 */
export async function measureFidelity(
  context: Pick<Context, 'engine' | 'workspace'>,
  data: ScoredTraining,
  detectors: Detectors,
  { seed, forest: forestOptions, alerts }: Pick<Config, 'forest' | 'alerts'> & { seed: number },
): Promise<ExplanationFidelity> {
  const rows = highestOfTokenDays(data.windows, data.scores).slice(0, MOST_HOURS)
  const chosen = new Set(rows)
  const batch = selectWindows(data.windows, row => chosen.has(row))
  const facts = await readFacts(context.engine, context.workspace, data.fitDays, batch, [
    ...batch.use.token.keys(),
  ])
  const explain = explainer(detectors, batch, scoreWindows(detectors, batch))
  const reasons = facts.map((known, row) => explain(row, known, TOP_REASONS))
  const random = createRandom(seed)
  const typical = typicalOf(data.windows.features)
  const measure = deletionMeasure(detectors, typical, batch)
  const deletions = Array.from({ length: TOP_REASONS }, (_, i) =>
    measure({
      reasons: reasons.map(list => list.slice(0, i + 1)),
      facts,
      budgetPerDay: alerts.budgetPerDay,
      random: random.fork(i),
    }),
  )
  const overlaps: number[] = []
  const table = selectColumns(data.windows.features, readFeatures(detectors).forest)
  for (let other = 1; other <= OTHER_SEEDS; other++) {
    const refitted = {
      ...detectors,
      forest: fitForest(table, { ...forestOptions, seed: seed + other }),
      clusters: fitPermissionClusters(data.use, { seed: seed + other, stabilityRounds: 0 }),
    }
    const causesOf = causeFinder(refitted, batch, scoreWindows(refitted, batch))
    facts.forEach((known, row) => {
      overlaps.push(jaccard(codesOf(reasons[row]!), codesOf(causesOf(row, known, TOP_REASONS))))
    })
  }
  return {
    hours: rows.length,
    deletions,
    seeds: OTHER_SEEDS,
    stability: round(mean(overlaps)),
  }
}

interface DeletionTask {
  /** Of each row of the batch, those to be deleted. */
  readonly reasons: readonly (readonly Reason[])[]
  readonly facts: readonly Facts[]
  readonly budgetPerDay: number
  readonly random: Random
}

/** The median of each feature: what a deleted one becomes. */
export function typicalOf(reference: Matrix): Float64Array {
  const medians = new Float64Array(reference.cols)
  eachColumn(reference, (column, c) => {
    medians[c] = median(column)
  })
  return medians
}

/** How to score each token-hour with its named features deleted, with only them kept, and the same for as many drawn at random. */
export function deletionMeasure(
  detectors: Detectors,
  typical: Float64Array,
  batch: WindowBatch,
): (task: DeletionTask) => DeletionReport {
  const whole = scoreWindows(detectors, batch)
  const { worse } = readFeatures(detectors)
  const rescore: Rescore = (keep, keepUse) =>
    scoreWindows(detectors, {
      features: replaceCells(batch.features, { typical, worse }, keep),
      use: keepRows(batch.use, keepUse),
    })
  const base = rescore(
    () => false,
    () => false,
  ).score
  return task => measureDeletion(batch, whole, base, rescore, task)
}

/** Scores the token-hours with the cells and the use that are kept. */
type Rescore = (keep: (row: number, column: number) => boolean, keepUse: (row: number) => boolean) => Scored

/** @param base scores of the token-hours with everything deleted */
function measureDeletion(
  { features: { names }, own }: Pick<WindowBatch, 'features' | 'own'>,
  whole: Scored,
  base: Float64Array,
  rescore: Rescore,
  { reasons, facts, budgetPerDay, random }: DeletionTask,
): DeletionReport {
  const named = reasons.map((list, row) =>
    namedFeatures({ names, own }, list, { ...facts[row]!, item: whole.worstItem[row]! }),
  )
  const drawn = named.map(one => drawFeatures(names.length, one, random))
  const lift = (score: Float64Array, row: number) => score[row]! - base[row]!
  const share = (score: Float64Array) =>
    mean(
      [...whole.score.keys()]
        .filter(row => lift(whole.score, row) > 0)
        .map(row => lift(score, row) / lift(whole.score, row)),
    )
  const without = (sets: readonly NamedFeatures[]) =>
    rescore(
      (row, column) => !sets[row]!.columns.has(column),
      row => !sets[row]!.use,
    )
  const only = (sets: readonly NamedFeatures[]) =>
    rescore(
      (row, column) => sets[row]!.columns.has(column),
      row => sets[row]!.use,
    )
  const deleted = without(named)
  const isAlerted = (alertsPerDay: number) => riskOf(alertsPerDay, budgetPerDay) >= ALERT_RISK
  const alerted = [...whole.alertsPerDay.keys()].filter(row => isAlerted(whole.alertsPerDay[row]!))
  const silenced = alerted.filter(row => !isAlerted(deleted.alertsPerDay[row]!))
  return {
    reasons: Math.max(0, ...reasons.map(list => list.length)),
    features: round(mean(named.map(one => one.columns.size + Number(one.use)))),
    comprehensiveness: round(1 - share(deleted.score)),
    randomComprehensiveness: round(1 - share(without(drawn).score)),
    sufficiency: round(share(only(named).score)),
    randomSufficiency: round(share(only(drawn).score)),
    silenced: alerted.length === 0 ? null : round(silenced.length / alerted.length),
  }
}

interface NamedFeatures {
  readonly columns: ReadonlySet<number>
  /** The operations and scopes used are named as well. */
  readonly use: boolean
}

/** Every feature that says a fact which the reasons name: deleting one of two that say the same would delete nothing. */
function namedFeatures(
  { names, own }: { readonly names: readonly string[]; readonly own: WindowBatch['own'] },
  reasons: readonly Reason[],
  facts: Facts,
): NamedFeatures {
  const codeOf = (name: string) => {
    const known = own.find(feature => feature.name === name)
    return known === undefined ? factCode(name, facts) : ownCode(known)
  }
  const codes = new Set(reasons.flatMap(reason => reason.facts ?? []).map(fact => fact.code))
  const columns = [...names.keys()].filter(column => codes.has(codeOf(names[column]!)))
  return { columns: new Set(columns), use: codes.has(factCode('violation', facts)) }
}

/** As many as are named, drawn without replacement from the features and the use. */
function drawFeatures(features: number, { columns, use }: NamedFeatures, random: Random): NamedFeatures {
  const wanted = columns.size + Number(use)
  const picked = new Set<number>()
  while (picked.size < wanted) picked.add(random.int(features + 1))
  const drawsUse = picked.delete(features)
  return { columns: picked, use: drawsUse }
}

/** Cells that are not kept become typical where they are above it; of features that are unusual at both ends, in any case. */
function replaceCells(
  features: Matrix,
  { typical, worse }: { readonly typical: Float64Array; readonly worse: readonly string[] },
  keep: (row: number, column: number) => boolean,
): Matrix {
  const out = createMatrix(features.rows, features.names)
  const upper = features.names.map(name => worse.includes(name))
  for (let row = 0; row < features.rows; row++) {
    for (let column = 0; column < features.cols; column++) {
      const at = row * features.cols + column
      const value = features.data[at]!
      const isKept = keep(row, column) || (upper[column]! && !(value > typical[column]!))
      out.data[at] = isKept ? value : typical[column]!
    }
  }
  return out
}

/** The same rows, those that are not kept without any use. */
function keepRows(use: WindowUse, keep: (row: number) => boolean): WindowUse {
  const offsets = new Uint32Array(use.offsets.length)
  const kept: number[] = []
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let e = use.offsets[row]!; keep(row) && e < use.offsets[row + 1]!; e++) kept.push(e)
    offsets[row + 1] = kept.length
  }
  return {
    ...use,
    offsets,
    item: Uint32Array.from(kept, e => use.item[e]!),
    n: Float32Array.from(kept, e => use.n[e]!),
  }
}

/** The highest row of each token-day, highest first. */
function highestOfTokenDays({ keys, use }: WindowBatch, score: Float64Array): number[] {
  const best = new Map<string, number>()
  use.token.forEach((token, row) => {
    const key = `${token} ${Math.floor(keys.windowStart[row]! / 86_400_000)}`
    const held = best.get(key)
    if (held === undefined || score[row]! > score[held]!) best.set(key, row)
  })
  return [...best.values()].sort((a, b) => score[b]! - score[a]! || a - b)
}

function codesOf(causes: readonly Pick<Reason, 'code'>[]): Set<string> {
  return new Set(causes.map(cause => cause.code))
}

/** Size of the intersection over that of the union; 1 for two empty sets. */
function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter(value => b.has(value)).length
  const either = a.size + b.size - shared
  return either === 0 ? 1 : shared / either
}

function round(value: number): number {
  return Number(value.toFixed(3))
}
