import { clopperPearsonUpper } from '../lib/binomial.ts'
import type { Config } from '../schema/config.ts'
import { ALERT_COLUMNS } from '../schema/scores.ts'
import { createView } from '../sql/workspace.ts'
import { hasState, withState } from '../state/state.ts'
import { listVerdicts, type VerdictRecord } from '../state/verdicts.ts'
import type { Context } from './context.ts'

/** What sampling says of the misuse that a model's filter hides, and what follows. */
export interface FilterGuard {
  /** off: the bound is exceeded, alerts stay unfiltered until the model is trained again. none: the model has no filter. */
  readonly state: 'on' | 'off' | 'none'
  /** name@version whose filter it is. */
  readonly model: string
  /** Verdicts on sampled alerts that this model held back, duplicates left out, and how many of them were misuse. */
  readonly sampled: number
  readonly truePositives: number
  /** Upper 95 % bound (Clopper-Pearson) on the share of misuse among the alerts held back, 0-1; 1 without a verdict. */
  readonly missedShareBound: number
  /** Alerts of this model that the filter holds back, sampled ones included; the bound on the misuse among them. */
  readonly heldBack: number
  readonly missedBound: number
  /** Limit on the share, from the configuration. */
  readonly limit: number
  /** One sentence for people. */
  readonly because: string
}

type Limits = Config['filter']

/**
 * Whether a filter may go on. While fewer than `leastSampled` verdicts are in, the missing ones count as benign for the decision, not for
 * the bound that is reported: so a filter starts, and still stops at once when what was sampled cannot be made good any more.
 */
export function guardFilter(
  model: string,
  verdicts: readonly VerdictRecord[],
  heldBack: number,
  { maxMissedShare, leastSampled }: Pick<Limits, 'maxMissedShare' | 'leastSampled'>,
): FilterGuard {
  const judged = verdicts.filter(
    record => record.shown === 'sampled' && record.model === model && record.verdict !== 'duplicate',
  )
  const sampled = judged.length
  const truePositives = judged.filter(record => record.verdict === 'true_positive').length
  const missedShareBound = clopperPearsonUpper(truePositives, sampled)
  const decisive = clopperPearsonUpper(truePositives, Math.max(sampled, leastSampled))
  const state = decisive > maxMissedShare ? 'off' : 'on'
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  const seen = `${truePositives} of ${sampled} sampled alerts were misuse`
  return {
    state,
    model,
    sampled,
    truePositives,
    missedShareBound,
    heldBack,
    missedBound: Math.ceil(missedShareBound * heldBack),
    limit: maxMissedShare,
    because:
      state === 'off'
        ? `switched off: ${seen}, so up to ${percent(decisive)} of those held back may be, above the limit of ${percent(maxMissedShare)}; train again to let it learn from them`
        : sampled === 0
          ? 'on; no sampled alert has been judged yet, so nothing is known of what it hides'
          : `on: ${seen}; at most ${percent(missedShareBound)} of those held back (95 % sure)`,
  }
}

/** The guard of a model's filter, from the workspace's verdicts and alerts. */
export async function readFilterGuard(
  { engine, workspace }: Pick<Context, 'engine' | 'workspace'>,
  model: string,
  hasFilter: boolean,
  limits: Limits,
): Promise<FilterGuard> {
  const verdicts = hasState(workspace) ? await withState(workspace, state => listVerdicts(state)) : []
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS)
  const [row] = await engine.rows<{ n: number }>(
    `SELECT count(*) AS n FROM (FROM alerts UNION ALL BY NAME SELECT NULL::VARCHAR AS shown WHERE false)
     WHERE model = $model AND (shown = 'sampled' OR starts_with(suppressed_because, 'filter: '))`,
    { model },
  )
  const guard = guardFilter(model, verdicts, row!.n, limits)
  return hasFilter ? guard : { ...guard, state: 'none', because: 'the model has no filter' }
}
