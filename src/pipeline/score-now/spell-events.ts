import type { PlainEvent } from '../../ingest/plain-events.ts'
import type { AddedEvent } from '../../kernel/standing-day.ts'
import { WHOLE_NUMBER } from '../../kernel/write-events.ts'

/** What the SQL engine may take for a whole number as well: with an exponent, a point, underscores, in hexadecimals. */
const LIKE_NUMBER = /^\s*[+-]?(0[xXbB][0-9a-fA-F_]+|[0-9._]+([eE][+-]?[0-9._]+)?)\s*$/

/** Events as the kernel reads them from `data/events`; null where it is not sure that they are read alike. */
export function spellEvents(events: readonly PlainEvent[]): AddedEvent[] | null {
  const spelled: AddedEvent[] = []
  for (const event of events) {
    const id = event.resource_id as string | null
    if (id !== null && !WHOLE_NUMBER.test(id) && LIKE_NUMBER.test(id)) return null
    spelled.push(spell(event))
  }
  return spelled
}

function spell(event: PlainEvent): AddedEvent {
  const text = (name: keyof PlainEvent) => event[name] as string | null
  const number = (name: keyof PlainEvent) => event[name] as number | null
  return {
    eventId: event.event_id,
    time: event.time,
    who: {
      tenantId: event.tenant_id,
      tokenId: event.token_id,
      principalId: event.principal_id,
      role: text('role'),
      tokenKind: text('token_kind'),
      grantedScopes: text('granted_scopes'),
      createdAt: number('token_created_at'),
    },
    place: {
      ip: text('source_ip'),
      net: text('net'),
      asn: event.asn === null ? null : String(event.asn),
      country: text('country'),
      networkType: text('network_type'),
      latitude: number('latitude'),
      longitude: number('longitude'),
    },
    agent: { userAgent: text('user_agent'), client: text('client') },
    call: {
      method: text('method'),
      operation: text('operation'),
      // A path counts only where there is no operation.
      path: event.operation === null ? text('path') : null,
      resourceType: text('resource_type'),
      requiredScope: text('required_scope'),
    },
    resourceId: text('resource_id'),
    status: number('status'),
    requestBytes: number('request_bytes'),
    responseBytes: number('response_bytes'),
    latencyMs: toMicroseconds(number('latency_ms')),
  }
}

/** Milliseconds to the microsecond, as the SQL engine casts to DECIMAL(18, 3): unknown beyond its digits. */
export function toMicroseconds(ms: number | null): number | null {
  if (ms === null) return null
  const thousands = Math.round(ms * 1000)
  return thousands >= 1e18 ? null : thousands / 1000
}
