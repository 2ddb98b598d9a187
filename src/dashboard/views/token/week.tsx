import { formatNumber } from '../../lib/format.ts'
import { Card } from '../../ui/card.tsx'
import { Picture, type PlotModule } from '../../ui/plot.tsx'
import { type Activity, type Profile, type WeekHour, type Window, weekOf } from './story.ts'

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const HEIGHT = 210

interface WeekProps {
  readonly activity: Activity
  readonly windows: readonly Window[]
  readonly clock: Profile['clock']
}

/** Requests by hour of the week, on the clock that the token seems to live by. */
export function Week({ activity, windows, clock }: WeekProps) {
  const cells = weekOf(activity.hours, windows, clock.offsetHours)
  const busiest = cells.toSorted((a, b) => b.requests - a.requests)[0]
  const where =
    clock.country === null ? 'UTC: no country is known' : `clock of ${clock.country}, ${offsetText(clock)}`
  return (
    <Card title="Hours of the week" aside={where}>
      <Picture
        label={`Requests by hour of the week in the ${where}; most at ${busiest === undefined ? 'no hour' : `${WEEKDAYS[busiest.weekday]} ${busiest.hour}:00`}`}
        height={HEIGHT}
        on={[activity, windows, clock]}
        draw={(Plot, width) => draw(Plot, width, cells)}
      />
      <p class="quiet small">Stronger: more requests. Outlined: hours of the week in which it was alerted.</p>
    </Card>
  )
}

function offsetText({ offsetHours }: Profile['clock']): string {
  const sign = offsetHours < 0 ? '−' : '+'
  const minutes = Math.round((Math.abs(offsetHours) % 1) * 60)
  return `UTC${sign}${Math.floor(Math.abs(offsetHours))}${minutes === 0 ? '' : `:${minutes}`}`
}

function draw(Plot: PlotModule, width: number, cells: readonly WeekHour[]): Element {
  const all = WEEKDAYS.flatMap((_, weekday) => Array.from({ length: 24 }, (_, hour) => ({ weekday, hour })))
  return Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 36,
    marginRight: 4,
    marginTop: 4,
    marginBottom: 24,
    x: {
      domain: Array.from({ length: 24 }, (_, hour) => hour),
      label: null,
      ticks: [0, 3, 6, 9, 12, 15, 18, 21],
      tickFormat: (hour: number) => `${String(hour).padStart(2, '0')}:00`,
      tickSize: 0,
    },
    y: {
      domain: WEEKDAYS.map((_, i) => i),
      label: null,
      tickFormat: (day: number) => WEEKDAYS[day]!,
      tickSize: 0,
    },
    opacity: { type: 'sqrt', range: [0.15, 1] },
    marks: [
      Plot.cell(all, { x: 'hour', y: 'weekday', fill: 'var(--surface-sunk)', inset: 1, rx: 2 }),
      Plot.cell(cells, {
        x: 'hour',
        y: 'weekday',
        fill: 'var(--series-1)',
        fillOpacity: 'requests',
        inset: 1,
        rx: 2,
        title: (cell: WeekHour) =>
          `${WEEKDAYS[cell.weekday]} ${cell.hour}:00, ${formatNumber(cell.requests)} requests${cell.isAlerted ? ', alerted' : ''}`,
      }),
      Plot.cell(
        cells.filter(cell => cell.isAlerted),
        { x: 'hour', y: 'weekday', fill: 'none', stroke: 'var(--critical)', strokeWidth: 2, inset: 1, rx: 2 },
      ),
    ],
  })
}
