import type { Selectable } from 'kysely'
import { KeyhoundError } from '../lib/errors.ts'
import type { Shown, Verdict, VerdictSource } from '../schema/labels.ts'
import { recordAudit } from './audit.ts'
import { type By, inTransaction, type State } from './state.ts'
import type { VerdictsTable } from './tables.ts'

/** An analyst's judgement of one alert. */
export interface VerdictRecord {
  readonly alertId: string
  readonly verdict: Verdict
  readonly note: string | null
  readonly who: string
  readonly at: Date
  readonly tenantId: string | null
  readonly tokenId: string | null
  /** Code of the alert's strongest reason. */
  readonly reasonCode: string | null
  readonly source: VerdictSource
  /** Why the analyst saw the alert. */
  readonly shown: Shown
  /** name@version that raised the alert. */
  readonly model: string | null
  /** First moment of the alert; null for verdicts of earlier versions. */
  readonly seenAt: Date | null
  /** The alert's two strongest detectors: alerts with one title share them. */
  readonly detectors: string | null
  /** What its reasons name, as `code=value`: a network, a client, an operation. */
  readonly values: readonly string[]
}

/** A judgement to record; what is left out of the alert's description is unknown, the source an analyst, the place the queue. */
export type NewVerdict = Omit<
  VerdictRecord,
  'source' | 'shown' | 'model' | 'seenAt' | 'detectors' | 'values'
> &
  Partial<VerdictRecord>

/** Adds a judgement. An earlier one of the same alert is kept as history and no longer counts. */
export async function recordVerdict(
  state: State,
  record: NewVerdict,
  actor: string = record.who,
): Promise<void> {
  const { alertId, verdict, note, who, at, tenantId } = record
  await inTransaction(state, async ({ db }) => {
    await db
      .insertInto('verdicts')
      .values({
        alert_id: alertId,
        verdict,
        note,
        who,
        at: at.getTime(),
        tenant_id: tenantId,
        token_id: record.tokenId,
        reason_code: record.reasonCode,
        source: record.source ?? 'analyst',
        shown: record.shown ?? 'queue',
        model: record.model ?? null,
        seen_at: record.seenAt?.getTime() ?? null,
        detectors: record.detectors ?? null,
        reason_values: JSON.stringify(record.values ?? []),
      })
      .execute()
    await recordAudit(
      { db },
      { action: 'alert.verdict', subject: `alert:${alertId}`, tenantId, details: { verdict, note, who } },
      { actor, at },
    )
  })
}

/**
 * Removes the newest judgement of an alert, so that no figure counts it; the one before counts again. The audit trail keeps the
 * judgement and its withdrawal. Throws `conflict` where somebody else has judged the alert since.
 */
export async function removeVerdict(
  state: State,
  { alertId, verdict, note, who, at, tenantId }: VerdictRecord,
  by: By,
): Promise<void> {
  await inTransaction(state, async lent => {
    const newest = await lent.db
      .selectFrom('verdicts')
      .select(['verdict_id', 'who', 'at'])
      .where('alert_id', '=', alertId)
      .orderBy('verdict_id', 'desc')
      .executeTakeFirst()
    if (newest?.who !== who || newest.at !== at.getTime())
      throw new KeyhoundError('conflict', `Somebody else has judged alert ${alertId} since.`)
    await lent.db.deleteFrom('verdicts').where('verdict_id', '=', newest.verdict_id).execute()
    const subject = `alert:${alertId}`
    await recordAudit(lent, { action: 'alert.withdraw', subject, tenantId, details: { verdict, note } }, by)
  })
}

/** Which verdicts; what is left out does not restrict. */
export interface VerdictFilter {
  alertId?: string
  tenantId?: string
  tokenId?: string
  reasonCode?: string
  /** Judged before this moment: lets training see only what was known then. */
  before?: Date
  /** Also judgements that a later one replaced. @default false */
  history?: boolean
}

/** Judgements that satisfy every filter given, oldest first; one an alert, the newest, unless `history`. */
export async function listVerdicts(state: State, filter: VerdictFilter = {}): Promise<VerdictRecord[]> {
  let query = state.db.selectFrom('verdicts as v').selectAll('v').orderBy('v.verdict_id')
  if (filter.alertId !== undefined) query = query.where('v.alert_id', '=', filter.alertId)
  if (filter.tenantId !== undefined) query = query.where('v.tenant_id', '=', filter.tenantId)
  if (filter.tokenId !== undefined) query = query.where('v.token_id', '=', filter.tokenId)
  if (filter.reasonCode !== undefined) query = query.where('v.reason_code', '=', filter.reasonCode)
  const before = filter.before?.getTime()
  if (before !== undefined) query = query.where('v.at', '<', before)
  if (!filter.history) {
    query = query.where(({ exists, not, selectFrom }) => {
      const later = selectFrom('verdicts as later')
        .select('later.verdict_id')
        .whereRef('later.alert_id', '=', 'v.alert_id')
        .whereRef('later.verdict_id', '>', 'v.verdict_id')
      return not(exists(before === undefined ? later : later.where('later.at', '<', before)))
    })
  }
  return (await query.execute()).map(verdictOf)
}

function verdictOf(row: Selectable<VerdictsTable>): VerdictRecord {
  return {
    alertId: row.alert_id,
    verdict: row.verdict,
    note: row.note,
    who: row.who,
    at: new Date(row.at),
    tenantId: row.tenant_id,
    tokenId: row.token_id,
    reasonCode: row.reason_code,
    source: row.source,
    shown: row.shown,
    model: row.model,
    seenAt: row.seen_at === null ? null : new Date(row.seen_at),
    detectors: row.detectors,
    values: JSON.parse(row.reason_values) as string[],
  }
}
