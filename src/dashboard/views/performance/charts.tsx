import type { Row } from '../../lib/api.ts'
import { formatShare } from '../../lib/format.ts'
import { Legend, Picture } from '../../ui/plot.tsx'

type Period = Row<'PerformancePeriod'>

const HEIGHT = 180
const DAY_MS = 86_400_000
/** Bars leave a day free between weeks. */
const WEEK_SHOWN_MS = 6 * DAY_MS

const startOf = (week: Period) => new Date(`${week.start}T00:00:00Z`)
/** Where a week's point stands: its middle. */
const middleOf = (week: Period) => new Date(startOf(week).getTime() + WEEK_SHOWN_MS / 2)
const endOf = (week: Period) => new Date(startOf(week).getTime() + WEEK_SHOWN_MS)

/** Alerts a day, and those of them that were confirmed. */
export function RateChart({ weeks }: { readonly weeks: readonly Period[] }) {
  const last = weeks.at(-1)!
  return (
    <>
      <Picture
        label={`Alerts a day over ${weeks.length} weeks; in the last ${last.alertsPerDay?.toFixed(1) ?? 'no'} a day, ${last.confirmedPerDay?.toFixed(1) ?? 'none'} confirmed`}
        height={HEIGHT}
        on={[weeks]}
        draw={(Plot, width) =>
          Plot.plot({
            width,
            height: HEIGHT,
            marginLeft: 36,
            style: { background: 'transparent' },
            x: { type: 'utc', label: null, ticks: Math.floor(width / 90) },
            y: { label: null, grid: true, ticks: 4 },
            marks: [
              Plot.rectY(weeks, { x1: startOf, x2: endOf, y: 'alertsPerDay', fill: 'var(--band)' }),
              Plot.rectY(weeks, { x1: startOf, x2: endOf, y: 'confirmedPerDay', fill: 'var(--series-1)' }),
              Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
            ],
          })
        }
      />
      <Legend
        of={[
          ['var(--band)', 'shown'],
          ['var(--series-1)', 'confirmed misuse'],
        ]}
      />
    </>
  )
}

interface ShareChartProps {
  readonly weeks: readonly Period[]
  readonly of: (week: Period) => Period['precision']
  readonly name: string
}

/** A share week by week with its interval; weeks in which nothing is known are left out. */
export function ShareChart({ weeks, of, name }: ShareChartProps) {
  const known = weeks.filter(week => of(week).value !== null)
  if (known.length === 0) return <p class="quiet">Unknown so far: no alert that it takes is judged.</p>
  const last = known.at(-1)!
  return (
    <Picture
      label={`${name} over ${known.length} weeks; in the week of ${last.start} ${formatShare(of(last).value, 0)}`}
      height={HEIGHT}
      on={[weeks]}
      draw={(Plot, width) =>
        Plot.plot({
          width,
          height: HEIGHT,
          marginLeft: 40,
          style: { background: 'transparent' },
          x: {
            type: 'utc',
            label: null,
            domain: [startOf(weeks[0]!), endOf(weeks.at(-1)!)],
            ticks: Math.floor(width / 90),
          },
          y: { domain: [0, 1], label: null, grid: true, ticks: 5, tickFormat: '.0%' },
          marks: [
            Plot.ruleX(known, {
              x: middleOf,
              y1: (week: Period) => of(week).low,
              y2: (week: Period) => of(week).high,
              stroke: 'var(--series-1)',
              strokeOpacity: 0.45,
              strokeWidth: 6,
            }),
            Plot.line(known, { x: middleOf, y: (week: Period) => of(week).value, stroke: 'var(--series-1)' }),
            Plot.dot(known, {
              x: middleOf,
              y: (week: Period) => of(week).value,
              fill: 'var(--series-1)',
              r: 4,
            }),
          ],
        })
      }
    />
  )
}
