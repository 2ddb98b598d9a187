import { quoteText, timestampLiteral } from '../engine/duckdb.ts'
import { createView, dayOf, listDays } from '../engine/workspace.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { type Reason, SCORE_COLUMNS, type Severity } from '../schema/scores.ts'
import { DETECTOR_NAMES, scoreWindows } from '../scoring.ts'
import { readBatch } from './batch.ts'
import type { Context } from './context.ts'
import { readFacts } from './facts.ts'
import { illustrate } from './illustrate.ts'
import { explainRow } from './judge.ts'
import { loadModel } from './models.ts'

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
  const { detectors } = await loadModel(workspace, String(row.model))
  const batch = await readBatch(
    engine,
    workspace,
    listDays(workspace.features).filter(known => known === day),
    {
      where: `window_start = ${timestampLiteral(start)} AND token_id = ${quoteText(tokenId)} AND tenant_id = ${quoteText(String(row.tenant_id))}`,
    },
  )
  const scored = scoreWindows(detectors, batch)
  const [facts] = await readFacts(engine, workspace, [day], batch, [0])
  const written = explainRow(detectors, batch, scored, 0, facts!)
  const hour = { tenantId: String(row.tenant_id), tokenId, windowStart: start.getTime(), reasons: written }
  const [reasons] = await illustrate(context, day, [hour])
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
    detectors: DETECTOR_NAMES.map((detector, d) => ({ detector, nats: scored.evidence.data[d]! })).sort(
      (a, b) => b.nats - a.nats,
    ),
    reasons: reasons!,
  }
}
