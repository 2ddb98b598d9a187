import type { Change } from '../../schema/change.ts'
import { defaultConfig } from '../../schema/config.ts'
import type { ReplaySide } from '../../schema/replay.ts'
import { alertsPerDayAt, scoreThreshold } from '../../scoring/score-windows.ts'
import { hasState, withState } from '../../state/state.ts'
import { activeSuppressions, type Suppression } from '../../state/suppressions.ts'
import type { Context } from '../context.ts'
import type { AlertHistory } from '../filter-table.ts'
import { loadModel, type Model, refuseOtherFeatures } from '../models.ts'
import { catalogueOf } from '../own-features.ts'
import { type Provenance, readProvenance, referenceOf } from '../provenance.ts'
import { loadRecorded } from '../recorded.ts'
import { alertsBefore } from '../score.ts'
import { type Selection, selectionOf } from '../select-alerts.ts'
import { mergeConfig, rekeyed, retrained, withModelsAside } from './aside.ts'
import { namedFeatures } from './features.ts'

/** Model and budget of a day. */
export interface Setting {
  readonly model: Model
  readonly budgetPerDay: number
}

/** One side of a replay: everything that its days are scored with. */
export interface Side {
  /** The workspace that its features lie in. */
  readonly context: Context
  readonly settings: ReadonlyMap<string, Setting>
  /** Features that count as unknown. */
  readonly leaveOut: readonly string[]
  readonly suppressions: readonly Suppression[]
  /** Which of the alerts that the filter holds back are shown all the same. */
  readonly selection: Selection
  /** Alerts before the period; grows day by day. */
  readonly history: AlertHistory
}

/** What made the stored scores of each day; null where nothing is recorded. */
export async function readRecords(
  { engine, workspace }: Context,
  days: readonly string[],
): Promise<Map<string, Provenance | null>> {
  const records = new Map<string, Provenance | null>()
  for (const day of days) records.set(day, await readProvenance(engine, workspace, day))
  return records
}

/** The side without the change: each day with the model and the budget that its stored scores were made with. */
export async function sideBefore(
  context: Context,
  records: ReadonlyMap<string, Provenance | null>,
): Promise<Side> {
  const { workspace } = context
  const { budgetPerDay } = (context.config ?? defaultConfig()).alerts
  const loaded = new Map<string, Model>()
  const settings = new Map<string, Setting>()
  for (const [day, record] of records) {
    const key = record?.contentId ?? ''
    const model =
      loaded.get(key) ??
      (record === null ? await loadModel(workspace) : await loadRecorded(workspace, record))
    loaded.set(key, model)
    settings.set(day, { model, budgetPerDay: record?.budgetPerDay ?? budgetPerDay })
  }
  for (const model of loaded.values()) refuseOtherFeatures(model, catalogueOf(context))
  const suppressions = hasState(workspace)
    ? await withState(workspace, state => activeSuppressions(state, context.now))
    : []
  return {
    context,
    settings,
    leaveOut: [],
    suppressions,
    selection: selectionOf(context.config ?? defaultConfig()),
    history: await alertsBefore(context, [...records.keys()]),
  }
}

/** The side with the change. What has to be trained or built for it lies in `scratch`. */
export async function sideAfter(
  before: Side,
  change: Change,
  options: { scratch: string; owner: string; labels: string | undefined },
): Promise<Side> {
  const { context } = before
  const leaveOut = namedFeatures(change.features?.leaveOut ?? [], catalogueOf(context))
  const days = [...before.settings.keys()]
  const last = before.settings.get(days.at(-1)!)!.model
  const named = change.model === undefined ? null : await loadModel(context.workspace, change.model)
  if (named !== null) refuseOtherFeatures(named, catalogueOf(context))

  const isRekeyed = change.entity === 'principal'
  const own = isRekeyed
    ? await rekeyed(context, options.scratch)
    : { ...context, workspace: withModelsAside(context.workspace, options.scratch) }
  const replaced = needsTraining(change)
    ? await retrained(own, named ?? last, change, {
        leaveOut,
        labels: isRekeyed ? undefined : options.labels,
      })
    : named
  const settings = new Map(
    [...before.settings].map(([day, setting]) => {
      const model = replaced ?? setting.model
      return [day, { model, budgetPerDay: budgetOf(change, model, setting.budgetPerDay) }]
    }),
  )
  return {
    context: isRekeyed ? own : context,
    settings,
    leaveOut,
    suppressions: changedSuppressions(before.suppressions, change, context.now, options.owner),
    selection: selectionOf(mergeConfig(context.config ?? defaultConfig(), change.config)),
    history: { alerts: [...before.history.alerts], verdicts: before.history.verdicts },
  }
}

/** Whether the change needs another model than there is. */
export function needsTraining({ retrain, entity, config }: Change): boolean {
  return (
    retrain === true || entity === 'principal' || config?.seed !== undefined || config?.forest !== undefined
  )
}

/**
 * Every way to say where alerts begin as a budget, in closed form. Risk is 100 B / (B + a): a least risk r at budget B is the
 * budget B (100 - r) / r. A least score s is the budget a(s), the alerts a day that it stood for in training.
 */
export function budgetOf(change: Change, { detectors }: Pick<Model, 'detectors'>, present: number): number {
  if (change.budget !== undefined) return change.budget
  if (change.riskThreshold !== undefined)
    return (present * (100 - change.riskThreshold)) / change.riskThreshold
  if (change.scoreThreshold !== undefined) return alertsPerDayAt(detectors, change.scoreThreshold)
  const configured = (change.config?.alerts as { budgetPerDay?: number } | undefined)?.budgetPerDay
  return configured ?? present
}

/** The suppressions in force once the change is made. Those to add come last and bear negative numbers: they have none yet. */
export function changedSuppressions(
  present: readonly Suppression[],
  { suppressions }: Change,
  now: Date,
  owner: string,
): Suppression[] {
  const removed = new Set(suppressions?.remove)
  const added = (suppressions?.add ?? []).map((one, i) => ({
    suppressionId: -1 - i,
    tenantId: one.tenantId ?? null,
    principalId: one.principalId ?? null,
    tokenId: one.tokenId ?? null,
    operation: one.operation ?? null,
    reasonCode: one.reasonCode ?? null,
    because: one.because,
    owner: one.owner ?? owner,
    createdAt: now,
    expiresAt: now,
    hits: 0,
  }))
  return [...present.filter(one => !removed.has(one.suppressionId)), ...added]
}

/** Models, budget and threshold of a side, for the report. */
export function describeSide({
  settings,
}: Side): Pick<ReplaySide, 'models' | 'budgetPerDay' | 'scoreThreshold'> {
  const last = [...settings.values()].at(-1)!
  const byContent = new Map(
    [...settings.values()].map(({ model }) => [model.manifest.contentId, referenceOf(model)]),
  )
  const threshold = scoreThreshold(last.model.detectors, last.budgetPerDay)
  return {
    models: [...byContent].map(([contentId, model]) => ({ model, contentId })),
    budgetPerDay: last.budgetPerDay,
    scoreThreshold: Number.isFinite(threshold) ? threshold : null,
  }
}
