import { defaultConfig } from '../schema/config.ts'
import type { ModelComparison } from '../schema/promotion.ts'
import type { Context } from './context.ts'
import { modelDrift } from './drift/drift.ts'
import { readReference, showModel } from './models.ts'
import { holdToGate } from './promotion-gate.ts'
import { referenceOf } from './provenance.ts'
import { type ReplayOptions, replay } from './replay.ts'

/** Which models are compared, over what. Models as one names them: name, name@version or content id. */
export interface CompareOptions extends Omit<ReplayOptions, 'change' | 'against'> {
  /** Models as one names them. */
  champion: string
  challenger: string
}

/**
 * Champion and challenger over the same stored token-hours, on the way that scoring takes, and what the promotion gate says. Nothing
 * is published. Throws 'not-found' where nothing is scored yet, as replay does.
 */
export async function compareModels(
  context: Context,
  { champion, challenger, ...options }: CompareOptions,
): Promise<ModelComparison> {
  const { workspace } = context
  const report = await replay(context, { ...options, against: champion, change: { model: challenger } })
  const driftOf = async (model: string) => {
    if (readReference(workspace, model) === null) return null
    const drift = await modelDrift(context, { model, from: report.from, to: report.to })
    return drift.score?.excess ?? null
  }
  const scoreDrift = { champion: await driftOf(champion), challenger: await driftOf(challenger) }
  const { promotion } = context.config ?? defaultConfig()
  const findings = holdToGate(report, scoreDrift.challenger, promotion)
  const nameOf = (model: string) => referenceOf({ manifest: showModel(workspace, model) })
  return {
    champion: nameOf(champion),
    challenger: nameOf(challenger),
    replay: report,
    scoreDrift,
    findings,
    passes: findings.every(({ verdict }) => verdict !== 'fails'),
  }
}
