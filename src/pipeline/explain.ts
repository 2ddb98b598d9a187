import { KeyhoundError } from '../lib/errors.ts'
import { type Reason, SCORE_COLUMNS, type Severity } from '../schema/scores.ts'
import { quoteText, timestampLiteral } from '../sql/duckdb.ts'
import { createView, dayOf } from '../sql/workspace.ts'
import type { Context } from './context.ts'
import { explainer } from './explain-rows.ts'
import { readFacts } from './facts.ts'
import { illustrate } from './illustrate.ts'
import { recompute } from './recompute.ts'

/** A published score with everything behind it: what each detector found (nats), why, and whether it can be made again. */
export interface Explanation {
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  readonly windowStart: Date
  readonly model: string
  readonly score: number
  readonly risk: number
  readonly severity: Severity
  readonly maturity: number
  readonly filterProbability: number | null
  /** Calibrated surprise of each detector, nats, highest first. */
  readonly detectors: readonly { readonly detector: string; readonly nats: number }[]
  /** Every reason, strongest first, with frames and events; also of token-hours too quiet for `score` to give any. */
  readonly reasons: readonly Reason[]
  /** Of the model that scored it. */
  readonly contentId: string
  /** What that model makes of the stored features today; detectors and reasons are of this. */
  readonly recomputed: {
    readonly score: number
    readonly risk: number
    /** To the last bit what is stored. */
    readonly isExact: boolean
    /** Why it may differ: the features are not those that were scored. Null where they are. */
    readonly changed: string | null
  }
}

const HOUR_MS = 3_600_000

/** Explains a scored token-hour by recomputing it with the model that scored it. */
export async function explain(
  context: Context,
  { tokenId, window, tenantId }: { tokenId: string; window: Date; tenantId?: string },
): Promise<Explanation> {
  const { engine, workspace } = context
  const start = new Date(Math.floor(window.getTime() / HOUR_MS) * HOUR_MS)
  const day = dayOf(start)
  await createView(engine, 'scores', workspace.scores, SCORE_COLUMNS, [day])
  const ofTenant = tenantId === undefined ? '' : `AND tenant_id = ${quoteText(tenantId)}`
  const [row, another] = await engine.rows<Record<string, unknown>>(
    `SELECT * FROM scores WHERE token_id = $token AND window_start = ${timestampLiteral(start)} ${ofTenant} ORDER BY tenant_id`,
    { token: tokenId },
  )
  if (row !== undefined && another !== undefined) {
    throw new KeyhoundError(
      'usage',
      `${tokenId} is a token of ${row.tenant_id} and of ${another.tenant_id}; say which with --tenant`,
    )
  }
  if (row === undefined) {
    throw new KeyhoundError(
      'not-found',
      `no score of ${tokenId} at ${start.toISOString()}. Its hours: keyhound query "select window_start, score from scores where token_id = '${tokenId}'"`,
    )
  }
  const tenant = String(row.tenant_id)
  const again = await recompute(context, { tenantId: tenant, tokenId, day, model: String(row.model) })
  const { model, batch, scored, judgements } = again
  const at = batch.keys.windowStart.indexOf(start.getTime())
  if (at < 0) {
    throw new KeyhoundError(
      'conflict',
      `${tokenId} has a score at ${start.toISOString()} but no features any more: its events were taken away or moved. Score the day again: keyhound score --from ${day}`,
    )
  }
  const [facts] = await readFacts(engine, workspace, [day], batch, [at])
  const written = explainer(model.detectors, batch, scored)(at, facts!)
  const hour = { tenantId: tenant, tokenId, windowStart: start.getTime(), reasons: written }
  const [reasons] = await illustrate(context, day, [hour])
  const found = { score: scored.score[at]!, risk: judgements[at]!.risk }
  return {
    tenantId: String(row.tenant_id),
    principalId: String(row.principal_id),
    tokenId,
    windowStart: start,
    model: String(row.model),
    score: Number(row.score),
    risk: Number(row.risk),
    severity: row.severity as Severity,
    maturity: Number(row.maturity),
    filterProbability: row.filter_probability === null ? null : Number(row.filter_probability),
    detectors: scored.evidence.names
      .map((detector, d) => ({
        detector,
        nats: scored.evidence.data[at * scored.evidence.cols + d]!,
      }))
      .sort((a, b) => b.nats - a.nats),
    reasons: reasons!,
    contentId: model.manifest.contentId,
    recomputed: {
      ...found,
      isExact: found.score === Number(row.score) && found.risk === Number(row.risk),
      changed: again.changed,
    },
  }
}
