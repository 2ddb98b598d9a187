import './explore.css'
import { useSignal } from '@preact/signals'
import { RANGE_VIEWS, type RangeView, VALUE_VIEWS, type ValueView } from '../../../schema/explore.ts'
import { formatNumber, formatShare } from '../../lib/format.ts'
import { useKeys } from '../../lib/keys.ts'
import { zoneName } from '../../lib/settings.ts'
import { Button } from '../../ui/button.tsx'
import { Legend } from '../../ui/plot.tsx'
import { EmptyState, ErrorState, Loading } from '../../ui/states.tsx'
import {
  addressOf,
  type Brushes,
  countBrushes,
  NO_BRUSH,
  readBrushes,
  withBand,
  withoutValues,
  withValue,
} from './brushes.ts'
import { Histogram } from './histogram.tsx'
import { RiskiestRows } from './rows.tsx'
import { type Answer, useExplore } from './use-explore.ts'
import { ValueList } from './value-list.tsx'

const RANGE_TITLES: Readonly<Record<RangeView, readonly [title: string, unit: string]>> = {
  time: ['Time', ''],
  hour: ['Hour of the day', 'UTC'],
  risk: ['Risk', '0 to 100'],
  score: ['Score', 'before the filter'],
}

const VALUE_TITLES: Readonly<Record<ValueView, string>> = {
  severity: 'Severity',
  detector: 'Strongest detector',
  tenant: 'Tenant',
  tokenKind: 'Kind of token',
  networkType: 'Network type',
  country: 'Country',
  asn: 'Network (AS)',
  operation: 'Operation',
}

/** Values listed of a view at first, and after asking for more. */
const FEW = 8
const MANY = 100

/** Every scored token-hour in linked views: what is brushed in one narrows all others. */
export default function Explore() {
  const brushes = useSignal<Brushes>(readBrushes(location.search))
  const mostValues = useSignal(FEW)
  const { answer, all, error, tookMs, isBehind, retry } = useExplore(brushes.value, mostValues.value)
  const set = (next: Brushes) => {
    brushes.value = next
    // In place: a drag is no journey.
    history.replaceState(history.state, '', addressOf(next))
  }
  const clear = () => set(NO_BRUSH)
  useKeys({ c: clear })
  const brushed = countBrushes(brushes.value)
  return (
    <div class="view explore">
      <div class="view-head">
        <h1>Explore</h1>
        {answer !== null && <Counts of={answer} tookMs={tookMs} isBehind={isBehind} />}
        <span class="grow" />
        <Button shortcut="c" disabled={brushed === 0} onClick={clear}>
          Clear all brushes
        </Button>
      </div>
      {error !== null && <ErrorState error={error} onRetry={retry} />}
      {answer === null || all === null ? (
        error === null && <Loading what="every scored token-hour; the first time this takes a while" />
      ) : all.windows === 0 ? (
        <EmptyState title="No hour is scored yet">
          <p>
            <code>keyhound score</code> scores what was ingested.
          </p>
        </EmptyState>
      ) : (
        <>
          <Legend
            of={[
              ['var(--band)', 'all token-hours'],
              ['var(--series-1)', 'under the brushes of the other views'],
              ['var(--series-2)', 'of these, risky: 50 and above'],
            ]}
          />
          <div class="card histograms">
            {RANGE_VIEWS.map(view => {
              const [title, unit] = RANGE_TITLES[view]
              return (
                <Histogram
                  key={view}
                  view={view}
                  title={title}
                  unit={view === 'time' ? zoneName() : unit}
                  now={answer.ranges[view]}
                  all={all.ranges[view]}
                  band={brushes.value.ranges[view]}
                  onBrush={band => set(withBand(brushes.value, view, band))}
                />
              )
            })}
          </div>
          <div class="value-lists">
            {VALUE_VIEWS.filter(
              view => tellsSomething(view, all) || brushes.value.values[view] !== undefined,
            ).map(view => (
              <ValueList
                key={view}
                view={view}
                title={VALUE_TITLES[view]}
                of={answer.values[view]}
                most={Math.max(0, ...all.values[view].values.map(one => one.windows))}
                chosen={brushes.value.values[view] ?? []}
                onChoose={value => set(withValue(brushes.value, view, value))}
                onClear={() => set(withoutValues(brushes.value, view))}
                onMore={() => {
                  mostValues.value = MANY
                }}
              />
            ))}
          </div>
          <RiskiestRows of={answer} />
        </>
      )}
    </div>
  )
}

/** Whether the log says anything of a view: a tenant alone, or kinds that are all unknown, leave nothing to choose. */
function tellsSomething(view: ValueView, { values }: Answer): boolean {
  const [first, second] = values[view].values
  return second !== undefined || (view !== 'tenant' && first !== undefined && first.value !== null)
}

interface CountsProps {
  readonly of: Answer
  readonly tookMs: number | null
  readonly isBehind: boolean
}

function Counts({ of: { matching, windows, daysLeftOut }, tookMs, isBehind }: CountsProps) {
  return (
    <>
      <span role="status" data-figure="matching">
        <strong>{formatNumber(matching)}</strong> of {formatNumber(windows)} token-hours
        {matching < windows && ` (${formatShare(matching / windows)})`}
      </span>
      <span class="quiet small" data-figure="took">
        {isBehind ? 'counting…' : tookMs !== null && `counted in ${Math.round(tookMs)} ms`}
      </span>
      {daysLeftOut > 0 && (
        <span class="quiet small">
          the oldest {formatNumber(daysLeftOut)} days are beyond what fits the memory
        </span>
      )}
    </>
  )
}
