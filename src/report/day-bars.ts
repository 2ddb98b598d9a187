import * as Plot from '@observablehq/plot'
import { OURS } from './chart.ts'

/** One part of a day's bar. */
export interface DayBar {
  /** Midnight UTC. */
  readonly date: Date
  readonly from: number
  readonly to: number
  readonly fill: string
  readonly opacity: number
}

/** Bars of days in parts, and the alert budget across them; `inset` is left free on both sides of a bar, pixels. */
export function dayBars(bars: readonly DayBar[], budgetPerDay: number, inset: number): Plot.Markish[] {
  return [
    Plot.rectY(
      bars.filter(bar => bar.to > bar.from),
      {
        x: 'date',
        interval: 'day',
        y1: 'from',
        y2: 'to',
        fill: 'fill',
        fillOpacity: 'opacity',
        insetLeft: inset,
        insetRight: inset,
      },
    ),
    Plot.ruleY([budgetPerDay], { stroke: OURS, strokeWidth: 1.5, strokeDasharray: '5 3' }),
  ]
}
