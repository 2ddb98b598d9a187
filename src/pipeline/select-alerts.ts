import { createHash } from 'node:crypto'
import type { Config } from '../schema/config.ts'
import type { Shown } from '../schema/labels.ts'

/** What the choice rests on. */
export interface Selectable {
  readonly alertId: string
  readonly day: string
  /** 0-100, after the filter. */
  readonly risk: number
  /** Reached the alert risk before the filter, and not after it. */
  readonly isFiltered: boolean
  /** Below the alert risk with and without the filter: a candidate for exploration only. */
  readonly isBelow: boolean
}

export interface Selection {
  /** Share of the alerts held back by the filter that are shown all the same, 0-1. */
  readonly sampleShare: number
  /** Alerts below the line to show a day. */
  readonly explorePerDay: number
  readonly seed: number
}

/** What the configuration says of sampling and exploration. */
export function selectionOf({ filter, alerts, seed }: Config): Selection {
  return { sampleShare: filter.sampleShare, explorePerDay: filter.exploreShare * alerts.budgetPerDay, seed }
}

/**
 * Why each alert is shown, by id; candidates that nobody is shown are left out. Of the alerts held back each is sampled by a
 * coin of its own, so that the sample is fair; of those below the line every day takes a few, half those nearest to the line (the
 * most uncertain), half at random. The coin is a hash of seed and id: scoring a period again chooses the same.
 */
export function selectShown(alerts: readonly Selectable[], selection: Selection): Map<string, Shown> {
  const { sampleShare, explorePerDay, seed } = selection
  const shown = new Map<string, Shown>()
  for (const { alertId, isFiltered, isBelow } of alerts) {
    if (isBelow) continue
    const isSampled = isFiltered && coin(seed, 'sample', alertId) < sampleShare
    shown.set(alertId, isSampled ? 'sampled' : isFiltered ? 'suppressed' : 'queue')
  }
  const below = alerts.filter(alert => alert.isBelow)
  for (const day of new Set(below.map(alert => alert.day))) {
    const ofDay = below.filter(alert => alert.day === day)
    // 1.3 alerts a day are one, and a second on three days of ten.
    const wanted = Math.floor(explorePerDay + coin(seed, 'explore', day))
    const byRisk = [...ofDay].sort((a, b) => b.risk - a.risk || (a.alertId < b.alertId ? -1 : 1))
    const uncertain = byRisk.slice(0, Math.ceil(wanted / 2))
    const random = byRisk
      .slice(uncertain.length)
      .map(alert => ({ alert, at: coin(seed, 'random', alert.alertId) }))
      .sort((a, b) => a.at - b.at)
      .slice(0, wanted - uncertain.length)
      .map(({ alert }) => alert)
    for (const { alertId } of [...uncertain, ...random]) shown.set(alertId, 'explored')
  }
  return shown
}

/** Uniform in [0, 1), the same for the same texts. */
function coin(seed: number, ...texts: string[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...texts]))
    .digest()
  return digest.readUInt32BE(0) / 2 ** 32
}
