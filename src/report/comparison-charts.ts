import * as Plot from '@observablehq/plot'
import type { ModelComparison } from '../schema/promotion.ts'
import type { AlertChange } from '../schema/replay.ts'
import { BAD, type Chart, chart, GOOD, HALF, MUTED, NARROW } from './chart.ts'

/** Each alert that only one side raises, at its risk under the champion and under the challenger. */
export function riskShiftChart({ champion, challenger, replay }: ModelComparison): Chart {
  const points = [...replay.gained, ...replay.lost].map(alert => ({
    before: alert.riskBefore ?? 0,
    after: alert.riskAfter ?? 0,
    fill: colorOf(alert),
  }))
  return chart(
    'risk-shift',
    'Risk of the alerts that change sides',
    HALF,
    width => ({
      height: width > NARROW ? 420 : 320,
      marginLeft: 48,
      marginTop: 28,
      marginRight: 18,
      x: { domain: [0, 100], label: `Risk by ${champion} →`, labelOffset: 38, grid: true, ticks: 5 },
      y: { domain: [0, 100], label: `↑ Risk by ${challenger}`, grid: true, ticks: 5 },
      marks: [
        Plot.line(
          [
            [0, 0],
            [100, 100],
          ],
          { stroke: MUTED, strokeDasharray: '2 4' },
        ),
        Plot.dot(points, {
          x: 'before',
          y: 'after',
          r: 4.5,
          fill: 'fill',
          fillOpacity: 0.8,
          stroke: 'var(--surface)',
          strokeWidth: 1,
        }),
      ],
    }),
    [
      { text: 'known misuse', color: GOOD, dash: null },
      { text: 'judged not to be', color: BAD, dash: null },
      { text: 'no label or verdict', color: MUTED, dash: null },
    ],
  )
}

function colorOf({ incidents, verdict }: AlertChange): string {
  if (incidents.length > 0 || verdict === 'true_positive') return GOOD
  return verdict === 'false_positive' || verdict === 'benign_trigger' ? BAD : MUTED
}
