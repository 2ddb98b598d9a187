import { LABEL_ORIGINS, type LabelOrigin, VERDICT_EFFECTS, type Verdict } from '../schema/labels.ts'
import { ALERT_COLUMNS } from '../schema/scores.ts'
import { createView } from '../sql/workspace.ts'
import type { VerdictRecord } from '../state/verdicts.ts'
import type { Context } from './context.ts'

/** A verdict of which it is known what it is about: a token on a UTC day. */
export interface PlacedVerdict extends VerdictRecord {
  readonly tenantId: string
  readonly tokenId: string
  readonly seenAt: Date
}

/** What is known of a token-day that was, or would have been, alerted. */
export interface FilterLabel {
  /** 1 worth an analyst, 0 not. */
  readonly label: 0 | 1
  readonly origin: LabelOrigin
}

/** Tenant, token and UTC day. */
export function tokenDayKey(tenantId: string, tokenId: string, time: number): string {
  return JSON.stringify([tenantId, tokenId, Math.floor(time / 86_400_000)])
}

/** Verdicts with the moment of their alert: of earlier versions' ones it is looked up, and those whose alert is gone are left out. */
export async function placeVerdicts(
  { engine, workspace }: Pick<Context, 'engine' | 'workspace'>,
  verdicts: readonly VerdictRecord[],
): Promise<PlacedVerdict[]> {
  const seen = new Map<string, Date>()
  if (verdicts.some(record => record.seenAt === null)) {
    await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS)
    const rows = await engine.rows<{ alert_id: string; first_seen: Date }>(
      'SELECT alert_id, first_seen FROM alerts',
    )
    for (const row of rows) seen.set(row.alert_id, row.first_seen)
  }
  return verdicts.flatMap(record => {
    const seenAt = record.seenAt ?? seen.get(record.alertId)
    const { tenantId, tokenId } = record
    return seenAt === undefined || tenantId === null || tokenId === null
      ? []
      : [{ ...record, tenantId, tokenId, seenAt }]
  })
}

/** The label that verdicts give to each token-day judged; duplicates give none, and one true_positive outweighs the rest. */
export function verdictLabels(verdicts: readonly PlacedVerdict[]): Map<string, FilterLabel> {
  const labels = new Map<string, FilterLabel>()
  for (const record of verdicts) {
    const label = VERDICT_EFFECTS[record.verdict].filterLabel
    const key = tokenDayKey(record.tenantId, record.tokenId, record.seenAt.getTime())
    if (label === null || labels.get(key)?.label === 1) continue
    labels.set(key, { label, origin: record.source === 'simulated' ? 'simulated' : record.shown })
  }
  return labels
}

/**
 * The verdicts as training sees them: given by the end of the alert's own day. However late somebody worked through the
 * queue, each alert is then described by what would have been known had the ones before it been judged in time.
 */
export function asIfJudgedInTime(verdicts: readonly PlacedVerdict[]): PlacedVerdict[] {
  const endOfDay = (time: Date) => (Math.floor(time.getTime() / 86_400_000) + 1) * 86_400_000 - 1
  return verdicts.map(record => ({ ...record, at: new Date(endOfDay(record.seenAt)) }))
}

/** How many of each there are; zeros are left out. */
export function countBy<T extends string>(
  names: readonly T[],
  values: readonly T[],
): Partial<Record<T, number>> {
  return Object.fromEntries(
    names
      .map(name => [name, values.filter(value => value === name).length] as const)
      .filter(([, count]) => count > 0),
  ) as Partial<Record<T, number>>
}

export function countOrigins(labels: readonly FilterLabel[]): Partial<Record<LabelOrigin, number>> {
  return countBy(
    LABEL_ORIGINS,
    labels.map(one => one.origin),
  )
}

export function countVerdicts(verdicts: readonly VerdictRecord[]): Partial<Record<Verdict, number>> {
  return countBy(
    Object.keys(VERDICT_EFFECTS) as Verdict[],
    verdicts.map(record => record.verdict),
  )
}
