import { useEffect, useRef } from 'preact/hooks'
import { formatClock, formatDay, formatTime, shortId } from '../../lib/format.ts'
import { zoneName } from '../../lib/settings.ts'
import { Badge, Severity } from '../../ui/badge.tsx'
import { Age } from '../../ui/time.tsx'
import { type Alert, type Filter, sectionsOf } from './filter.ts'

interface ListProps {
  readonly alerts: readonly Alert[]
  readonly order: Filter['order']
  /** Alerts a day that the workspace is set to; null when it is none of the reader's business. */
  readonly budgetPerDay: number | null
  readonly chosen: string | null
  readonly onChoose: (alertId: string) => void
}

/** The alerts in sections; the chosen one is in view. */
export function AlertList({ alerts, order, budgetPerDay, chosen, onChoose }: ListProps) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const now = new Date()
  return (
    <div class="alerts" ref={box}>
      {sectionsOf(alerts, order).map(([day, ofDay]) => (
        <section key={day ?? 'all'} aria-label={day === null ? 'All alerts' : `Alerts of ${day}`}>
          {day !== null && (
            <h2 class="alerts-day">
              {formatDay(`${day}T12:00:00Z`)}
              <span class="quiet small">{countText(ofDay, budgetPerDay)}</span>
            </h2>
          )}
          <ul>
            {ofDay.map(alert => (
              <li key={alert.alertId}>
                <button
                  type="button"
                  class="alert"
                  data-view-keys
                  data-alert={alert.alertId}
                  aria-current={alert.alertId === chosen}
                  onClick={() => onChoose(alert.alertId)}
                >
                  <span class="alert-risk" data-tone={alert.severity} title="risk, 0 to 100">
                    {Math.round(alert.risk)}
                  </span>
                  <span class="alert-text">
                    <span class="alert-title">{alert.title}</span>
                    <span class="alert-meta quiet small">
                      <Severity of={alert.severity} />
                      <span
                        class="cut"
                        title={`${alert.principalId} of ${alert.tenantId}, token ${alert.tokenId}`}
                      >
                        {shortId(alert.principalId)} · {shortId(alert.tenantId)}
                      </span>
                      <span class="grow" />
                      <Standing of={alert} />
                      {alert.folds > 0 && (
                        <Badge title={`${alert.folds} alerts of the same incident are folded into it`}>
                          +{alert.folds}
                        </Badge>
                      )}
                      <span title={`${formatTime(alert.firstSeen)} ${zoneName()}`}>
                        {day !== null && `${formatClock(alert.firstSeen)} · `}
                        <Age at={alert.firstSeen} now={now} />
                      </span>
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

/** 10 of 10 a day, 1 explored: what is shown to learn from goes on top of the budget. */
function countText(alerts: readonly Alert[], budgetPerDay: number | null): string {
  const within = alerts.filter(alert => alert.shown === 'queue').length
  const beside = alerts.length - within
  const budget = budgetPerDay === null ? '' : ` of ${budgetPerDay} a day`
  return `${within}${budget}${beside === 0 ? '' : `, ${beside} to learn from`}`
}

/** Where an alert stands, in a word or two; nothing for one that is new. */
export function Standing({ of }: { readonly of: Alert }) {
  if (of.status === 'acknowledged')
    return <Badge tone="low">{of.assignee ? `with ${of.assignee}` : 'taken up'}</Badge>
  if (of.reopenedFor.length > 0) return <Badge tone="high">open again</Badge>
  if (of.status === 'closed') return <Badge>closed</Badge>
  if (of.shown === 'sampled') return <Badge title="held back by the filter, shown to check it">sample</Badge>
  if (of.shown === 'explored') return <Badge title="below the line, shown to learn from">explored</Badge>
  if (of.status === 'suppressed') return <Badge>held back</Badge>
  return null
}
