import { useSignal } from '@preact/signals'
import { wordsOf } from '../../lib/facts.ts'
import { formatTime } from '../../lib/format.ts'
import { zone } from '../../lib/settings.ts'
import { Card } from '../../ui/card.tsx'
import { Picture, type PlotModule } from '../../ui/plot.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import type { Activity, Window } from './story.ts'

interface Dot {
  readonly at: Date
  readonly start: string
  readonly name: string
  /** What the size shows. */
  readonly weight: number
  readonly risk: number
}

/** Hours below this risk say nothing of their reasons. */
const LEAST_RISK = 10
/** Surprise below one in seven is no news, nats. */
const LEAST_NATS = 2
const ROW_PX = 20

interface CausesProps {
  readonly activity: Activity
  readonly windows: readonly Window[]
  readonly onChoose: (hour: string) => void
}

/** Every reason over time, and what each detector made of every hour. */
export function Causes({ activity, windows, onChoose }: CausesProps) {
  const tab = useSignal<'reasons' | 'detectors'>('reasons')
  const dots = tab.value === 'reasons' ? reasonDots(activity) : detectorDots(activity)
  const names = rank(dots)
  const height = 40 + ROW_PX * Math.max(1, names.length)
  return (
    <Card title="Causes over time" aside="press a dot for its hour">
      <Tabs
        label="Causes over time"
        tabs={[
          ['reasons', 'Reasons'],
          ['detectors', 'Detectors'],
        ]}
        chosen={tab.value}
        onChoose={id => {
          tab.value = id
        }}
      >
        {dots.length === 0 ? (
          <p class="quiet">Nothing stood out in any hour.</p>
        ) : (
          <Picture
            label={`${tab.value === 'reasons' ? 'Reasons' : 'Detectors'} by hour, strongest first: ${names.slice(0, 5).join(', ')}`}
            height={height}
            on={[activity, windows, tab.value, zone.value]}
            draw={(Plot, width) => draw(Plot, width, { activity, windows, onChoose }, dots, names, height)}
          />
        )}
      </Tabs>
      <p class="quiet small">
        {tab.value === 'reasons'
          ? 'Larger: more of the score of a riskier hour.'
          : 'Larger: rarer, in nats of calibrated surprise.'}{' '}
        Red: within an alert.
      </p>
    </Card>
  )
}

function reasonDots({ hours }: Activity): Dot[] {
  return hours.flatMap(({ start, risk, reasons }) =>
    risk === null || risk < LEAST_RISK
      ? []
      : reasons.map(({ code, contribution }) => ({
          at: new Date(start),
          start,
          name: wordsOf(code),
          weight: contribution * risk,
          risk,
        })),
  )
}

function detectorDots({ hours, detectors }: Activity): Dot[] {
  return detectors.flatMap(({ name, nats }) =>
    hours.flatMap(({ start, risk }, i) =>
      (nats[i] ?? 0) < LEAST_NATS
        ? []
        : [{ at: new Date(start), start, name: wordsOf(name), weight: nats[i]!, risk: risk ?? 0 }],
    ),
  )
}

/** Names by the heaviest dot. */
function rank(dots: readonly Dot[]): string[] {
  const most = new Map<string, number>()
  for (const { name, weight } of dots) most.set(name, Math.max(weight, most.get(name) ?? 0))
  return [...most].sort((a, b) => b[1] - a[1]).map(([name]) => name)
}

function draw(
  Plot: PlotModule,
  width: number,
  { activity, windows, onChoose }: CausesProps,
  dots: readonly Dot[],
  names: readonly string[],
  height: number,
): Element {
  const isAlerted = ({ at }: Dot) => windows.some(({ from, to }) => at >= from && at < to)
  const figure = Plot.plot({
    width,
    height,
    marginLeft: 148,
    marginRight: 12,
    marginTop: 8,
    x: {
      type: zone.value === 'utc' ? 'utc' : 'time',
      domain: [new Date(activity.subject.firstHour), new Date(activity.subject.to)],
      label: null,
      grid: true,
    },
    y: { domain: names, label: null, tickSize: 0 },
    r: { range: [1, 6.5] },
    marks: [
      Plot.ruleY(names, { stroke: 'var(--line)' }),
      Plot.dot(dots, {
        x: 'at',
        y: 'name',
        r: 'weight',
        fill: (dot: Dot) => (isAlerted(dot) ? 'var(--critical)' : 'var(--series-1)'),
        fillOpacity: 0.65,
      }),
      Plot.tip(
        dots,
        Plot.pointer({
          x: 'at',
          y: 'name',
          title: (dot: Dot) => `${dot.name}\n${formatTime(dot.start)}\nrisk ${dot.risk.toFixed(0)}`,
          fill: 'var(--surface-raised)',
          stroke: 'var(--line-strong)',
        }),
      ),
    ],
  })
  figure.addEventListener('click', () => {
    const dot = (figure as { value?: Dot | null }).value
    if (dot) onChoose(dot.start)
  })
  return figure
}
