import './reasons.css'
import { FRAMES, quantity, type Reason, usual, wordsOf } from '../lib/facts.ts'
import { formatShare } from '../lib/format.ts'
import { Table } from './table.tsx'

/** Why: each cause in a sentence, then what it rests on, seen beside usual. */
export function Reasons({ of }: { readonly of: readonly Reason[] }) {
  if (of.length === 0) return <p class="quiet">No reason stands out.</p>
  return (
    <ol class="reasons">
      {of.map((reason, i) => (
        <li key={`${reason.code} ${reason.detector} ${reason.feature}`}>
          <h3>
            {wordsOf(reason.code)}
            <ShareBar of={reason.contribution} />
          </h3>
          <p>{reason.text}</p>
          {reason.facts !== undefined && reason.facts.length > 0 && (
            <details open={i === 0}>
              <summary>
                Seen and usual: {reason.facts.length} {reason.facts.length === 1 ? 'fact' : 'facts'}
              </summary>
              <FactTable reason={reason} />
            </details>
          )}
        </li>
      ))}
    </ol>
  )
}

/** Facts of one cause as a table. */
export function FactTable({ reason }: { readonly reason: Reason }) {
  return (
    <Table
      caption={`What "${wordsOf(reason.code)}" rests on`}
      rows={reason.facts ?? []}
      keyOf={fact => `${fact.code} ${fact.feature} ${String(fact.actual)}`}
      columns={[
        { name: 'Fact', cell: fact => <span title={fact.text}>{wordsOf(fact.code)}</span> },
        {
          name: 'Seen',
          isNumber: true,
          cell: fact => (
            <strong class="fact-value" title={quantity(fact.actual, fact.unit)}>
              {quantity(fact.actual, fact.unit)}
            </strong>
          ),
        },
        ...FRAMES.map(([frame, name]) => ({
          name,
          isNumber: true,
          cell: (fact: NonNullable<Reason['facts']>[number]) => (
            <span class={usual(fact, frame) === '–' ? 'quiet' : undefined}>{usual(fact, frame)}</span>
          ),
        })),
      ]}
    />
  )
}

function ShareBar({ of }: { readonly of: number }) {
  return (
    <span class="share quiet small" title="share of the score that this cause made">
      <span class="share-bar">
        <span style={{ width: `${Math.round(of * 100)}%` }} />
      </span>
      {formatShare(of, 0)} of the score
    </span>
  )
}
