import type { Engine } from '../sql/duckdb.ts'
import { listDays, listParquet, partition, type Workspace } from '../sql/workspace.ts'
import { parquet } from './batch.ts'

/** What is shown of an event that explains something; null where the log does not say. */
export interface ExampleEvent {
  readonly eventId: string
  readonly time: Date
  readonly method: string | null
  readonly operation: string | null
  readonly resourceType: string | null
  readonly resourceId: string | null
  readonly requiredScope: string | null
  readonly status: number | null
  readonly sourceIp: string | null
  readonly asn: number | null
  readonly asOrg: string | null
  readonly country: string | null
  readonly client: string | null
  readonly userAgent: string | null
  readonly responseBytes: number | null
}

/** The named events of a tenant by id, read from the days given; ids that no longer are in the workspace are missing. */
export async function readEvents(
  context: { engine: Engine; workspace: Workspace },
  days: readonly string[],
  tenantId: string,
  eventIds: readonly string[],
): Promise<Map<string, ExampleEvent>> {
  const found = await readEventsOfTenants(context, days, [{ tenantId, eventIds }])
  return found.get(tenantId)!
}

/** The same for several tenants, by tenant and id: two of them may have events of one id, and see their own alone. */
export async function readEventsOfTenants(
  { engine, workspace }: { engine: Engine; workspace: Workspace },
  days: readonly string[],
  named: readonly { readonly tenantId: string; readonly eventIds: readonly string[] }[],
): Promise<Map<string, Map<string, ExampleEvent>>> {
  const found = new Map(named.map(({ tenantId }) => [tenantId, new Map<string, ExampleEvent>()]))
  const wanted = named.flatMap(({ tenantId, eventIds }) => eventIds.map(id => [tenantId, id] as const))
  const present = listDays(workspace.events).filter(day => days.includes(day))
  const files = present.flatMap(day => listParquet(partition(workspace.events, day)))
  if (files.length === 0 || wanted.length === 0) return found
  await engine.load('named_events', {
    tenant_id: wanted.map(([tenant]) => tenant),
    event_id: wanted.map(([, id]) => id),
  })
  const rows = await engine.rows<ExampleEvent & { tenantId: string }>(`
SELECT tenant_id AS "tenantId", event_id AS "eventId", time, method, operation, resource_type AS "resourceType",
  resource_id AS "resourceId", required_scope AS "requiredScope", status, source_ip AS "sourceIp", asn::DOUBLE AS asn,
  as_org AS "asOrg", country, client, user_agent AS "userAgent", response_bytes::DOUBLE AS "responseBytes"
FROM ${parquet(files)} SEMI JOIN named_events USING (tenant_id, event_id)`)
  await engine.run('DROP TABLE named_events')
  for (const { tenantId, ...event } of rows) found.get(tenantId)!.set(event.eventId, event)
  return found
}
