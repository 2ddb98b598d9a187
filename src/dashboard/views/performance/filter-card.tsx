import type { Row } from '../../lib/api.ts'
import { formatNumber, formatShare } from '../../lib/format.ts'
import { Badge } from '../../ui/badge.tsx'
import { Card, Figure, Figures } from '../../ui/card.tsx'

const STATES = {
  on: { text: 'on', tone: 'good' },
  off: { text: 'switched off', tone: 'critical' },
  none: { text: 'none', tone: 'info' },
} as const

/** What the false-positive filter holds back, and what that may cost. */
export function FilterCard({ of }: { readonly of: Row<'FilterGuard'> }) {
  const { text, tone } = STATES[of.state]
  return (
    <Card title="False-positive filter" aside={of.model}>
      <p>
        <Badge tone={tone}>{text}</Badge> {withoutState(of.because)}
      </p>
      {of.state !== 'none' && (
        <Figures>
          <Figure name="Held back" value={formatNumber(of.heldBack)} note="alerts of this model" />
          <Figure
            name="Sampled back and judged"
            value={formatNumber(of.sampled)}
            note={`${formatNumber(of.truePositives)} of them were misuse`}
          />
          <Figure
            name="Misuse it may hide"
            value={of.sampled === 0 ? 'unknown' : `≤ ${formatNumber(of.missedBound)}`}
            note={
              of.sampled === 0
                ? 'judge the alerts marked sample in the queue'
                : `95 % sure; at most ${formatShare(of.missedShareBound)} of those held back, limit ${formatShare(of.limit)}`
            }
          />
        </Figures>
      )}
    </Card>
  )
}

/** The sentence without the word that the badge says already. */
const withoutState = (because: string): string => because.replace(/^(on|switched off)[;:] /, '')
