/**
 * Keyhound's public API, in the order of the pipeline. Every stage takes a context {engine, workspace, progress, now} and
 * options, and answers a plain summary; what it makes lies in the workspace.
 */

/** Any SELECT as an Arrow IPC stream. */
export { queryArrow } from './cli/query/arrow-format.ts'
/** How likely each operation or scope is for a token: its own use, shrunk to its peers, cluster and role. */
export { expectedUse } from './detectors/permission-clusters/expected-use.ts'
/** Every feature of a token-hour: name, group, unit, meaning. */
export { BUILT_IN, type Catalogue, FEATURES } from './features/catalogue.ts'
/** A feature of a program's own; names are checked by the compiler. */
export { type Definition, feature, type ShownEvent } from './features/define.ts'
/** A number of an hour that is judged against the token's past. */
export type { Metric } from './features/metrics.ts'
/** Own features beside the built-in ones, for `context.catalogue`. */
export { type OwnDefinitions, ownFeatures } from './features/own.ts'
/** What a definition of a feature sees. */
export type { TokenHour } from './features/token-hour.ts'
/** Raw tokens -> the ids under which a workspace keeps them. */
export { hashTokens } from './ingest/identity.ts'
/** The one error class; its code says whose fault it was. */
export { type ErrorCode, KeyhoundError } from './lib/errors.ts'
/** Tables of numbers: row-major typed arrays, NaN for missing. */
export { createMatrix, fromColumns, type Matrix } from './lib/matrix.ts'
/** Seeded randomness that can be forked by name. */
export { createRandom, type Random } from './lib/random.ts'
/** Where an alert stands in its life: taken up, assigned, noted, opened again. */
export type { AlertLife, FollowedAlert, TriageStatus } from './pipeline/alert-life.ts'
/** Champion and challenger over the same stored hours, and what the promotion gate says. */
export { type CompareOptions, compareModels } from './pipeline/compare-models.ts'
/** What every stage is given. */
export type { Context } from './pipeline/context.ts'
/** Taking alerts up, handing them on, opening them again. */
export {
  acknowledgeAlert,
  assignAlert,
  noteAlert,
  reopenAlert,
  reopenOnNewEvidence,
} from './pipeline/desk.ts'
/** What happened in a week, for those who answer for it. */
export { type DigestOptions, digest } from './pipeline/digest/digest.ts'
/** What looking a workspace over needs: settings, environment, where temporary files lie. */
export type { DoctorContext } from './pipeline/doctor/check.ts'
/** What is wrong with a workspace, and what to do. */
export { examine } from './pipeline/doctor/doctor.ts'
/** Held against labels: precision, recall and time to detect at alert budgets. */
export { type EvaluateOptions, evaluate } from './pipeline/evaluate.ts'
/** Why a token-hour got its score. */
export { type Explanation, explain } from './pipeline/explain.ts'
/** The forest of a model as ONNX or SQL, for use without Keyhound. */
export { EXPORT_FORMATS, type ExportFormat, exportForest } from './pipeline/export-model.ts'
/** Logs -> events. */
export { type IngestError, type IngestOptions, type IngestSummary, ingest } from './pipeline/ingest.ts'
/** What a model finds of injected attacks: recall by attack and intensity without labels. */
export { type InjectedRecall, type MeasureOptions, measureInjected } from './pipeline/inject/measure.ts'
/** Attacks written into a copy of a log of one's own. */
export { type InjectOptions, type InjectSummary, inject } from './pipeline/inject.ts'
/** Models of a workspace: what there is, what it was trained on, and the model itself. */
export { listModels, loadModel, type Model, type ModelListing, showModel } from './pipeline/models.ts'
/** Own features of the files that a configuration names, for `context.catalogue`. */
export { loadFeatures } from './pipeline/own-features.ts'
/** A past alert worked out again by the model that made it. */
export { type RecomputedAlert, recomputeAlert } from './pipeline/recompute.ts'
/** What a change would have done to the stored history; publishes nothing. */
export { type ReplayOptions, replay } from './pipeline/replay.ts'
/** Events -> scores and alerts. */
export { type ScoreOptions, type ScoreSummary, score } from './pipeline/score.ts'
/** Tokens by the risk that their alerts add up to. */
export { findTokenRisk, listTokenRisks, type TokenRisk, type WeighedAlert } from './pipeline/token-risk.ts'
/** Events -> what is usual, as a versioned model. */
export { type TrainOptions, type TrainSummary, train } from './pipeline/train.ts'
/** The queue of alerts: list, find, judge. */
export { type AlertFilter, findAlert, judgeAlert, listAlerts, type TriagedAlert } from './pipeline/triage.ts'
/** Views of a workspace's tables, for SQL of your own. */
export { openViews, TABLES } from './pipeline/views.ts'
/** Live: a source watched in batches of seconds. */
export { type WatchOptions, type WatchSummary, watch } from './pipeline/watch.ts'
/** A comparison of models as one HTML page. */
export { renderComparison, writeComparison } from './report/comparison-html.ts'
/** A digest as one HTML page. */
export { renderDigest, writeDigest } from './report/digest-html.ts'
/** An evaluation as report.html and report.json. */
export { writeReport } from './report/evaluation-html.ts'
/** Tells the sinks of the configuration what they have not been told: at least once, each with an idempotency key. */
export { type DeliveryOptions, type DeliveryReport, deliverAlerts } from './respond/deliver.ts'
/** What sinks and adapters are given of the world: secrets, clock, time-outs. */
export type { Outside } from './respond/outside.ts'
/** One round of the playbooks: proposes, carries out, undoes. */
export { runResponses } from './respond/run-responses.ts'
/** Risk of an entity from its alerts: decay and noisy-or. */
export { decayedRisk, entityRisk, type RiskContribution } from './risk/entity-risk.ts'
/** A change to replay, validated. */
export { type Change, loadChange, parseChange } from './schema/change.ts'
/** Every setting with its default, unit and reason. */
export { type Config, defaultConfig, describeConfig, loadConfig, parseConfig } from './schema/config.ts'
/** What an alert budget solves to, and what it costs. */
export type { BudgetCost } from './schema/dial.ts'
/** What happened in a week. */
export type { Digest } from './schema/digest.ts'
/** What was found of a workspace. */
export type { Check, DoctorReport } from './schema/doctor.ts'
/** What an evaluation found. */
export type { EvaluationReport } from './schema/evaluation.ts'
/** Columns of the normalised event. */
export { EVENT_COLUMNS, type EventColumn } from './schema/event.ts'
/** Groups of features, and what one feature says of itself. */
export { FEATURE_GROUPS, type Feature, type FeatureGroup } from './schema/features.ts'
/** What is known to be misuse, and the judgements of analysts. */
export { type EventLabel, type IntervalLabel, type Labels, VERDICTS, type Verdict } from './schema/labels.ts'
/** What a model version says of itself. */
export type { Manifest } from './schema/model.ts'
/** What a replay found. */
export type { AlertChange, ReplayReport, ReplaySide } from './schema/replay.ts'
/** Progress of long work: pass your own, or the silent one. */
export { type Progress, silentProgress } from './schema/run.ts'
/** Columns of scores and alerts, reasons and severities. */
export {
  ALERT_COLUMNS,
  type Frame,
  type Reason,
  SCORE_COLUMNS,
  SEVERITIES,
  type Severity,
} from './schema/scores.ts'
/** Scoring in a program of your own: a model loaded once; vectors, events, reasons. */
export {
  DETECTOR_NAMES,
  type Detectors,
  type EventOptions,
  type EventScores,
  type EventSource,
  openScorer,
  type Scored,
  type ScoredHour,
  type Scorer,
  type ScorerOptions,
  scoreWindows,
  type VectorScores,
  type Vectors,
  type Windows,
} from './scoring.ts'
/** Routes and records of the HTTP API: `createClient<ApiPaths>()` of openapi-fetch is a typed client. */
export type { components as ApiComponents, paths as ApiPaths } from './server/api-types.ts'
/** Realistic API logs with labelled attacks and their benign twins. */
export {
  DEFAULTS as SIMULATE_DEFAULTS,
  type SimulateOptions,
  type SimulateSummary,
  simulate,
} from './simulate/simulate.ts'
/** The embedded SQL engine: Parquet in and out, results as rows, matrices or streams. */
export { type Engine, type EngineOptions, openEngine } from './sql/duckdb.ts'
/** Where a workspace keeps what. */
export { openWorkspace, type Workspace } from './sql/workspace.ts'
/** API keys: shown once, kept as hashes. */
export { type ApiKey, createApiKey, listApiKeys, revokeApiKey, verifyApiKey } from './state/api-keys.ts'
/** Who did what, newest first. */
export { type AuditEntry, type AuditFilter, listAudit } from './state/audit.ts'
/** The state of a workspace: a file of it, or a schema of a PostgreSQL database. */
export { type By, closeState, openState, type State, type StatePlace, withState } from './state/state.ts'
/** Alerts judged benign ahead of time: owned, expiring, counted. */
export {
  activeSuppressions,
  addSuppression,
  listSuppressions,
  type Suppression,
} from './state/suppressions.ts'
/** Judgements of alerts: the newest of each, or all. */
export { listVerdicts, recordVerdict, type VerdictFilter, type VerdictRecord } from './state/verdicts.ts'
/** For a watcher: files that grow. */
export { type FilesOptions, followFiles } from './streams/files.ts'
/** For a watcher: events pushed over HTTP. */
export { type HttpOptions, listenHttp } from './streams/http.ts'
/** For a watcher: Kafka topics. */
export { consumeKafka, type KafkaOptions } from './streams/kafka.ts'
/** For a watcher: a NATS JetStream stream. */
export { type NatsOptions, pullNats } from './streams/nats.ts'
/** For a watcher: what a source of your own must be. */
export type { Batch, Offset, OpenSource, Source, Want } from './streams/source.ts'
