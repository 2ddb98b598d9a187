import { tokenAddress } from '../../lib/addresses.ts'
import type { Row } from '../../lib/api.ts'
import { formatNumber, shortId } from '../../lib/format.ts'
import { Severity, VerdictBadge } from '../../ui/badge.tsx'
import { Card, Figure, Figures } from '../../ui/card.tsx'
import { SidesTable } from '../../ui/sides.tsx'
import { Table } from '../../ui/table.tsx'
import { Apply } from './apply.tsx'
import { describeChange } from './change.ts'

interface ResultProps {
  readonly job: Row<'Job'>
  readonly replay: Row<'Replay'>
  readonly onApplied: (job: Row<'Job'>) => void
}

/** Alerts listed of each kind. */
const LISTED = 50

/** What a change would have made of the stored history, and the button that applies it. */
export function ReplayResult({ job, replay, onApplied }: ResultProps) {
  const { before, after, gained, lost, kept, incidents } = replay
  // That no incident is known stands beside the figure, in the words of the page.
  const notes = replay.notes.filter(note => !note.startsWith('no incident is known'))
  const change = describeChange(replay.change)
  return (
    <>
      <Card
        title={change.charAt(0).toUpperCase() + change.slice(1)}
        aside={`${replay.from.slice(0, 10)} to ${replay.to.slice(0, 10)}, ${formatNumber(replay.days)} days`}
      >
        <Figures>
          <Figure
            name="Alerts a day"
            value={`${formatNumber(before.alertsPerDay)} → ${formatNumber(after.alertsPerDay)}`}
            note={`${formatNumber(kept)} alerts stay`}
          />
          <Figure
            name="Alerts gained"
            value={<span data-figure="gained">{formatNumber(gained.length)}</span>}
          />
          <Figure name="Alerts lost" value={<span data-figure="lost">{formatNumber(lost.length)}</span>} />
          <Figure
            name="Known incidents lost"
            value={
              <span class={incidents.lost.length > 0 ? 'job-wrong' : undefined}>
                {incidents.knownFrom === null ? '–' : formatNumber(incidents.lost.length)}
              </span>
            }
            note={
              incidents.knownFrom === null
                ? 'none is known: no alert of the period is judged true positive'
                : `of ${formatNumber(incidents.known)}; ${formatNumber(incidents.gained.length)} gained`
            }
          />
          <Figure
            name="Analyst hours a day"
            value={`${formatNumber(before.analystHoursPerDay)} → ${formatNumber(after.analystHoursPerDay)}`}
            note={`at ${formatNumber(replay.minutesPerAlert)} minutes an alert`}
          />
        </Figures>
        {notes.length > 0 && (
          <ul class="notes quiet small">
            {notes.map(note => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        <Apply job={job} lost={incidents.lost.length} onApplied={onApplied} />
      </Card>
      <ChangedAlerts title="Alerts lost" of={lost} side="after" />
      <ChangedAlerts title="Alerts gained" of={gained} side="before" />
      <Card title="Side by side">
        <SidesTable of={replay} />
      </Card>
    </>
  )
}

function knownAs({ incidents, verdict }: Row<'AlertChange'>) {
  if (incidents.length > 0) return incidents.join(', ')
  return verdict !== null && <VerdictBadge of={verdict} />
}

interface ChangedProps {
  readonly title: string
  readonly of: readonly Row<'AlertChange'>[]
  /** The side that does not show them. */
  readonly side: 'before' | 'after'
}

function ChangedAlerts({ title, of, side }: ChangedProps) {
  if (of.length === 0) return null
  const risk = (value: number | null) => (value === null ? '–' : value.toFixed(0))
  return (
    <Card
      title={title}
      aside={of.length > LISTED ? `the first ${LISTED} of ${formatNumber(of.length)}` : undefined}
    >
      <Table
        caption={title}
        rows={of.slice(0, LISTED)}
        keyOf={one => `${one.tenantId} ${one.tokenId} ${one.day}`}
        columns={[
          { name: 'Day', cell: one => <span class="nowrap">{one.day}</span> },
          { name: 'Severity', cell: one => <Severity of={one.severity} /> },
          { name: 'Alert', cell: one => one.title },
          {
            name: 'Token',
            cell: one => (
              <a class="mono" href={tokenAddress(one)} title={`${one.tokenId} of ${one.principalId}`}>
                {shortId(one.tokenId)}
              </a>
            ),
          },
          {
            name: 'Risk',
            isNumber: true,
            cell: one => (
              <span class="nowrap">
                {risk(one.riskBefore)} → {risk(one.riskAfter)}
              </span>
            ),
          },
          ...(of.some(one => one.incidents.length > 0 || one.verdict !== null)
            ? [{ name: 'Known as', cell: knownAs }]
            : []),
          { name: side === 'after' ? 'After, it is' : 'Before, it is', cell: one => one.because },
        ]}
      />
    </Card>
  )
}
