import type { Row } from '../../lib/api.ts'
import { formatSpan } from '../../lib/format.ts'
import { zone } from '../../lib/settings.ts'
import { Legend, Picture } from '../../ui/plot.tsx'
import { msOf } from './table.tsx'

const HEIGHT = 150
const COLOURS = [
  ['ingest', 'var(--series-1)'],
  ['train', 'var(--series-2)'],
  ['score', 'var(--series-3)'],
  ['watch', 'var(--series-4)'],
] as const

/** How long each run took, by when it began: a job that grows slower shows as a rising row of points. */
export function RunChart({ runs }: { readonly runs: readonly Row<'Run'>[] }) {
  const ended = runs.flatMap(run => {
    const ms = msOf(run)
    const colour = COLOURS.find(([command]) => command === run.command)![1]
    return ms === null
      ? []
      : [{ ...run, at: new Date(run.startedAt), seconds: Math.max(0.1, ms / 1000), colour }]
  })
  if (ended.length < 3) return null
  const shown = COLOURS.filter(([command]) => ended.some(run => run.command === command))
  return (
    <>
      <Picture
        label={`Seconds that the last ${ended.length} runs took; the longest ${formatSpan(1000 * Math.max(...ended.map(run => run.seconds)))}`}
        height={HEIGHT}
        on={[runs, zone.value]}
        draw={(Plot, width) =>
          Plot.plot({
            width,
            height: HEIGHT,
            marginLeft: 48,
            style: { background: 'transparent' },
            x: { type: zone.value === 'utc' ? 'utc' : 'time', label: null, ticks: Math.floor(width / 90) },
            y: { type: 'log', label: 'seconds', grid: true, ticks: 4, tickFormat: '~s' },
            marks: [
              Plot.dot(ended, {
                x: 'at',
                y: 'seconds',
                fill: run => (run.status === 'done' ? run.colour : 'none'),
                stroke: run => (run.status === 'done' ? run.colour : 'var(--critical)'),
                strokeWidth: 2,
                r: 3.5,
              }),
            ],
          })
        }
      />
      <Legend of={shown.map(([command, colour]) => [colour, command] as const)} />
    </>
  )
}
