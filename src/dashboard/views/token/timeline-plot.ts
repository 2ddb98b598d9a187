import type * as Plot from '@observablehq/plot'
import { formatClock, formatDay, formatNumber, formatTime } from '../../lib/format.ts'
import { zone } from '../../lib/settings.ts'
import type { PlotModule } from '../../ui/plot.tsx'
import type { Activity, Window } from './story.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Days beside the chosen hour in the view by hour. */
const SIDE_DAYS = 4
/** Days that are each told on the axis. */
const FEW_DAYS = 16
/** px */
export const HEIGHT = 210

/** Peers beyond so many times its own highest day would press the token to the floor; they are told in words instead. */
const PEER_SCALE = 2

/** Whether the days are drawn with the peers among them. */
export function arePeersShown(days: Activity['days']): boolean {
  const own = Math.max(...days.map(day => Math.max(day.requests, day.high ?? 0)))
  return Math.max(...days.map(day => day.peerMedian ?? 0)) <= PEER_SCALE * own
}

function frame(width: number, domain: readonly [Date, Date]) {
  return {
    width,
    height: HEIGHT,
    marginLeft: 44,
    marginRight: 8,
    marginTop: 22,
    x: { type: zone.value === 'utc' ? 'utc' : 'time', domain: [...domain], label: null },
    y: { label: 'requests', grid: true, nice: true, tickFormat: 's', ticks: 5 },
  } satisfies Plot.PlotOptions
}

function marked(Plot: PlotModule, windows: readonly Window[], least: number): Plot.Markish[] {
  // An hour among weeks is thinner than a pixel; it is drawn wide enough to be seen.
  const wide = windows.map(({ from, to, alert }) => {
    const middle = (from.getTime() + to.getTime()) / 2
    const half = Math.max(least, to.getTime() - from.getTime()) / 2
    return { x1: new Date(middle - half), x2: new Date(middle + half), title: alert.title }
  })
  return [Plot.rectX(wide, { x1: 'x1', x2: 'x2', fill: 'var(--critical)', fillOpacity: 0.16, clip: true })]
}

/** Requests a day; a press chooses the riskiest hour of the day. */
export function byDay(
  Plot: PlotModule,
  width: number,
  { days, hours }: Activity,
  windows: readonly Window[],
  onChoose: (hour: string) => void,
): Element {
  const rows = days.map(day => ({
    ...day,
    at: new Date(`${day.day}T00:00:00Z`),
    middle: new Date(Date.parse(day.day) + DAY_MS / 2),
    end: new Date(Date.parse(day.day) + DAY_MS),
  }))
  const known = rows.filter(day => day.low !== null)
  const base = frame(width, [rows[0]!.at, rows.at(-1)!.end])
  const figure = Plot.plot({
    ...base,
    // Left alone, Plot would tell a few days by their noons.
    x: rows.length > FEW_DAYS ? base.x : { ...base.x, ticks: 'day' },
    marks: [
      Plot.areaY(known, { x: 'middle', y1: 'low', y2: 'high', curve: 'step', fill: 'var(--band)' }),
      ...marked(Plot, windows, DAY_MS / 4),
      Plot.rectY(known, { x1: 'at', x2: 'end', y1: 'median', y2: 'median', stroke: 'var(--line-strong)' }),
      ...(arePeersShown(days)
        ? [
            Plot.lineY(
              rows.filter(day => day.peerMedian !== null),
              {
                x: 'middle',
                y: 'peerMedian',
                stroke: 'var(--series-3)',
                strokeDasharray: '4 3',
                strokeWidth: 1.5,
              },
            ),
          ]
        : []),
      Plot.lineY(rows, { x: 'middle', y: 'requests', stroke: 'var(--series-1)', strokeWidth: 2 }),
      Plot.dot(rows, { x: 'middle', y: 'requests', fill: 'var(--series-1)', r: 3 }),
      Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      Plot.tip(
        rows,
        Plot.pointerX({
          x: 'middle',
          y: 'requests',
          title: (day: (typeof rows)[number]) =>
            [
              day.day,
              `${formatNumber(day.requests)} requests`,
              day.low === null
                ? 'not known long enough'
                : `usual ${formatNumber(day.low)} to ${formatNumber(day.high)}`,
              day.peerMedian === null ? '' : `peers ${formatNumber(day.peerMedian)}`,
            ]
              .filter(Boolean)
              .join('\n'),
          fill: 'var(--surface-raised)',
          stroke: 'var(--line-strong)',
        }),
      ),
    ],
  })
  figure.addEventListener('click', () => {
    const day = (figure as { value?: (typeof rows)[number] | null }).value
    const ofDay = hours.filter(hour => hour.start.slice(0, 10) === day?.day)
    const worst = ofDay.toSorted((a, b) => (b.risk ?? 0) - (a.risk ?? 0))[0]
    if (worst !== undefined) onChoose(worst.start)
  })
  return figure
}

/** Requests an hour around the chosen one; a press chooses another. */
export function byHour(
  Plot: PlotModule,
  width: number,
  { hours, usualHours, subject }: Activity,
  windows: readonly Window[],
  chosen: string | null,
  onChoose: (hour: string) => void,
): Element {
  const middle = Date.parse(chosen ?? subject.lastHour)
  const to = Math.min(middle + SIDE_DAYS * DAY_MS, Date.parse(subject.to))
  const from = to - 2 * SIDE_DAYS * DAY_MS
  const isShown = (at: number) => at >= from && at < to
  const rows = hours
    .map(hour => ({
      ...hour,
      at: new Date(hour.start),
      middle: new Date(Date.parse(hour.start) + HOUR_MS / 2),
    }))
    .filter(hour => isShown(hour.at.getTime()))
  const usual = Array.from({ length: (to - from) / HOUR_MS }, (_, i) => {
    const at = new Date(from + i * HOUR_MS)
    const isWeekend = [0, 6].includes(at.getUTCDay())
    const found = usualHours.find(one => one.isWeekend === isWeekend && one.hour === at.getUTCHours())
    return { middle: new Date(at.getTime() + HOUR_MS / 2), low: found?.low ?? 0, high: found?.high ?? 0 }
  })
  const base = frame(width, [new Date(from), new Date(to)])
  const figure = Plot.plot({
    ...base,
    x: { ...base.x, ticks: '12 hours', tickFormat: tickText },
    marks: [
      Plot.areaY(usual, { x: 'middle', y1: 'low', y2: 'high', curve: 'step', fill: 'var(--band)' }),
      ...marked(
        Plot,
        windows.filter(window => isShown(window.from.getTime())),
        HOUR_MS,
      ),
      Plot.ruleX(rows, { x: 'middle', y1: 0, y2: 'requests', stroke: 'var(--series-1)', strokeWidth: 2 }),
      Plot.dot(rows, { x: 'middle', y: 'requests', fill: 'var(--series-1)', r: 2.5 }),
      Plot.ruleX(chosen === null ? [] : [new Date(Date.parse(chosen) + HOUR_MS / 2)], {
        stroke: 'var(--text)',
        strokeDasharray: '2 3',
      }),
      Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      Plot.tip(
        rows,
        Plot.pointerX({
          x: 'middle',
          y: 'requests',
          title: (hour: (typeof rows)[number]) =>
            `${formatTime(hour.start)}\n${formatNumber(hour.requests)} requests${hour.risk === null ? '' : `\nrisk ${hour.risk.toFixed(0)}`}`,
          fill: 'var(--surface-raised)',
          stroke: 'var(--line-strong)',
        }),
      ),
    ],
  })
  figure.addEventListener('click', () => {
    const hour = (figure as { value?: (typeof rows)[number] | null }).value
    if (hour) onChoose(hour.start)
  })
  return figure
}

/** Midnights as days, other hours by the clock. */
function tickText(at: Date): string {
  const clock = formatClock(at)
  return clock === '00:00' ? formatDay(at).slice(0, -5) : clock
}
