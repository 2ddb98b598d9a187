import type { ValueView } from '../../../schema/explore.ts'
import { formatNumber, formatShare, shortId } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import type { Answer } from './use-explore.ts'

interface ValueListProps {
  readonly view: ValueView
  readonly title: string
  readonly of: Answer['values'][ValueView]
  /** Highest count without any brush: the length of the whole bar. */
  readonly most: number
  readonly chosen: readonly (string | null)[]
  readonly onChoose: (value: string | null) => void
  readonly onClear: () => void
  readonly onMore: () => void
}

/** Values of a view with their token-hours under the other brushes; each can be chosen, several together. */
export function ValueList({ view, title, of, most, chosen, onChoose, onClear, onMore }: ValueListProps) {
  return (
    <Card
      title={title}
      aside={
        chosen.length > 0 && (
          <Button kind="quiet" onClick={onClear} aria-label={`Clear the choice of ${title}`}>
            Clear
          </Button>
        )
      }
    >
      {of.values.length === 0 && <p class="quiet small">Nothing is left.</p>}
      <ul class="values" aria-label={title}>
        {of.values.map(({ value, windows, risky }) => {
          const isChosen = chosen.includes(value)
          return (
            <li key={value ?? ''}>
              <label
                class="value"
                data-out={chosen.length > 0 && !isChosen}
                title={`${textOf(view, value)}: ${formatNumber(windows)} token-hours, ${formatNumber(risky)} risky (${formatShare(windows === 0 ? null : risky / windows)})`}
              >
                <input type="checkbox" checked={isChosen} onChange={() => onChoose(value)} />
                <span class="cut">{textOf(view, value)}</span>
                <span class="value-count">{formatNumber(windows)}</span>
                <span class="value-bar" aria-hidden="true">
                  <span style={{ width: `${share(windows, most)}%` }} />
                  <span class="risky" style={{ width: `${share(risky, most)}%` }} />
                </span>
              </label>
            </li>
          )
        })}
      </ul>
      {of.more > 0 && (
        <Button kind="quiet" onClick={onMore}>
          {formatNumber(of.more)} more
        </Button>
      )}
    </Card>
  )
}

/** Length of a bar, %: by the square root, as the histograms are. */
const share = (count: number, most: number): number => (most === 0 ? 0 : 100 * Math.sqrt(count / most))

function textOf(view: ValueView, value: string | null): string {
  if (value === null) return view === 'detector' ? 'no detector' : 'unknown'
  if (view === 'asn') return `AS${value}`
  if (view === 'detector') return value.replaceAll('_', ' ')
  return view === 'operation' || view === 'severity' ? value : shortId(value, 40)
}
