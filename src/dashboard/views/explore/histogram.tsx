import { useRef } from 'preact/hooks'
import type { RangeView } from '../../../schema/explore.ts'
import { formatCompact, formatNumber } from '../../lib/format.ts'
import { zone } from '../../lib/settings.ts'
import { Button } from '../../ui/button.tsx'
import { Picture } from '../../ui/plot.tsx'
import type { Band } from './brushes.ts'
import { Edges } from './edges.tsx'
import type { Answer } from './use-explore.ts'

type Bins = Answer['ranges']['risk']

interface HistogramProps {
  readonly view: RangeView
  readonly title: string
  readonly unit: string
  /** Under the brushes of the others, and without any. */
  readonly now: Bins
  readonly all: Bins
  readonly band: Band | undefined
  readonly onBrush: (band: Band | null) => void
}

const HEIGHT = 140
/** Room beside the bars, px: the brush lies over the bars alone. */
const MARGIN = { left: 44, right: 8, top: 6, bottom: 32 }

/** Token-hours by a quantity: all of them pale, those under the other brushes in front, the risky ones marked. Dragging brushes. */
export function Histogram({ view, title, unit, now, all, band, onBrush }: HistogramProps) {
  const isTime = view === 'time'
  const bars = now.bins.map((bin, i) => ({
    x1: edgeOf(now, i, isTime),
    x2: edgeOf(now, i + 1, isTime),
    ...bin,
    all: all.bins[i]?.windows ?? bin.windows,
  }))
  return (
    <section class="histogram" aria-label={title}>
      <div class="view-title">
        <h2>{title}</h2>
        <span class="quiet small">{unit}</span>
        <span class="grow" />
        {band !== undefined && (
          <Button kind="quiet" onClick={() => onBrush(null)} aria-label={`Clear the brush of ${title}`}>
            Clear
          </Button>
        )}
      </div>
      <div class="brushable">
        <Picture
          label={labelOf(title, bars)}
          height={HEIGHT}
          on={[now, all, zone.value]}
          draw={(Plot, width) =>
            Plot.plot({
              width,
              height: HEIGHT,
              marginLeft: MARGIN.left,
              marginRight: MARGIN.right,
              marginTop: MARGIN.top,
              marginBottom: MARGIN.bottom,
              style: { background: 'transparent' },
              x: {
                type: isTime ? (zone.value === 'utc' ? 'utc' : 'time') : 'linear',
                domain: [edgeOf(now, 0, isTime), edgeOf(now, now.bins.length, isTime)],
                label: null,
                ticks: Math.max(2, Math.floor(width / 80)),
              },
              // Most token-hours are harmless: on a plain scale the others would not be seen.
              y: { type: 'sqrt', ticks: 3, tickFormat: formatCompact, label: null, grid: true },
              marks: [
                Plot.rectY(bars, { x1: 'x1', x2: 'x2', y: 'all', fill: 'var(--band)', inset: 0.5 }),
                Plot.rectY(bars, { x1: 'x1', x2: 'x2', y: 'windows', fill: 'var(--series-1)', inset: 0.5 }),
                Plot.rectY(bars, { x1: 'x1', x2: 'x2', y: 'risky', fill: 'var(--series-2)', inset: 0.5 }),
                Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
              ],
            })
          }
        />
        <Brush bins={now} band={band} onBrush={onBrush} />
      </div>
      <Edges view={view} title={title} bins={now} band={band} onBrush={onBrush} />
    </section>
  )
}

interface BrushProps {
  readonly bins: Bins
  readonly band: Band | undefined
  readonly onBrush: (band: Band | null) => void
}

/** What is being dragged: another band from an edge, or the band that there is, in bins. */
type Drag =
  | { readonly kind: 'draw'; readonly anchor: number }
  | { readonly kind: 'move'; readonly grip: number; readonly length: number }

/** Draws a band by dragging, from bin edge to bin edge; moves it by dragging in it; removes it by a click beside it. */
function Brush({ bins, band, onBrush }: BrushProps) {
  const box = useRef<HTMLDivElement>(null)
  const drag = useRef<Drag | null>(null)
  const count = bins.bins.length
  const first = band === undefined ? 0 : binAt(bins, band.from, 0)
  const last = band === undefined ? count : binAt(bins, band.to, count)
  const at = (event: PointerEvent) => {
    const { left, width } = box.current!.getBoundingClientRect()
    return Math.min(1, Math.max(0, (event.clientX - left) / width)) * count
  }
  const tell = (from: number, to: number) => {
    onBrush({
      from: from <= 0 ? null : bins.from + from * bins.width,
      to: to >= count ? null : bins.from + to * bins.width,
    })
  }
  return (
    <div
      ref={box}
      class="brush"
      aria-hidden="true"
      style={{
        left: `${MARGIN.left}px`,
        right: `${MARGIN.right}px`,
        top: `${MARGIN.top}px`,
        bottom: `${MARGIN.bottom}px`,
      }}
      onPointerDown={event => {
        if (event.button !== 0 || count === 0) return
        const from = at(event)
        const isInside = band !== undefined && from > first && from < last
        drag.current = isInside
          ? { kind: 'move', grip: from - first, length: last - first }
          : { kind: 'draw', anchor: from }
        box.current!.setPointerCapture(event.pointerId)
        event.preventDefault()
      }}
      onPointerMove={event => {
        const held = drag.current
        if (held === null) return
        const to = at(event)
        if (held.kind === 'move') {
          const from = Math.round(Math.min(count - held.length, Math.max(0, to - held.grip)))
          tell(from, from + held.length)
        } else if (Math.abs(to - held.anchor) > 0.2) {
          tell(Math.floor(Math.min(to, held.anchor)), Math.ceil(Math.max(to, held.anchor)))
        }
      }}
      onPointerUp={event => {
        const held = drag.current
        drag.current = null
        if (held?.kind === 'draw' && Math.abs(at(event) - held.anchor) <= 0.2) onBrush(null)
      }}
      onPointerCancel={() => {
        drag.current = null
      }}
    >
      {band !== undefined && (
        <span
          class="brush-band"
          style={{
            left: `${(100 * first) / count}%`,
            width: `${(100 * Math.max(0, last - first)) / count}%`,
          }}
        />
      )}
    </div>
  )
}

/** Where an edge lies, in bins from the first; `end` for none. */
function binAt({ from, width, bins }: Bins, edge: number | null, end: number): number {
  return edge === null ? end : Math.min(bins.length, Math.max(0, (edge - from) / width))
}

function edgeOf({ from, width }: Bins, bin: number, isTime: boolean): number | Date {
  // Without the dust of binary fractions: 0.30000000000000004.
  const edge = Number((from + bin * width).toPrecision(12))
  return isTime ? new Date(edge) : edge
}

interface Bar {
  readonly x1: number | Date
  readonly windows: number
  readonly risky: number
}

function labelOf(title: string, bars: readonly Bar[]): string {
  const sum = (of: (bar: Bar) => number) => bars.reduce((total, bar) => total + of(bar), 0)
  const most = bars.reduce<Bar | null>((best, bar) => (bar.windows > (best?.windows ?? 0) ? bar : best), null)
  const where =
    most === null ? '' : `, most from ${most.x1 instanceof Date ? most.x1.toISOString() : most.x1}`
  return `${title}: ${formatNumber(sum(bar => bar.windows))} token-hours, ${formatNumber(sum(bar => bar.risky))} of them risky${where}`
}
