import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Reason } from '../schema/scores.ts'
import { quoteText } from '../sql/duckdb.ts'
import { readStamp } from '../sql/stamp.ts'
import { listDays, listParquet, partition, readMetadata, type Workspace } from '../sql/workspace.ts'
import type { Alert } from './alerts.ts'
import type { Context } from './context.ts'
import type { PastReader } from './illustrate/past-hours.ts'
import { countEvents, illustrateShown } from './illustrate.ts'

/** Events named as evidence at most. */
const MOST_EVIDENCE = 20

/** Under which a day's alerts keep what their evidence was gathered from. */
const BASES = 'keyhound.evidence_bases'

/** Alerts with what shows them. */
export interface Gathered {
  /** With their reasons illustrated. */
  readonly alerts: readonly Alert[]
  /** Ids of events by alert. */
  readonly evidence: ReadonlyMap<string, readonly string[]>
  /** Digest of what each alert's illustration and evidence were worked out from. */
  readonly bases: ReadonlyMap<string, string>
  /** Alerts that keep what was published of them though it would come out another now. */
  readonly due: number
}

export interface GatherOptions {
  /**
   * Alerts that are gathered for: those that have nothing yet before others, the higher risk first. The rest keep what was published of
   * them, and stay due. @default all
   */
  readonly most?: number
  /** Of past hours. @default one that reads them anew */
  readonly reader?: PastReader
}

/** The file of a day's alerts. */
export const alertsFile = (workspace: Workspace, day: string): string =>
  join(partition(workspace.alerts, day), 'alerts.parquet')

/** What the footer of a day's alerts is to hold. */
export function basesMetadata(bases: Gathered['bases']): Record<string, string> {
  return { [BASES]: JSON.stringify(Object.fromEntries(bases)) }
}

/**
 * The alerts of a day with their reasons illustrated, and the events behind them: those named by a reason first, in the order of the
 * reasons, then others of the alerted hours from the first on. What was published of an alert is taken over where it would come out the
 * same: while a day grows, only what changes is gathered again.
 */
export async function gatherEvidence(
  context: Context,
  day: string,
  alerts: readonly Alert[],
  { most = Number.POSITIVE_INFINITY, reader }: GatherOptions = {},
): Promise<Gathered> {
  const current = await basesOf(context, day, alerts)
  const known = await readPublished(context, day)
  const changed = alerts.filter(({ alertId }) => known.get(alertId)?.basis !== current.get(alertId))
  const chosen = [...changed]
    .sort((a, b) => Number(known.has(a.alertId)) - Number(known.has(b.alertId)) || b.risk - a.risk)
    .slice(0, most)
  const anew = await gatherAnew(context, day, chosen, reader)
  const evidence = new Map<string, readonly string[]>()
  const bases = new Map<string, string>()
  const illustrated = alerts.map((alert): Alert => {
    const { alertId } = alert
    const published = known.get(alertId)
    const basis = anew.has(alertId) ? current.get(alertId) : published?.basis
    if (basis !== undefined) bases.set(alertId, basis)
    const isCurrent = basis === current.get(alertId)
    const shown = (isCurrent ? (anew.get(alertId) ?? published) : undefined) ?? makeDo(alert, published)
    evidence.set(alertId, shown.evidence)
    return { ...alert, reasons: shown.reasons }
  })
  return { alerts: illustrated, evidence, bases, due: changed.length - chosen.length }
}

/** What shows an alert. */
interface Shown {
  readonly reasons: readonly Reason[]
  readonly evidence: readonly string[]
}

async function gatherAnew(
  context: Context,
  day: string,
  alerts: readonly Alert[],
  reader: PastReader | undefined,
): Promise<Map<string, Shown>> {
  const hours = alerts.map(alert => ({ ...alert, windowStart: alert.topWindow }))
  const illustrated = await illustrateShown(context, day, hours, MOST_EVIDENCE, reader)
  return new Map(
    alerts.map(({ alertId }, i) => {
      const { reasons, firstEvents } = illustrated[i]!
      const named = reasons.flatMap(reason => reason.events ?? [])
      const events = [...new Set([...named, ...firstEvents])]
      return [alertId, { reasons, evidence: events.slice(0, MOST_EVIDENCE) }]
    }),
  )
}

/** The alert's reasons as they are now, with the events that were published to show them. */
function makeDo({ reasons }: Alert, published: Shown | undefined): Shown {
  const before = new Map(published?.reasons.map(reason => [reason.code, reason.events]))
  return {
    reasons: reasons.map(reason => ({ ...reason, events: before.get(reason.code) ?? [] })),
    evidence: published?.evidence ?? [],
  }
}

/**
 * Events are only ever added, so that as many of them in the same hours are the same ones; and the features of the day before stand for
 * all of the past.
 */
async function basesOf(
  context: Context,
  day: string,
  alerts: readonly Alert[],
): Promise<Map<string, string>> {
  const { workspace } = context
  const before = listDays(workspace.features).filter(known => known < day)
  const past = before.length === 0 ? null : readStamp(partition(workspace.features, before.at(-1)!))
  const events = await countEvents(context, day, alerts)
  return new Map(
    alerts.map((alert, a) => {
      const { alertId, firstSeen, lastSeen, topWindow, reasons } = alert
      const basis = [past, firstSeen, lastSeen, topWindow, events[a]!, reasons]
      return [alertId, createHash('sha256').update(JSON.stringify(basis)).digest('base64url').slice(0, 22)]
    }),
  )
}

interface Published extends Shown {
  readonly basis: string | undefined
}

/** What is published of the day's alerts, by id. */
async function readPublished({ engine, workspace }: Context, day: string): Promise<Map<string, Published>> {
  const file = alertsFile(workspace, day)
  if (!listParquet(partition(workspace.alerts, day)).includes(file)) return new Map()
  const bases = JSON.parse((await readMetadata(engine, file)).get(BASES) ?? '{}') as Record<string, string>
  const rows = await engine.rows<{ alert_id: string; reasons: string; evidence: string }>(
    `SELECT alert_id, reasons, evidence FROM read_parquet(${quoteText(file)})`,
  )
  return new Map(
    rows.map(row => [
      row.alert_id,
      {
        basis: bases[row.alert_id],
        reasons: JSON.parse(row.reasons) as Reason[],
        evidence: JSON.parse(row.evidence) as string[],
      },
    ]),
  )
}
