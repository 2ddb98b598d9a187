import { alertAddress, tokenAddress } from '../../lib/addresses.ts'
import { api, ask, askAll } from '../../lib/api.ts'
import { wordsOf } from '../../lib/facts.ts'
import { formatBytes, formatShare, formatSpan, shortId } from '../../lib/format.ts'
import { useResource, useResting } from '../../lib/resource.ts'
import { mayTriage } from '../../lib/session.ts'
import { Severity, VerdictBadge, verdictText } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { type Fact, Facts } from '../../ui/facts.tsx'
import { Reasons } from '../../ui/reasons.tsx'
import { Loaded } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import type { Verdict } from './desk.ts'
import type { Alert } from './filter.ts'
import { Standing } from './list.tsx'

/** Verdicts in the order of their keys, 1 to 4. */
export const VERDICT_KEYS: readonly Verdict[] = [
  'true_positive',
  'false_positive',
  'benign_trigger',
  'duplicate',
]

/** An alert that is looked at for so long is read in full: its incident and its events, ms. */
const REST_MS = 200

export interface Deeds {
  readonly onJudge: (verdict: Verdict) => void
  readonly onTakeUp: () => void
  readonly onAssign: () => void
  readonly onNote: () => void
  readonly onSuppress: () => void
  readonly onBack: () => void
}

/** One alert in full. */
export function AlertDetail({ alert, ...deeds }: Deeds & { readonly alert: Alert }) {
  const isResting = useResting(alert.alertId, REST_MS) === alert.alertId
  return (
    <div class="stack">
      <section class="card" aria-labelledby="alert-title">
        <div class="row">
          <span class="only-narrow">
            <Button kind="quiet" onClick={deeds.onBack}>
              ← All alerts
            </Button>
          </span>
          <Severity of={alert.severity} />
          <span class="quiet">risk {alert.risk.toFixed(1)} of 100</span>
          <Standing of={alert} />
          {alert.verdict && <VerdictBadge of={alert.verdict.verdict} />}
        </div>
        <h2 id="alert-title" class="detail-title">
          {alert.title}
        </h2>
        <AlertFacts alert={alert} />
        <Actions alert={alert} {...deeds} />
      </section>
      <Card title="Why">
        <Reasons of={alert.reasons} />
      </Card>
      {isResting && <Incident alert={alert} />}
      {isResting && <Evidence alert={alert} />}
    </div>
  )
}

function AlertFacts({ alert }: { readonly alert: Alert }) {
  const { verdict, follows } = alert
  const span = new Date(alert.lastSeen).getTime() - new Date(alert.firstSeen).getTime()
  const facts: Fact[] = [
    [
      'Token',
      <a key="token" class="mono" href={tokenAddress(alert)} title={alert.tokenId}>
        {shortId(alert.tokenId, 28)}
      </a>,
    ],
    ['Principal', <span key="principal">{alert.principalId}</span>],
    ['Tenant', alert.tenantId],
    [
      'Seen',
      <span key="seen">
        <Time at={alert.firstSeen} /> to <Time at={alert.lastSeen} />
        <span class="quiet">
          {' '}
          ({alert.windows} {alert.windows === 1 ? 'hour' : `hours within ${formatSpan(span)}`})
        </span>
      </span>,
    ],
    [
      'History behind it',
      <span key="maturity" title="how much history stands behind what is called usual">
        {formatShare(alert.maturity, 0)}
      </span>,
    ],
  ]
  if (alert.filterProbability !== null) {
    facts.push(['Worth an analyst, says the filter', formatShare(alert.filterProbability, 0)])
  }
  if (alert.techniques.length > 0) facts.push(['Techniques', alert.techniques.join(', ')])
  if (alert.assignee !== null) facts.push(['With', alert.assignee])
  if (alert.note !== null && alert.note !== '') facts.push(['Note', alert.note])
  if (alert.suppressedBecause !== null) facts.push(['Held back', alert.suppressedBecause])
  if (alert.reopenedFor.length > 0) facts.push(['Open again for', alert.reopenedFor.map(wordsOf).join(', ')])
  if (verdict !== null) {
    facts.push([
      'Verdict',
      <span key="verdict">
        {verdictText(verdict.verdict)} by {verdict.who}, <Time at={verdict.at} />
        {verdict.note ? `: ${verdict.note}` : ''}
      </span>,
    ])
  }
  if (follows !== null) {
    facts.push([
      'Follows',
      <span key="follows">
        <a href={alertAddress(follows.alertId)}>an alert</a> judged {verdictText(follows.verdict)};{' '}
        {follows.newCauses.length === 0
          ? 'the same causes again'
          : `new here: ${follows.newCauses.map(wordsOf).join(', ').toLowerCase()}`}
      </span>,
    ])
  }
  return <Facts of={facts} />
}

function Actions({
  alert,
  onJudge,
  onTakeUp,
  onAssign,
  onNote,
  onSuppress,
}: Deeds & { readonly alert: Alert }) {
  const isLocked = !mayTriage.value
  return (
    <div class="actions">
      <fieldset class="row plain" disabled={isLocked}>
        <legend class="unseen">Verdict</legend>
        {VERDICT_KEYS.map((verdict, i) => (
          <Button key={verdict} shortcut={String(i + 1)} onClick={() => onJudge(verdict)}>
            {verdictText(verdict)}
          </Button>
        ))}
      </fieldset>
      <div class="row">
        <Button
          kind="quiet"
          shortcut="a"
          disabled={isLocked || alert.status === 'closed' || alert.status === 'acknowledged'}
          onClick={onTakeUp}
        >
          Take up
        </Button>
        <Button kind="quiet" shortcut="A" disabled={isLocked} onClick={onAssign}>
          Assign
        </Button>
        <Button kind="quiet" shortcut="n" disabled={isLocked} onClick={onNote}>
          Note
        </Button>
        <Button kind="quiet" shortcut="s" disabled={isLocked} onClick={onSuppress}>
          Suppress
        </Button>
        <a class="button" data-kind="quiet" href={tokenAddress(alert)}>
          The token's story <kbd>↵</kbd>
        </a>
      </div>
      {isLocked && <p class="quiet small">This key reads; verdicts take one of role analyst or admin.</p>}
    </div>
  )
}

/** The other alerts of its incident, folded ones among them. */
function Incident({ alert }: { readonly alert: Alert }) {
  const { incidentId, alertId } = alert
  const others = useResource(
    async () => {
      if (incidentId === null) return []
      const query = { incidentId, status: 'all', limit: 100 } as const
      const { items } = await ask(api.GET('/v1/alerts', { params: { query } }))
      return items.filter(one => one.alertId !== alertId)
    },
    `${incidentId} ${alertId}`,
    ['alerts'],
  )
  if (others.data?.length === 0) return null
  return (
    <Card
      title="The same incident"
      aside={
        others.data &&
        `${others.data.length} more; folded ones follow the verdict of the one that they repeat`
      }
    >
      <Loaded of={others} what="the incident">
        {alerts => (
          <Table
            caption="Other alerts of the incident"
            rows={alerts}
            keyOf={one => one.alertId}
            columns={[
              { name: 'Severity', cell: one => <Severity of={one.severity} /> },
              { name: 'Risk', isNumber: true, cell: one => one.risk.toFixed(0) },
              { name: 'Alert', cell: one => <a href={alertAddress(one.alertId)}>{one.title}</a> },
              {
                name: 'Token',
                cell: one => (
                  <a class="mono" href={tokenAddress(one)}>
                    {shortId(one.tokenId)}
                  </a>
                ),
              },
              { name: 'First seen', cell: one => <Time at={one.firstSeen} /> },
              {
                name: 'Stands',
                cell: one =>
                  one.foldedInto !== null && one.changedAt === null ? 'folded' : <Standing of={one} />,
              },
            ]}
          />
        )}
      </Loaded>
    </Card>
  )
}

/** The events that show it. */
function Evidence({ alert }: { readonly alert: Alert }) {
  const events = useResource(
    () =>
      askAll(cursor =>
        api.GET('/v1/alerts/{alertId}/events', {
          params: { path: { alertId: alert.alertId }, query: { limit: 100, cursor } },
        }),
      ),
    alert.alertId,
  )
  return (
    <Card
      title="Events that show it"
      aside={events.data && `${events.data.length} of ${alert.evidence.length} named`}
    >
      <Loaded of={events} what="events">
        {rows =>
          rows.length === 0 ? (
            <p class="quiet">The events are no longer in the workspace.</p>
          ) : (
            <Table
              caption="Events that show the alert"
              rows={rows}
              keyOf={event => event.eventId}
              columns={[
                { name: 'Time', cell: event => <Time at={event.time} /> },
                { name: 'Operation', cell: event => event.operation ?? '–' },
                {
                  name: 'Object',
                  cell: event => (
                    <span class="mono" title={event.resourceId ?? undefined}>
                      {event.resourceId === null ? '–' : shortId(event.resourceId, 14)}
                    </span>
                  ),
                },
                { name: 'Status', isNumber: true, cell: event => event.status ?? '–' },
                { name: 'Address', cell: event => <span class="mono">{event.sourceIp ?? '–'}</span> },
                {
                  name: 'Network',
                  cell: event => (
                    <span title={event.asOrg ?? undefined}>
                      {[event.asn === null ? null : `AS${event.asn}`, event.country]
                        .filter(Boolean)
                        .join(' ') || '–'}
                    </span>
                  ),
                },
                { name: 'Client', cell: event => event.client ?? '–' },
                {
                  name: 'Sent back',
                  isNumber: true,
                  cell: event => (event.responseBytes === null ? '–' : formatBytes(event.responseBytes)),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  )
}
