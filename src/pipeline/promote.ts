import { KeyhoundError } from '../lib/errors.ts'
import type { ModelComparison } from '../schema/promotion.ts'
import { recordAudit } from '../state/audit.ts'
import { withState } from '../state/state.ts'
import { type CompareOptions, compareModels } from './compare-models.ts'
import type { Context } from './context.ts'
import { showModel, usedVersion } from './models.ts'
import { type Promotion, writePromotion } from './promotions.ts'

export interface PromoteOptions extends Omit<CompareOptions, 'champion' | 'challenger'> {
  /** The version to use from now on, as one names it. */
  model: string
  /** Who decides. */
  who: string
  /** Overrules the gate; needs a reason. */
  force?: { readonly because: string }
}

export interface Promoted {
  readonly promotion: Promotion
  /** Null where nothing was compared: the version was in use already, or the gate was overruled. */
  readonly comparison: ModelComparison | null
}

/**
 * Makes a version the one that `score` uses of its name. Throws 'conflict' when the gate refuses, with what it found; nothing changes
 * then. Promoting an earlier version again is how one goes back, and is held to the same gate.
 */
export async function promoteModel(context: Context, options: PromoteOptions): Promise<Promoted> {
  const { workspace, now } = context
  const { model, who, force, ...comparing } = options
  const { name, version, contentId } = showModel(workspace, model)
  const champion = usedVersion(workspace, name)!
  const publish = async (how: Promotion['how'], because: string, comparison: ModelComparison | null) => {
    const promotion = {
      name,
      version,
      contentId,
      replaced: champion,
      at: now.toISOString(),
      who,
      because,
      how,
    }
    await writePromotion(workspace, promotion)
    const line = {
      action: 'model.promote',
      subject: `model:${name}@${version}`,
      details: { contentId, replaced: champion, who, because, how },
    }
    await withState(workspace, state => recordAudit(state, line, { actor: context.actor ?? who, at: now }))
    return { promotion, comparison }
  }
  if (champion === version) return publish('pinned', 'in use already; stays when newer versions come', null)
  if (force !== undefined) return publish('forced', force.because, null)

  const challenger = `${name}@${version}`
  const comparison = await compareModels(context, {
    ...comparing,
    champion: `${name}@${champion}`,
    challenger,
  })
  const texts = (verdict: string) =>
    comparison.findings.filter(one => one.verdict === verdict).map(one => one.text)
  if (comparison.passes) return publish('gate', texts('passes').join('; '), comparison)
  throw new KeyhoundError(
    'conflict',
    `${challenger} is not promoted over ${name}@${champion}: ${texts('fails').join('; ')}. ` +
      `See keyhound models compare ${name}@${champion} ${challenger}; overrule with --force --because "..."`,
  )
}
