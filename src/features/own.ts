import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { didYouMean, nearestName } from '../lib/nearest.ts'
import { FACETS } from '../schema/activity.ts'
import { FEATURE_KEY, type Feature, type FeatureWeight } from '../schema/features.ts'
import { OWN_EXPORTS, ownFeatureSchema, ownMetricSchema } from '../schema/own-features.ts'
import { BUILT_IN, type Catalogue, EVIDENCE, FEATURES } from './catalogue.ts'
import type { Definition } from './define.ts'
import { metricFeatures } from './families/metrics.ts'
import { METRICS, type Metric, MOST_METRICS } from './metrics.ts'
import type { TokenHour } from './token-hour.ts'

/** Definitions of an operator's own, as a file or a program gives them. */
export interface OwnDefinitions {
  readonly features?: readonly Definition[]
  readonly metrics?: readonly Metric[]
}

/** Where own definitions come from. */
export interface OwnSource {
  /** The file, as errors name it. */
  readonly file: string
  /** Digest of the code; the fingerprint covers it. */
  readonly digest: string
  /** What the file exports, not yet validated. */
  readonly exports: Readonly<Record<string, unknown>>
}

/** By default an own feature weighs as much as an own model (`detectors.onnx`): `keyhound evaluate` says whether it deserves it. */
const USUAL_WEIGHT: FeatureWeight = { perNat: 0.172, beyondKnee: 0.281 }

/** What the excess of a metric weighs beside its tail, which says nearly the same: as the least of the built-in ones. */
const EXCESS_WEIGHT: FeatureWeight = { perNat: 0, beyondKnee: 0.05 }

/** Names that columns, facts of an hour and codes of reasons have beside the features. */
const TAKEN: readonly string[] = [
  ...FEATURE_KEY.map(column => column.name),
  ...FEATURES.map(feature => feature.name),
  ...EVIDENCE.map(column => column.name),
  ...METRICS.map(metric => metric.name),
  ...FACETS.map(facet => facet.name),
  ...['score', 'forest_score', 'violation', 'specialist', 'item', 'device_type', 'weekday', 'hour'],
  ...['combination', 'outcomes'],
]

/** An own definition failed in an hour. */
export class OwnFeatureError extends KeyhoundError {
  readonly file: string
  readonly feature: string

  constructor(file: string, feature: string, problem: string, cause?: unknown) {
    super('bad-input', `${file}: "${feature}" ${problem}`, { where: file, cause })
    this.file = file
    this.feature = feature
  }

  /** The same error with the token-hour that it came up in. */
  at(tokenHour: string): OwnFeatureError {
    const problem = this.message.slice(`${this.file}: "${this.feature}" `.length)
    return new OwnFeatureError(this.file, this.feature, `${problem}, in ${tokenHour}`, this.cause)
  }
}

/**
 * The built-in catalogue and own definitions after it. Throws `bad-input` with all problems at once: fields that are missing, unknown or
 * wrong, and names that are taken.
 */
export function extendCatalogue(sources: readonly OwnSource[]): Catalogue {
  if (sources.length === 0) return BUILT_IN
  const problems: string[] = []
  const taken = new Set(TAKEN)
  const claim = (file: string, owner: string, names: readonly string[]) => {
    const twins = names.filter(name => taken.has(name))
    if (twins.length > 0) problems.push(`${file}: "${owner}": the name ${twins.join(', ')} is taken`)
    for (const name of names) taken.add(name)
  }
  const features: Definition[] = []
  const metrics: Metric[] = []
  for (const { file, exports } of sources) {
    problems.push(...strangeExports(file, exports))
    for (const one of checked(ownFeatureSchema, listOf(exports, 'features'), file, 'feature', problems)) {
      const { name, higherIs } = one
      claim(file, name, [name])
      const weighs = higherIs === 'worse' ? { weighs: one.weighs ?? USUAL_WEIGHT } : {}
      features.push({
        ...(one as Definition),
        of: guarded(one.of, file, name),
        ...shown(one, file),
        ...weighs,
      })
    }
    for (const one of checked(ownMetricSchema, listOf(exports, 'metrics'), file, 'metric', problems)) {
      const { name } = one
      const ofMetric = ['tail', 'actual', 'typical', ...(one.hasExcess ? ['excess'] : [])]
      claim(file, name, [name, ...ofMetric.map(suffix => `${name}_${suffix}`)])
      const metric = { ...(one as Metric), of: guarded(one.of, file, name), ...shown(one, file) }
      features.push(...ownMetricFeatures(metric, METRICS.length + metrics.length))
      metrics.push(metric)
    }
  }
  if (METRICS.length + metrics.length > MOST_METRICS)
    problems.push(`${metrics.length} metrics; there can be ${MOST_METRICS - METRICS.length}`)
  if (problems.length > 0) throw new KeyhoundError('bad-input', `features: ${problems.join('; ')}`)
  if (features.length === 0) return BUILT_IN
  return {
    features: [...FEATURES, ...features],
    metrics: [...METRICS, ...metrics],
    own: features,
    fingerprint: fingerprintOf(sources),
  }
}

/**
 * A catalogue with definitions of a program's own, for `context.catalogue`: in a notebook, say.
 *
 * @example
 * const catalogue = ownFeatures({ features: [{ name: 'upload_per_request', group: 'data', unit: 'bytes', doc: 'Bytes received per request.',
 *   higherIs: 'worse', of: hour => hour.requestBytes / hour.requests }] })
 */
export function ownFeatures(definitions: OwnDefinitions): Catalogue {
  const text = JSON.stringify(definitions, (_, value) =>
    typeof value === 'function' ? String(value) : value,
  )
  const digest = createHash('sha256').update(text).digest('hex')
  return extendCatalogue([{ file: 'own features', digest, exports: { ...definitions } }])
}

/** What a model keeps of its own features: everything but the functions. */
export function describeOwn(own: readonly Definition[]): Feature[] {
  return own.map(({ of: _, shows: __, ...described }) => described)
}

/** Throws `bad-input` for a name that no feature has, with the nearest that one has. `where` says who refers to it. */
export function refuseUnknownFeatures(
  where: string,
  names: readonly string[],
  { features }: Pick<Catalogue, 'features'>,
): void {
  const known = features.map(feature => feature.name)
  const problems = names
    .filter(name => !known.includes(name))
    .map(name => `no feature "${name}"${didYouMean(name, known)}`)
  if (problems.length > 0)
    throw new KeyhoundError('bad-input', `${where}: ${problems.join('; ')}. Names: src/features/FEATURES.md`)
}

function fingerprintOf(sources: readonly OwnSource[]): string {
  const parts = [BUILT_IN.fingerprint, ...sources.map(source => source.digest)]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/** The tail and the excess of an own metric, with its words. */
function ownMetricFeatures(metric: Metric, index: number): Definition[] {
  const { name, told, shows } = metric
  return metricFeatures(metric, index).map(feature => ({
    ...feature,
    metric: name,
    told: { ...(told ?? { noun: metric.what }), unit: metric.unit },
    ...(shows && { shows }),
    weighs: feature.name.endsWith('_tail') ? (metric.weighs ?? USUAL_WEIGHT) : EXCESS_WEIGHT,
  }))
}

/** A file may export more, for its own tests; but a name that is nearly one of ours is misspelt. */
function strangeExports(file: string, exports: OwnSource['exports']): string[] {
  const isKnown = (name: string) => (OWN_EXPORTS as readonly string[]).includes(name)
  const misspelt = Object.keys(exports).filter(name => !isKnown(name) && nearestName(name, OWN_EXPORTS))
  if (misspelt.length > 0)
    return misspelt.map(name => `${file}: exports ${name}${didYouMean(name, OWN_EXPORTS)}`)
  return Object.keys(exports).some(isKnown) ? [] : [`${file}: exports neither ${OWN_EXPORTS.join(' nor ')}`]
}

function listOf(exports: OwnSource['exports'], name: string): unknown {
  return exports[name] ?? []
}

/** The records of a list that satisfy their schema; the others become problems. */
function checked<T extends z.ZodType<{ name: string; of: (hour: never) => number }>>(
  schema: T,
  list: unknown,
  file: string,
  kind: string,
  problems: string[],
): z.output<T>[] {
  if (!Array.isArray(list)) {
    problems.push(`${file}: ${kind}s is not a list`)
    return []
  }
  return list.flatMap((one: unknown, i) => {
    const result = schema.safeParse(one)
    if (result.success) return [result.data]
    const name = (one as { name?: unknown } | null)?.name
    const which = typeof name === 'string' ? `"${name}"` : `${kind} ${i + 1}`
    for (const { path, message } of result.error.issues)
      problems.push(`${file}: ${which}: ${path.length === 0 ? '' : `${path.join('.')} `}${message}`)
    return []
  })
}

/** The function with its failures named: what it throws, and what is no number. What is not finite is unknown. */
function guarded(of: (hour: never) => number, file: string, name: string): (hour: TokenHour) => number {
  const compute = of as (hour: TokenHour) => unknown
  return hour => {
    let value: unknown
    try {
      value = compute(hour)
    } catch (error) {
      throw new OwnFeatureError(file, name, `failed: ${messageOf(error)}`, error)
    }
    if (typeof value !== 'number')
      throw new OwnFeatureError(file, name, `returned ${nameOf(value)}, no number (NaN is unknown)`)
    return Number.isFinite(value) ? value : Number.NaN
  }
}

/** The choice of events with its failures named. */
function shown({ name, shows }: { name: string; shows?: unknown }, file: string): Pick<Definition, 'shows'> {
  if (shows === undefined) return {}
  const choose = shows as NonNullable<Definition['shows']>
  return {
    shows: event => {
      try {
        return choose(event)
      } catch (error) {
        throw new OwnFeatureError(file, name, `shows failed: ${messageOf(error)}`, error)
      }
    },
  }
}

function nameOf(value: unknown): string {
  return value === null ? 'null' : value === undefined ? 'undefined' : `a ${typeof value}`
}
