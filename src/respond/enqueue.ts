import type { Context } from '../pipeline/context.ts'
import { readEventsOfTenants } from '../pipeline/example-events.ts'
import { listAlerts, type TriagedAlert } from '../pipeline/triage.ts'
import { SEVERITIES, type Severity } from '../schema/scores.ts'
import type { SinkConfig } from '../schema/sinks.ts'
import { dayOf } from '../sql/workspace.ts'
import { enqueueDelivery, knownDeliveries } from '../state/outbox.ts'
import type { State } from '../state/state.ts'
import { countClosings, deliveryIdOf } from './idempotency.ts'
import type { Sink } from './sink.ts'

/** Whether a sink wants to be told of an alert. */
export function wants(
  { minSeverity, shown, tenants }: Pick<SinkConfig, 'minSeverity' | 'shown' | 'tenants'>,
  alert: Pick<TriagedAlert, 'severity' | 'shown' | 'tenantId'>,
): boolean {
  const rank = (severity: Severity) => SEVERITIES.indexOf(severity)
  return (
    rank(alert.severity) >= rank(minSeverity) &&
    shown.includes(alert.shown) &&
    (tenants?.includes(alert.tenantId) ?? true)
  )
}

/**
 * Puts a message into the outbox for each open alert, as the queue shows them, last seen after `from` and each sink that wants it; one that is known, sent or
 * not, is not made again. Answers how many were new.
 */
export async function enqueueAlerts(
  context: Context,
  state: State,
  sinks: ReadonlyMap<SinkConfig, Sink>,
  { from, at }: { from: Date; at: Date },
): Promise<number> {
  const open = await listAlerts(context, { status: 'open', from })
  const closings = await countClosings(state, open)
  const wanted = open.flatMap(alert =>
    [...sinks]
      .filter(([config]) => wants(config, alert))
      .map(([config, sink]) => {
        const { alertId, severity } = alert
        const facts = { alertId, sink: config.name, severity, closings: closings(alertId) }
        return { alert, config, sink, id: deliveryIdOf(facts) }
      }),
  )
  const known = await knownDeliveries(
    state,
    wanted.map(one => one.id),
  )
  const fresh = wanted.filter(one => !known.has(one.id))
  const events = await eventsOf(context, [...new Set(fresh.map(one => one.alert))])
  let added = 0
  for (const { alert, config, sink, id } of fresh) {
    const payload = sink.render({ alert, events: events.get(alert.tenantId)!, deliveryId: id }, at)
    const isNew = await enqueueDelivery(state, { id, sink: config.name, alertId: alert.alertId, payload }, at)
    if (isNew) added++
  }
  return added
}

/** The events that the alerts' reasons name, by tenant and id. */
function eventsOf(context: Context, alerts: readonly TriagedAlert[]) {
  const days = new Set(alerts.map(alert => dayOf(alert.firstSeen)))
  const named = alerts.map(({ tenantId, reasons }) => ({
    tenantId,
    eventIds: reasons.flatMap(reason => reason.events ?? []),
  }))
  return readEventsOfTenants(context, [...days], named)
}
