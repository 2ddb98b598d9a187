import type { InValue, Row } from '@libsql/client'
import type { Shown, Verdict, VerdictSource } from '../schema/labels.ts'
import { dateOf, type State, textOrNull } from './state.ts'

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
export async function recordVerdict(state: State, record: NewVerdict): Promise<void> {
  await state.client.execute({
    sql: `INSERT INTO verdicts (alert_id, verdict, note, who, at, tenant_id, token_id, reason_code,
            source, shown, model, seen_at, detectors, reason_values)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    args: [
      record.alertId,
      record.verdict,
      record.note,
      record.who,
      record.at.getTime(),
      record.tenantId,
      record.tokenId,
      record.reasonCode,
      record.source ?? 'analyst',
      record.shown ?? 'queue',
      record.model ?? null,
      record.seenAt?.getTime() ?? null,
      record.detectors ?? null,
      JSON.stringify(record.values ?? []),
    ],
  })
}

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
  const conditions: string[] = []
  const args: InValue[] = []
  const want = (condition: string, value: InValue | undefined) => {
    if (value === undefined) return
    conditions.push(condition)
    args.push(value)
  }
  want('v.alert_id = ?', filter.alertId)
  want('v.tenant_id = ?', filter.tenantId)
  want('v.token_id = ?', filter.tokenId)
  want('v.reason_code = ?', filter.reasonCode)
  want('v.at < ?', filter.before?.getTime())
  if (!filter.history) {
    const known = filter.before === undefined ? '' : ' AND later.at < ?'
    conditions.push(
      `NOT EXISTS (SELECT 1 FROM verdicts later
                   WHERE later.alert_id = v.alert_id AND later.verdict_id > v.verdict_id${known})`,
    )
    if (filter.before !== undefined) args.push(filter.before.getTime())
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const { rows } = await state.client.execute({
    sql: `SELECT v.* FROM verdicts v ${where} ORDER BY v.verdict_id`,
    args,
  })
  return rows.map(verdictOf)
}

function verdictOf(row: Row): VerdictRecord {
  return {
    alertId: String(row.alert_id),
    verdict: String(row.verdict) as Verdict,
    note: textOrNull(row, 'note'),
    who: String(row.who),
    at: dateOf(row, 'at'),
    tenantId: textOrNull(row, 'tenant_id'),
    tokenId: textOrNull(row, 'token_id'),
    reasonCode: textOrNull(row, 'reason_code'),
    source: String(row.source) as VerdictSource,
    shown: String(row.shown) as Shown,
    model: textOrNull(row, 'model'),
    seenAt: row.seen_at === null ? null : dateOf(row, 'seen_at'),
    detectors: textOrNull(row, 'detectors'),
    values: JSON.parse(String(row.reason_values)) as string[],
  }
}
