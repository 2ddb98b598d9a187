import * as Plot from '@observablehq/plot'
import type { Digest } from '../schema/digest.ts'
import { BAD, type Chart, chart, FULL, GOOD, HALF, MUTED, NARROW, OURS } from './chart.ts'
import { dayBars } from './day-bars.ts'

/** Alerts of each day by what was said of them, beside the budget. */
export function dailyAlertsChart({ daily, budgetPerDay }: Digest): Chart {
  const bars = daily.flatMap(({ day, verdicts, unjudged }) => {
    const date = new Date(`${day}T00:00:00Z`)
    const parts = [
      { n: verdicts.true_positive, fill: GOOD, opacity: 1 },
      { n: verdicts.false_positive + verdicts.benign_trigger, fill: BAD, opacity: 0.65 },
      { n: verdicts.duplicate, fill: MUTED, opacity: 0.35 },
      { n: unjudged, fill: OURS, opacity: 0.45 },
    ]
    let from = 0
    return parts.map(({ n, ...look }) => {
      const bar = { date, from, to: from + n, ...look }
      from += n
      return bar
    })
  })
  const first = new Date(`${daily[0]!.day}T00:00:00Z`)
  const end = new Date(first.getTime() + daily.length * 86_400_000)
  return chart(
    'alerts-a-day',
    'Alerts a day',
    FULL,
    width => ({
      height: width > NARROW ? 220 : 190,
      marginLeft: 40,
      marginTop: 24,
      marginRight: 18,
      x: {
        type: 'utc',
        label: null,
        domain: [first, end],
        ticks: width > NARROW ? Math.min(daily.length, 14) : 4,
      },
      y: {
        label: '↑ Alerts',
        grid: true,
        tickFormat: 'd',
        ticks: 4,
        domain: [0, 1.05 * Math.max(budgetPerDay, ...daily.map(day => day.alerts))],
      },
      marks: [
        ...dayBars(bars, budgetPerDay, width > NARROW ? 10 : 3),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    [
      { text: 'misuse', color: GOOD, dash: null },
      { text: 'false or benign', color: BAD, dash: null },
      { text: 'duplicate', color: 'var(--line-strong)', dash: null },
      { text: 'not judged', color: OURS, dash: null },
      { text: 'budget', color: OURS, dash: '5 3' },
    ],
  )
}

/** Precision of each week by verdicts, with its interval. */
export function precisionTrendChart({ weeks }: Digest): Chart {
  const known = weeks.flatMap(({ start, precision: { value, low, high } }) =>
    value === null ? [] : { start, value, low: low ?? value, high: high ?? value },
  )
  const label = (start: string) => {
    const [, month, day] = start.split('-')
    return `${Number(day)}.${Number(month)}.`
  }
  return chart(
    'precision-by-week',
    'Precision by week, from verdicts',
    HALF,
    width => ({
      height: width > NARROW ? 240 : 210,
      marginLeft: 48,
      marginTop: 26,
      marginRight: 18,
      x: { type: 'point', domain: weeks.map(week => week.start), label: null, tickFormat: label },
      y: { domain: [0, 1], label: '↑ Precision', tickFormat: '.0%', grid: true, ticks: 5 },
      marks: [
        Plot.ruleX(known, {
          x: 'start',
          y1: 'low',
          y2: 'high',
          stroke: OURS,
          strokeOpacity: 0.35,
          strokeWidth: 7,
          strokeLinecap: 'round',
        }),
        Plot.line(known, { x: 'start', y: 'value', stroke: OURS, strokeWidth: 1.75 }),
        Plot.dot(known, {
          x: 'start',
          y: 'value',
          r: 4.5,
          fill: OURS,
          stroke: 'var(--surface)',
          strokeWidth: 1.5,
        }),
      ],
    }),
    [{ text: '95 % interval', color: 'var(--ours-soft)', dash: null }],
  )
}
