import type * as Plot from '@observablehq/plot'
import { useSignal } from '@preact/signals'
import { formatNumber, formatTime } from '../../lib/format.ts'
import { zone, zoneName } from '../../lib/settings.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Legend, Picture, type PlotModule } from '../../ui/plot.tsx'
import type { Activity, Window } from './story.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Days beside the chosen hour in the view by hour. */
const SIDE_DAYS = 4
const HEIGHT = 210

interface TimelineProps {
  readonly activity: Activity
  readonly windows: readonly Window[]
  readonly chosen: string | null
  readonly onChoose: (hour: string) => void
}

/** Requests beside what is usual for the token and its peers, with the windows of its alerts. */
export function Timeline({ activity, windows, chosen, onChoose }: TimelineProps) {
  const isByHour = useSignal(false)
  const { subject } = activity
  return (
    <Card
      title="Activity"
      aside={
        <span class="row">
          {formatNumber(subject.requests)} requests · {zoneName()}
          <fieldset class="row plain" aria-label="Resolution">
            <Button kind="quiet" aria-pressed={!isByHour.value} onClick={() => (isByHour.value = false)}>
              by day
            </Button>
            <Button kind="quiet" aria-pressed={isByHour.value} onClick={() => (isByHour.value = true)}>
              by hour
            </Button>
          </fieldset>
        </span>
      }
    >
      <Picture
        label={
          isByHour.value
            ? `Requests an hour around ${chosen}, beside what is usual at that hour of the day`
            : `Requests a day from ${subject.from.slice(0, 10)} to ${subject.to.slice(0, 10)}, beside the 28 days before each and the median of ${subject.peers} peers`
        }
        height={HEIGHT}
        on={[activity, windows, isByHour.value, isByHour.value && chosen, zone.value]}
        draw={(Plot, width) =>
          isByHour.value
            ? byHour(Plot, width, activity, windows, chosen, onChoose)
            : byDay(Plot, width, activity, windows, onChoose)
        }
      />
      <Legend
        of={[
          ['var(--series-1)', 'requests'],
          [
            'var(--band)',
            isByHour.value ? 'usual at that hour, 5 to 95 %' : 'usual for it, 5 to 95 % of 28 days before',
          ],
          ...(isByHour.value ? [] : peerLegend(activity)),
          ['var(--critical)', 'windows of its alerts'],
        ]}
      />
    </Card>
  )
}

/** Peers beyond so many times its own highest day would press the token to the floor; they are told in words instead. */
const PEER_SCALE = 2

function arePeersShown(days: Activity['days']): boolean {
  const own = Math.max(...days.map(day => Math.max(day.requests, day.high ?? 0)))
  return Math.max(...days.map(day => day.peerMedian ?? 0)) <= PEER_SCALE * own
}

function peerLegend({ days, subject }: Activity): [string, string][] {
  const medians = days.flatMap(day => day.peerMedian ?? []).sort((a, b) => a - b)
  if (medians.length === 0) return []
  const who = subject.peers === 1 ? 'its one peer' : `its ${subject.peers} peers`
  if (arePeersShown(days)) return [['var(--series-3)', `median of ${who}`]]
  const usual = medians[Math.floor(medians.length / 2)]!
  return [['transparent', `${who}: about ${formatNumber(Math.round(usual))} a day, beyond this scale`]]
}

function frame(width: number): Plot.PlotOptions {
  return {
    width,
    height: HEIGHT,
    marginLeft: 44,
    marginRight: 8,
    marginTop: 22,
    x: { type: zone.value === 'utc' ? 'utc' : 'time', label: null },
    y: { label: 'requests', grid: true, nice: true, tickFormat: 's', ticks: 5 },
  }
}

function marked(Plot: PlotModule, windows: readonly Window[], least: number): Plot.Markish[] {
  // An hour among weeks is thinner than a pixel; it is drawn wide enough to be seen.
  const wide = windows.map(({ from, to, alert }) => {
    const middle = (from.getTime() + to.getTime()) / 2
    const half = Math.max(least, to.getTime() - from.getTime()) / 2
    return { x1: new Date(middle - half), x2: new Date(middle + half), title: alert.title }
  })
  return [Plot.rectX(wide, { x1: 'x1', x2: 'x2', fill: 'var(--critical)', fillOpacity: 0.16 })]
}

function byDay(
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
  const figure = Plot.plot({
    ...frame(width),
    marks: [
      Plot.rectY(known, { x1: 'at', x2: 'end', y1: 'low', y2: 'high', fill: 'var(--band)' }),
      ...marked(Plot, windows, DAY_MS / 4),
      Plot.rectY(rows, {
        x1: 'at',
        x2: 'end',
        y: 'requests',
        fill: 'var(--series-1)',
        insetLeft: 2,
        insetRight: 2,
        rx1: 1,
      }),
      Plot.rectY(known, {
        x1: 'at',
        x2: 'end',
        y1: 'median',
        y2: 'median',
        stroke: 'var(--text)',
        strokeOpacity: 0.6,
      }),
      Plot.lineY(
        rows.filter(day => day.peerMedian !== null),
        {
          x: (day: { at: Date }) => new Date(day.at.getTime() + DAY_MS / 2),
          y: 'peerMedian',
          stroke: 'var(--series-3)',
          strokeDasharray: '4 3',
          strokeWidth: 1.5,
        },
      ),
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

function byHour(
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
    return { at, end: new Date(at.getTime() + HOUR_MS), low: found?.low ?? 0, high: found?.high ?? 0 }
  })
  const figure = Plot.plot({
    ...frame(width),
    marks: [
      Plot.rectY(usual, { x1: 'at', x2: 'end', y1: 'low', y2: 'high', fill: 'var(--band)' }),
      ...marked(
        Plot,
        windows.filter(window => isShown(window.from.getTime())),
        HOUR_MS,
      ),
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
