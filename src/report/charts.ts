import * as Plot from '@observablehq/plot'
import type { EvaluationReport, RankingReport } from '../schema/evaluation.ts'
import { BAD, type Chart, chart, FULL, GOOD, HALF, MUTED, NARROW, OURS } from './chart.ts'
import { dayBars } from './day-bars.ts'
import { duration } from './format.ts'

/** Strokes of the rankings, in order: ours solid, baselines told apart by dashes as well as by colour. */
export function strokeOf(
  report: EvaluationReport,
  ranking: RankingReport,
): { color: string; dash: string; width: number } {
  const peers = report.rankings.filter(of => of.kind === ranking.kind)
  const index = peers.indexOf(ranking)
  if (ranking.kind === 'keyhound')
    return { color: OURS, dash: index === 0 ? '' : '2 3', width: index === 0 ? 2.5 : 1.75 }
  return { color: `var(--baseline-${(index % 3) + 1})`, dash: ['', '6 3', '2 2'][index % 3]!, width: 1.5 }
}

/** Precision against recall by token-day: ours, the baselines, chance, and where the budgets lie. */
export function precisionRecallChart(report: EvaluationReport): Chart {
  const headline = headlineOf(report)
  const chance = headline.tokenDays.baseRate
  const points = headline.budgets.flatMap(b =>
    b.precision.value === null || b.recall.value === null
      ? []
      : { recall: b.recall.value, precision: b.precision.value, label: `${b.perDay} a day` },
  )
  return chart(
    'precision-recall',
    'Precision against recall of token-days',
    HALF,
    width => ({
      height: width > NARROW ? 380 : 300,
      marginLeft: 44,
      marginTop: 26,
      marginRight: 18,
      x: { domain: [0, 1], label: 'Recall →', labelOffset: 40, tickFormat: '.0%', ticks: 5 },
      y: { domain: [0, 1], label: '↑ Precision', tickFormat: '.0%', grid: true, ticks: 5 },
      marks: [
        Plot.ruleY([chance], { stroke: MUTED, strokeDasharray: '1 4' }),
        Plot.text([{ x: 0, y: chance }], {
          x: 'x',
          y: 'y',
          text: () => 'chance',
          textAnchor: 'start',
          dx: 4,
          dy: -7,
          fill: MUTED,
        }),
        Plot.areaY(headline.band ?? [], {
          x: 'recall',
          y1: 'low',
          y2: 'high',
          fill: OURS,
          fillOpacity: 0.13,
          curve: 'step-before',
        }),
        ...[...report.rankings].reverse().map(ranking => {
          const { color, dash, width: strokeWidth } = strokeOf(report, ranking)
          const first = ranking.curve[0]
          const curve =
            first === undefined ? [] : [{ recall: 0, precision: first.precision }, ...ranking.curve]
          // Precision at a recall is that of the next point reached: what average precision sums.
          return Plot.line(curve, {
            x: 'recall',
            y: 'precision',
            curve: 'step-before',
            stroke: color,
            strokeWidth,
            strokeDasharray: dash,
          })
        }),
        Plot.dot(points, {
          x: 'recall',
          y: 'precision',
          r: 5,
          fill: OURS,
          stroke: 'var(--surface)',
          strokeWidth: 2,
        }),
        Plot.text(points, {
          x: 'recall',
          y: 'precision',
          text: 'label',
          dx: -8,
          dy: 13,
          textAnchor: 'end',
          fill: 'var(--text)',
          stroke: 'var(--surface)',
          strokeWidth: 4,
          fontWeight: 600,
        }),
      ],
    }),
    [
      ...report.rankings.map(ranking => {
        const { color, dash } = strokeOf(report, ranking)
        return { text: ranking.title, color, dash }
      }),
      { text: '95 % interval', color: 'var(--ours-soft)', dash: null },
    ],
  )
}

/** Highest and 99th-percentile score of each day, with the labelled token-days and the threshold on top. */
export function timelineChart(report: EvaluationReport): Chart {
  const { threshold } = headlineOf(report).budgets.find(b => b.perDay === report.referenceBudget)!
  const days = report.days.map(day => ({ ...day, date: noon(day.day) }))
  const positives = days.flatMap(day =>
    day.positiveScores.map(score => ({
      date: day.date,
      score,
      found: threshold !== null && score >= threshold,
    })),
  )
  const top = Math.max(1e-9, ...days.map(day => day.max ?? 0))
  return chart(
    'score-over-time',
    'Score over time',
    FULL,
    width => ({
      height: width > NARROW ? 280 : 240,
      marginLeft: 44,
      marginTop: 26,
      marginRight: 18,
      x: dayAxis(report, width),
      y: {
        label: `↑ ${report.headline === 'risk' ? 'Risk' : 'Score'}`,
        grid: true,
        domain: [Math.min(0, ...days.map(d => d.p99 ?? 0)), 1.05 * top],
      },
      marks: [
        Plot.ruleX(
          days.filter(day => day.max !== null),
          {
            x: 'date',
            y1: 'p99',
            y2: 'max',
            stroke: 'var(--line-strong)',
            strokeWidth: width > NARROW ? 4 : 3,
            strokeLinecap: 'round',
          },
        ),
        ...(threshold === null
          ? []
          : [Plot.ruleY([threshold], { stroke: OURS, strokeWidth: 1.5, strokeDasharray: '5 3' })]),
        Plot.dot(
          positives.filter(p => !p.found),
          { x: 'date', y: 'score', r: 4, fill: 'var(--surface)', stroke: BAD, strokeWidth: 2 },
        ),
        Plot.dot(
          positives.filter(p => p.found),
          { x: 'date', y: 'score', r: 4.5, fill: GOOD, stroke: 'var(--surface)', strokeWidth: 1.5 },
        ),
      ],
    }),
    [
      { text: '99th percentile to highest hour', color: 'var(--line-strong)', dash: null },
      { text: `threshold at ${report.referenceBudget} a day`, color: OURS, dash: '5 3' },
      { text: 'misuse alerted', color: GOOD, dash: null },
      { text: 'misuse missed', color: BAD, dash: null },
    ],
  )
}

/** Points of a day stand in its middle, under its bar. */
function noon(day: string): Date {
  return new Date(`${day}T12:00:00Z`)
}

/** From the beginning of the first day to the end of the last, the same in every chart over time. */
function dayAxis(report: EvaluationReport, width: number): Plot.ScaleOptions {
  const first = new Date(`${report.days[0]!.day}T00:00:00Z`)
  const end = new Date(first.getTime() + report.days.length * 86_400_000)
  return { type: 'utc', label: null, domain: [first, end], ticks: width > NARROW ? 8 : 4 }
}

/** Alerts raised each day at the reference budget, those on labelled misuse below. */
export function alertsChart(report: EvaluationReport): Chart {
  const bars = report.days.flatMap(day => {
    const date = new Date(`${day.day}T00:00:00Z`)
    return [
      { date, from: 0, to: day.truePositives, fill: GOOD, opacity: 1 },
      { date, from: day.truePositives, to: day.alerts, fill: BAD, opacity: 0.6 },
    ]
  })
  return chart(
    'alerts-a-day',
    'Alerts a day',
    FULL,
    width => ({
      height: 120,
      marginLeft: 44,
      marginTop: 10,
      marginRight: 18,
      x: dayAxis(report, width),
      y: { label: null, grid: true, ticks: 3, tickFormat: 'd' },
      marks: [...dayBars(bars, report.referenceBudget, width > NARROW ? 2 : 0.5)],
    }),
    [
      { text: 'misuse', color: GOOD, dash: null },
      { text: 'no label', color: BAD, dash: null },
      { text: 'budget', color: OURS, dash: '5 3' },
    ],
  )
}

/** Seconds marked on the axis of time to detect. */
const DURATIONS = [60, 600, 3600, 21_600, 86_400, 604_800, 2_592_000]

/** Share of all incidents alerted within a time of their first event, one line a budget; what is missed keeps it below 1. */
export function detectionChart(report: EvaluationReport): Chart {
  const total = report.incidents.length
  const lines = report.budgets.map((budget, b) => {
    // A logarithmic axis has no zero: what is alerted at once counts as within a minute.
    const seconds = report.incidents
      .flatMap(incident => incident.secondsToDetect[b] ?? [])
      .map(s => Math.max(60, s))
      .sort((x, y) => x - y)
    const steps = seconds.map((s, i) => ({ seconds: s, share: (i + 1) / total }))
    return { budget, steps }
  })
  const longest = Math.max(86_400, ...lines.flatMap(line => line.steps.map(step => step.seconds)))
  return chart('time-to-detect', 'Share of incidents detected within a time', FULL, width => ({
    height: width > NARROW ? 260 : 230,
    marginLeft: 44,
    marginTop: 26,
    marginRight: 64,
    x: {
      // Ticks at round times, which a logarithmic scale of Plot would thin to powers of ten.
      domain: [Math.log(60), Math.log(longest)],
      label: null,
      ticks: DURATIONS.filter(d => d <= longest && (width > NARROW || d !== 600)).map(Math.log),
      tickFormat: (d: number) => duration(Math.round(Math.exp(d))),
    },
    y: { domain: [0, 1], label: '↑ Incidents alerted', tickFormat: '.0%', grid: true, ticks: 5 },
    marks: lines.flatMap(({ budget, steps }, i) => {
      const opacity = 0.4 + (0.6 * (i + 1)) / lines.length
      const last = steps.at(-1)?.share ?? 0
      const path = [{ seconds: 60, share: 0 }, ...steps, { seconds: longest, share: last }]
      return [
        Plot.line(path, {
          x: (step: { seconds: number }) => Math.log(step.seconds),
          y: 'share',
          curve: 'step-after',
          stroke: OURS,
          strokeOpacity: opacity,
          strokeWidth: budget === report.referenceBudget ? 2.5 : 1.75,
        }),
        Plot.text([{ seconds: longest, share: last }], {
          x: (step: { seconds: number }) => Math.log(step.seconds),
          y: 'share',
          text: () => `${budget} a day`,
          textAnchor: 'start',
          dx: 6,
          fill: 'var(--text)',
          fontWeight: budget === report.referenceBudget ? 600 : 400,
        }),
      ]
    }),
  }))
}

/** The ranking that the report's single figures speak of. */
export function headlineOf(report: EvaluationReport): RankingReport {
  return report.rankings.find(ranking => ranking.name === report.headline)!
}
