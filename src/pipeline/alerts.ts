import { createHash } from 'node:crypto'
import { SIGNALS } from '../detectors/signals/catalogue.ts'
import { ALERT_RISK } from '../risk/calibrate.ts'
import { FIRING_NATS, OTHER_CAUSES } from '../risk/causes.ts'
import type { Reason, Severity } from '../schema/scores.ts'
import { CLUSTER_DETECTOR, FOREST_DETECTOR, type Scored, TAIL_DETECTOR } from '../scoring/score-windows.ts'
import { dayOf } from '../sql/workspace.ts'
import type { WindowKeys } from './batch.ts'
import type { Judgement } from './judge.ts'
import { sharesByDetector } from './likeness.ts'

/** An alert before it has an incident, evidence and a status: a token-day at its highest hour. */
export interface Alert {
  readonly alertId: string
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  readonly day: string
  /** ms since the epoch: start of the first alerted hour, end of the last. */
  readonly firstSeen: number
  readonly lastSeen: number
  readonly windows: number
  /** Start of the highest hour, which the reasons are of, ms since the epoch. */
  readonly topWindow: number
  readonly severity: Severity
  readonly risk: number
  readonly score: number
  readonly maturity: number
  readonly filterProbability: number | null
  /** Below the filter's threshold, though the score alone would have been alerted. */
  readonly isFiltered: boolean
  /** Below the alert risk with and without the filter: shown only where exploration chooses it. */
  readonly isBelow: boolean
  readonly title: string
  readonly reasons: readonly Reason[]
  readonly places: readonly string[]
  readonly techniques: readonly string[]
}

const HOUR_MS = 3_600_000

/** Names and techniques of the detectors that are no signals. */
const OTHER_TITLES: Readonly<Record<string, { title: string; techniques: readonly string[] }>> = {
  [FOREST_DETECTOR]: { title: 'Unusual combination of behaviour', techniques: ['T1078.004'] },
  [CLUSTER_DETECTOR]: {
    title: 'Use outside the expected permissions',
    techniques: ['T1078.004', 'API5:2023'],
  },
  [TAIL_DETECTOR]: { title: 'Unusual in many ways', techniques: ['T1078.004'] },
}

/** Detectors whose techniques an alert is tagged with: the strongest few. */
const TAGGED_DETECTORS = 3

/**
 * Alerts of a scored day. A token-day is alerted when its highest hour reaches the alert risk, or would have before the
 * filter: those are kept as suppressed. Token-days below that have reasons are candidates for exploration.
 */
export function raiseAlerts(
  modelName: string,
  keys: WindowKeys,
  scored: Scored,
  judgements: readonly Judgement[],
  beforeFilter: Float64Array,
): Alert[] {
  const rowsByTokenDay = new Map<string, number[]>()
  judgements.forEach((judgement, row) => {
    if (judgement.reasons.length === 0) return
    const key = JSON.stringify([
      keys.tenantId[row],
      keys.tokenId[row],
      dayOf(new Date(keys.windowStart[row]!)),
    ])
    rowsByTokenDay.set(key, [...(rowsByTokenDay.get(key) ?? []), row])
  })
  return [...rowsByTokenDay].map(([key, rows]) => {
    const [tenantId, tokenId, day] = JSON.parse(key) as [string, string, string]
    const alerted = rows.filter(row => judgements[row]!.risk >= ALERT_RISK)
    const before = rows.filter(row => beforeFilter[row]! >= ALERT_RISK)
    const isFiltered = alerted.length === 0 && before.length > 0
    const isBelow = alerted.length === 0 && before.length === 0
    const shown = isBelow ? rows : isFiltered ? before : alerted
    const top = shown.reduce((best, row) => (judgements[row]!.risk > judgements[best]!.risk ? row : best))
    const { risk, severity, maturity, filterProbability, reasons } = judgements[top]!
    return {
      alertId: createHash('sha256')
        .update(JSON.stringify([modelName, tenantId, tokenId, day]))
        .digest('hex')
        .slice(0, 24),
      tenantId,
      tokenId,
      principalId: keys.principalId[top]!,
      day,
      firstSeen: Math.min(...shown.map(row => keys.windowStart[row]!)),
      lastSeen: Math.max(...shown.map(row => keys.windowStart[row]!)) + HOUR_MS,
      windows: shown.length,
      topWindow: keys.windowStart[top]!,
      severity,
      risk,
      score: scored.score[top]!,
      maturity,
      filterProbability,
      isFiltered,
      isBelow,
      title: titleOf(reasons),
      reasons,
      places: [...new Set(shown.flatMap(row => judgements[row]!.places))],
      techniques: techniquesOf(reasons),
    }
  })
}

/** Share of the score from which a second cause is worth a place in the title though no signal fires. */
const TITLED_SHARE = 0.15

/**
 * The strongest cause in words, and beside it the loudest other that fires, so that what was done is told as well as from
 * where; where none fires, the second by weight.
 */
export function titleOf(reasons: readonly Reason[]): string {
  const [first, second] = titledReasons(reasons)
  if (first === undefined) return 'Unusual behaviour'
  if (second === undefined) return causeTitle(first)
  const title = causeTitle(second)
  return `${causeTitle(first)}; ${title.charAt(0).toLowerCase()}${title.slice(1)}`
}

/** The one or two reasons that a title tells. */
export function titledReasons(reasons: readonly Reason[]): Reason[] {
  const [first, ...others] = reasons
  if (first === undefined) return []
  const firing = others.filter(reason => (reason.surprise ?? 0) >= FIRING_NATS)
  const second =
    firing.toSorted((a, b) => b.surprise! - a.surprise!)[0] ??
    others.find(reason => reason.contribution >= TITLED_SHARE)
  return second === undefined ? [first] : [first, second]
}

/** What an analyst calls the cause of a reason. */
export function causeTitle({ code, detector }: Pick<Reason, 'code' | 'detector'>): string {
  return OTHER_CAUSES[code] ?? describe(detector).title
}

function techniquesOf(reasons: readonly Reason[]): string[] {
  const named = [...sharesByDetector(reasons).keys()].slice(0, TAGGED_DETECTORS)
  return [...new Set(named.flatMap(name => describe(name).techniques))]
}

function describe(detector: string): { title: string; techniques: readonly string[] } {
  return (
    SIGNALS.find(signal => signal.name === detector) ?? OTHER_TITLES[detector] ?? OTHER_TITLES[TAIL_DETECTOR]!
  )
}
