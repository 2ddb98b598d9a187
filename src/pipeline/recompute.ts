import { KeyhoundError } from '../lib/errors.ts'
import { defaultConfig } from '../schema/config.ts'
import type { Scored } from '../scoring/score-windows.ts'
import { quoteText, timestampLiteral } from '../sql/duckdb.ts'
import { readStamp } from '../sql/stamp.ts'
import { dayOf, partition } from '../sql/workspace.ts'
import type { Alert } from './alerts.ts'
import { readBatch, type WindowBatch } from './batch.ts'
import type { Context } from './context.ts'
import { illustrate } from './illustrate.ts'
import type { Judgement } from './judge.ts'
import { loadModel, type Model, readsCatalogue } from './models.ts'
import { catalogueOf } from './own-features.ts'
import { readProvenance } from './provenance.ts'
import { loadRecorded } from './recorded.ts'
import { alertsBefore } from './score.ts'
import { scoreDay } from './score-day.ts'
import type { TriagedAlert } from './triage.ts'

/** A token's day, scored again with what scored it. */
export interface Recomputed {
  readonly model: Model
  readonly batch: WindowBatch
  readonly scored: Scored
  readonly judgements: readonly Judgement[]
  /** Of the token and day: one or none. */
  readonly alerts: readonly Alert[]
  /** Why the numbers may differ from those stored: the features are no longer those that were scored. Null where they are. */
  readonly changed: string | null
}

/**
 * Scores a token's day again: with the model that its scores record by content, at the budget that they were raised with, and with
 * the alerts that came before. Throws 'not-found' when that model is gone, 'conflict' when this Keyhound makes other features than
 * the model reads.
 */
export async function recompute(
  context: Context,
  { tenantId, tokenId, day, model }: { tenantId: string; tokenId: string; day: string; model: string },
): Promise<Recomputed> {
  const { engine, workspace } = context
  const record = await readProvenance(engine, workspace, day)
  const loaded = record === null ? await loadModel(workspace, model) : await loadRecorded(workspace, record)
  const catalogue = catalogueOf(context)
  if (!readsCatalogue(loaded.manifest, catalogue)) {
    throw new KeyhoundError(
      'conflict',
      `${model} read features ${loaded.manifest.featureFingerprint}, this Keyhound makes ${catalogue.fingerprint}: what it scored cannot be worked out again here. The stored reasons stand: keyhound alerts show`,
    )
  }
  const start = new Date(`${day}T00:00:00Z`)
  const batch = await readBatch(engine, workspace, [day], {
    where: `tenant_id = ${quoteText(tenantId)} AND token_id = ${quoteText(tokenId)} AND window_start >= ${timestampLiteral(start)}`,
    own: loaded.detectors.ownFeatures,
  })
  const budgetPerDay = record?.budgetPerDay ?? (context.config ?? defaultConfig()).alerts.budgetPerDay
  const history = await alertsBefore(context, [day])
  const { scored, judgements, alerts } = await scoreDay(context, day, batch, {
    model: loaded,
    budgetPerDay,
    history,
  })
  const stamp = readStamp(partition(workspace.features, day)) ?? ''
  return {
    model: loaded,
    batch,
    scored,
    judgements,
    alerts,
    changed: changeSince(record?.featureStamp, stamp),
  }
}

function changeSince(scored: string | undefined, stamp: string): string | null {
  if (scored === undefined) return 'the scores of this day do not say which features they were made from'
  if (scored === stamp) return null
  return `the features of this day were rebuilt since it was scored (stamp ${scored}, now ${stamp}): late events, or another past`
}

/** A stored alert beside the same alert worked out again. */
export interface RecomputedAlert {
  readonly contentId: string
  readonly changed: string | null
  /** Fields that differ, as `name: stored -> now`; empty where every one is the same. */
  readonly differences: readonly string[]
}

/** Works a stored alert out again, from the features of its day to its title and reasons. */
export async function recomputeAlert(context: Context, stored: TriagedAlert): Promise<RecomputedAlert> {
  const { tenantId, tokenId, model } = stored
  const again = await recompute(context, { tenantId, tokenId, day: dayOf(stored.firstSeen), model })
  const [alert] = again.alerts
  const { contentId } = again.model.manifest
  if (alert === undefined)
    return { contentId, changed: again.changed, differences: ['alert: raised -> not raised'] }
  const [reasons] = await illustrate(context, alert.day, [{ ...alert, windowStart: alert.topWindow }])
  const differences = differencesOf(stored, { ...alert, reasons: reasons! })
  return { contentId, changed: again.changed, differences }
}

function differencesOf(stored: TriagedAlert, alert: Alert): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['firstSeen', stored.firstSeen, new Date(alert.firstSeen)],
    ['lastSeen', stored.lastSeen, new Date(alert.lastSeen)],
    ['windows', stored.windows, alert.windows],
    ['severity', stored.severity, alert.severity],
    ['risk', stored.risk, alert.risk],
    ['score', stored.score, alert.score],
    ['filterProbability', stored.filterProbability, alert.filterProbability],
    ['title', stored.title, alert.title],
    ['techniques', stored.techniques, alert.techniques],
    ['reasons', stored.reasons, alert.reasons],
  ]
  return pairs.flatMap(([name, was, is]) => {
    const [a, b] = [JSON.stringify(was), JSON.stringify(is)]
    return a === b ? [] : [`${name}: ${a} -> ${b}`]
  })
}
