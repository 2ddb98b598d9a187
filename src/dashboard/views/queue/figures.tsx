import type { Row } from '../../lib/api.ts'
import { formatDay, formatNumber, formatShare } from '../../lib/format.ts'
import { Figure, Figures } from '../../ui/card.tsx'

/** How full the queue is against the budget, and what the verdicts say so far. */
export function QueueFigures({ of }: { readonly of: Row<'QueueFigures'> }) {
  const { precision, verdicts, filter } = of
  const newest = of.days.at(-1)
  const decided = verdicts.true_positive + verdicts.false_positive + verdicts.benign_trigger
  return (
    <div class="card">
      <Figures>
        <Figure
          name={of.day === null ? 'Nothing is scored yet' : formatDay(`${of.day}T12:00:00Z`)}
          value={
            <>
              {formatNumber(newest?.shown ?? 0)}
              {of.budgetPerDay !== null && <span class="quiet"> of {formatNumber(of.budgetPerDay)}</span>}
            </>
          }
          note={`alerts${of.budgetPerDay === null ? '' : ' in the daily budget'}, ${formatNumber(newest?.open ?? 0)} open`}
        />
        <Figure
          name="Open in all"
          value={formatNumber(of.open)}
          note={<Days of={of.days} budget={of.budgetPerDay} />}
        />
        <Figure
          name="Precision so far"
          value={<span data-figure="precision">{formatShare(precision.value, 0)}</span>}
          note={
            decided === 0
              ? 'no alert is judged yet'
              : `${verdicts.true_positive} of ${decided} judged; 95 %: ${formatShare(precision.low, 0)} to ${formatShare(precision.high, 0)}`
          }
        />
        <Figure
          name="Held back"
          value={formatShare(of.heldShare, 0)}
          note={`${formatNumber(of.heldBack)} alerts; ${formatNumber(of.suppressions)} ${of.suppressions === 1 ? 'suppression' : 'suppressions'} in force`}
        />
        <Figure
          name="Misuse the filter hides"
          value={
            filter === null || filter.state === 'none'
              ? '–'
              : filter.sampled === 0
                ? 'unknown'
                : `≤ ${formatShare(filter.missedShareBound, 0)}`
          }
          note={
            <span data-figure="filter" title={filter?.because}>
              {filter === null || filter.state === 'none'
                ? 'no filter is in force'
                : `${filter.truePositives} of ${filter.sampled} judged samples of ${filter.heldBack} held back${filter.state === 'off' ? '; switched off' : ''}`}
            </span>
          }
        />
      </Figures>
    </div>
  )
}

/** Bars of the last days, against the budget. */
function Days({ of, budget }: { readonly of: Row<'QueueFigures'>['days']; readonly budget: number | null }) {
  const most = Math.max(budget ?? 0, 1, ...of.map(day => day.shown))
  const text = of.map(day => `${day.day}: ${day.shown}`).join(', ')
  return (
    <span class="days" role="img" aria-label={`Alerts by day: ${text}`} title={text}>
      {of.map(day => (
        <span key={day.day} class="days-bar" style={{ height: `${(100 * day.shown) / most}%` }}>
          <span style={{ height: day.shown === 0 ? '0' : `${(100 * day.open) / day.shown}%` }} />
        </span>
      ))}
    </span>
  )
}
