import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../lib/errors.ts'
import { ownOnnxSchema } from './own-onnx.ts'
import { adapterSchema, checkPlaybooks, playbookSchema } from './playbooks.ts'
import { refuseTwins, sinkSchema } from './sinks.ts'

/** Unit of a value and why its default is what it is, kept beside the value. */
interface Meaning {
  readonly unit: string
  readonly why: string
}

function count(low: number, high: number, standard: number, meaning: Meaning) {
  return z
    .int()
    .min(low)
    .max(high)
    .default(standard)
    .meta({ ...meaning })
}

function real(low: number, high: number, standard: number, meaning: Meaning) {
  return z
    .number()
    .min(low)
    .max(high)
    .default(standard)
    .meta({ ...meaning })
}

/** A group of values, itself optional: what is left out takes its default. */
function group<T extends z.ZodRawShape>(shape: T) {
  const object = z.strictObject(shape)
  return object.prefault({} as z.input<typeof object>)
}

/** Everything that can be configured. The resolved values are saved in every model and report. */
export const configSchema = z.strictObject({
  seed: count(0, 2 ** 32 - 1, 1, {
    unit: 'seed of every random choice of training',
    why: 'any fixed number makes two trainings on the same data equal; vary it to see how much depends on chance',
  }),
  alerts: group({
    budgetPerDay: real(0.1, 10_000, 10, {
      unit: 'alerts a day, over all tenants',
      why: 'about what one analyst can look into beside other work, at 15-30 minutes an alert',
    }),
    minutesPerAlert: real(0.5, 1440, 20, {
      unit: 'minutes that an analyst spends on one alert',
      why: "within the 15-30 that the default budget assumes: ten alerts a day are then 3.3 hours of somebody's day; measure your own",
    }),
    holdDays: count(1, 365, 14, {
      unit: 'days that an alert nobody judges keeps its day out of the baselines',
      why: 'two weeks are time to look; a habit that nobody objects to for longer would else be new for ever, and alert daily',
    }),
    suppressionDays: count(1, 365, 30, {
      unit: 'days until a suppression expires when no end is given',
      why: 'long enough to spare a month of repeats, short enough that somebody looks again',
    }),
    riskHalfLifeDays: real(0.1, 3650, 7, {
      unit: 'days after which an alert counts half for the risk of its token',
      why: 'what nobody followed up within a month is down to a sixteenth; a week is the longest that most teams leave an alert open',
    }),
  }),
  ingest: group({
    accept: z.array(z.string()).default([]).meta({
      unit: 'checks of what ingest read that do not stop it: token-per-row, midnight, one-moment, token-kind',
      why: 'none: an outcome on which detection means nothing is better stopped than stored; accept it where the log is really so',
    }),
  }),
  scoring: group({
    latenessMinutes: count(0, 10_080, 15, {
      unit: 'minutes that events may come late: an hour is scored by itself when it lies so far back',
      why: 'log shippers deliver within minutes; CloudTrail within about 15 (its documentation: "typically about 5 minutes")',
    }),
    lateDays: count(0, 365, 7, {
      unit: 'days back to which a scheduled run scores again by itself what events came to later',
      why: 'an outage of a shipper is mended within a week; older archives are scored when you say so',
    }),
  }),
  filter: group({
    maxRecallLoss: real(0, 0.5, 0.02, {
      unit: 'share of the alerts worth an analyst that the filter may hold back',
      why: 'the choice of threshold aims at it; what was really lost is measured by sampling',
    }),
    sampleShare: real(0, 1, 0.02, {
      unit: 'share of the alerts held back by the filter that analysts see all the same, marked sampled',
      why: 'one in fifty costs next to nothing and is the only unbiased view of what the filter hides',
    }),
    maxMissedShare: real(0.01, 1, 0.15, {
      unit: 'upper 95 % bound on the share of misuse among the alerts held back, above which the filter is switched off',
      why: 'with 30 sampled verdicts the bound is 0.095 without and 0.149 with one true positive: the second switches it off',
    }),
    leastSampled: count(1, 10_000, 30, {
      unit: 'sampled verdicts',
      why: 'until so many are in, the missing ones count as benign: a few verdicts bound nothing, and must not switch it off',
    }),
    exploreShare: real(0, 1, 0.1, {
      unit: 'share of the alert budget, on top of it, spent on alerts below the line, marked explored',
      why: 'a filter that learns only from what it let through never sees its own mistakes; half are uncertain, half random',
    }),
  }),
  forest: group({
    trees: count(10, 2000, 100, {
      unit: 'isolation trees',
      why: 'Liu, Ting & Zhou (2008): path lengths have converged well before 100 trees',
    }),
    subsample: count(16, 65_536, 1024, {
      unit: 'rows drawn for each tree',
      why: '256 is the published default; 1024 raised AUROC .844 -> .901 on our synthetic set at 1.3 times the cost',
    }),
  }),
  features: z.array(z.string().min(1)).default([]).meta({
    unit: 'files with features of your own, relative to the configuration file; their code is run, see docs/own-features.md',
    why: 'none: the built-in features need no other',
  }),
  detectors: group({
    onnx: z.array(ownOnnxSchema).superRefine(refuseTwins).default([]).meta({
      unit: 'ONNX models of your own that judge token-hours beside our detectors, see docs/library.md',
      why: 'none: ours need no other',
    }),
  }),
  drift: group({
    warnAbove: real(0, 10, 0.1, {
      unit: 'stability index beyond chance, weighted by what makes high scores',
      why: 'where a single index stops being called stable (Siddiqi 2006)',
    }),
  }),
  promotion: group({
    precisionTolerance: real(0, 1, 0.05, {
      unit: 'precision at the alert budget that a challenger may lose',
      why: 'half an alert a day at the default budget: less than two analysts differ by',
    }),
    alertsFactor: real(1, 100, 2, {
      unit: 'times as many, or as few, alerts a day as the champion raises',
      why: 'beyond it the queue is another job than the one that the team was staffed for',
    }),
    scoreDriftMost: real(0, 10, 0.25, {
      unit: "stability index beyond chance of the challenger's scores against its own training",
      why: 'above it the scores do not mean what calibration took them to mean (Siddiqi 2006)',
    }),
    leastJudged: count(0, 1_000_000, 30, {
      unit: 'judged or labelled alerts among those that either model raises',
      why: "at 30 Wilson's interval of a precision of 0.5 spans 35 points: with fewer, nothing is known",
    }),
  }),
  state: group({
    url: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'begins with postgres:// or postgresql://')
      .refine(
        url => !/\/\/[^:@/?]*:[^@/]*@|[?&]password=/.test(url),
        'holds a password; leave it out and set PGPASSWORD, or give the whole address as KEYHOUND_STATE_URL',
      )
      .nullable()
      .default(null)
      .meta({
        unit: 'address of the PostgreSQL database of verdicts, suppressions, keys and audit trail, without a password; null: the file state.db of the workspace',
        why: 'a file serves all processes of one machine and needs no server; several machines need one',
      }),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'lower-case letters, digits and underscores, at most 63')
      .default('keyhound')
      .meta({
        unit: 'PostgreSQL schema that holds the tables',
        why: 'workspaces that share a database are kept apart by giving each a schema of its own',
      }),
  }),
  sinks: z.array(sinkSchema).superRefine(refuseTwins).default([]).meta({
    unit: 'where alerts are sent, see docs/alerts-out.md',
    why: 'nothing leaves the workspace unless you say where to',
  }),
  delivery: group({
    attempts: count(1, 100, 14, {
      unit: 'attempts before a delivery is given up',
      why: 'with the pauses below they span 13 to 27 hours: a receiver that is down over night loses nothing',
    }),
    firstPauseSeconds: real(0.001, 3600, 30, {
      unit: 'seconds before the second attempt; each later pause is twice the one before',
      why: 'outlasts a restart of the receiver; chance takes off up to half, so that many deliveries do not return at once',
    }),
    longestPauseSeconds: real(0.001, 86_400, 21_600, {
      unit: 'seconds that a pause grows to',
      why: 'six hours: a receiver that is back is found within a shift',
    }),
    timeoutSeconds: real(0.05, 120, 10, {
      unit: 'seconds that a receiver may take to answer',
      why: 'receivers are expected to store a message and answer at once; one that takes longer is tried again, not waited for',
    }),
    mostAgeDays: real(0.01, 3650, 7, {
      unit: 'days since an alert was last seen after which it is not announced any more',
      why: 'a sink added today is not told of last year; a week outlasts a stopped scheduler',
    }),
  }),
  adapters: z.array(adapterSchema).superRefine(refuseTwins).default([]).meta({
    unit: 'what carries out the actions of playbooks, see docs/alerts-out.md',
    why: 'nothing outside can be changed unless you say how',
  }),
  playbooks: z.array(playbookSchema).superRefine(refuseTwins).default([]).meta({
    unit: 'what is done about which alerts, see docs/alerts-out.md',
    why: 'alert first: without a playbook nothing is proposed, and by default one only says what it would do',
  }),
  server: group({
    requestsPerSecond: real(0.01, 1_000_000, 50, {
      unit: 'requests a second that one API key may go on making',
      why: 'a dashboard or a job; a program that scores by the thousand sends them in one request',
    }),
    burst: count(1, 1_000_000, 200, {
      unit: 'requests that one API key may make at once',
      why: 'a page that loads, or a job that begins: some seconds of the rate',
    }),
    bodyMegabytes: real(0.001, 4096, 64, {
      unit: 'megabytes of a body of events or vectors',
      why: 'a hundred thousand events as JSON; larger logs are ingested from files',
    }),
    timeoutSeconds: real(0.1, 3600, 60, {
      unit: 'seconds after which a request is given up',
      why: 'what proxies wait by default',
    }),
  }),
})

/** What holds between the values as well. */
const checkedSchema = configSchema.superRefine(checkPlaybooks)

/** A PostgreSQL database that holds the state of a workspace. */
export interface StateDatabase {
  /** `postgres://user@host:port/database`; as an environment variable it may hold a password. */
  readonly url: string
  readonly schema: string
}

/** Resolved configuration: every value present. */
export type Config = z.output<typeof configSchema>

export interface ConfigProblem {
  /** Dotted path of the value at fault, empty for the file as a whole: `alerts.budgetPerDay`. */
  readonly path: string
  readonly problem: string
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** The configuration that stands when no file is given. */
export function defaultConfig(): Config {
  return configSchema.parse({})
}

/** Validates a configuration value; all problems at once. */
export function parseConfig(value: unknown): ConfigResult {
  const result = checkedSchema.safeParse(value)
  if (result.success) return { ok: true, config: result.data }
  return {
    ok: false,
    problems: result.error.issues.map(issue => ({ path: issue.path.join('.'), problem: issue.message })),
  }
}

/** Reads a configuration file (JSON); all problems at once, as data. */
export function loadConfig(file: string): ConfigResult {
  if (!existsSync(file)) return wholeFile('no such file')
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return wholeFile(`not JSON: ${messageOf(error)}`)
  }
  const result = parseConfig(withoutSchema(value))
  if (!result.ok) return result
  const features = result.config.features.map(path => resolve(dirname(file), path))
  return { ok: true, config: { ...result.config, features } }
}

/** Files may say where their schema lies, which is for editors. */
function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const { $schema: _, ...rest } = value as Record<string, unknown>
  return rest
}

function wholeFile(problem: string): ConfigResult {
  return { ok: false, problems: [{ path: '', problem }] }
}

/** One configurable value, for documentation: dotted path, default, unit, reason. */
export interface ConfigValue extends Meaning {
  readonly path: string
  readonly default: unknown
}

/** Every value of the schema with its default, unit and reason, in order. */
export function describeConfig(): ConfigValue[] {
  const defaults = defaultConfig() as Record<string, unknown>
  const values: ConfigValue[] = []
  const visit = (shape: z.ZodRawShape, path: string, at: Record<string, unknown>) => {
    for (const [name, schema] of Object.entries(shape)) {
      const full = path === '' ? name : `${path}.${name}`
      const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : schema
      if (inner instanceof z.ZodObject) {
        visit(inner.shape, full, at[name] as Record<string, unknown>)
      } else {
        const { unit, why } = (schema as z.ZodType).meta() as unknown as Meaning
        values.push({ path: full, default: at[name], unit, why })
      }
    }
  }
  visit(configSchema.shape, '', defaults)
  return values
}
