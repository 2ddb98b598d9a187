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

/** The named events by id, read from the days given; ids that no longer are in the workspace are missing. */
export async function readEvents(
  { engine, workspace }: { engine: Engine; workspace: Workspace },
  days: readonly string[],
  eventIds: readonly string[],
): Promise<Map<string, ExampleEvent>> {
  const present = listDays(workspace.events).filter(day => days.includes(day))
  const files = present.flatMap(day => listParquet(partition(workspace.events, day)))
  if (files.length === 0 || eventIds.length === 0) return new Map()
  await engine.load('named_events', { event_id: [...new Set(eventIds)] })
  const rows = await engine.rows<ExampleEvent>(`
SELECT event_id AS "eventId", time, method, operation, resource_type AS "resourceType", resource_id AS "resourceId",
  required_scope AS "requiredScope", status, source_ip AS "sourceIp", asn::DOUBLE AS asn, as_org AS "asOrg", country, client,
  user_agent AS "userAgent", response_bytes::DOUBLE AS "responseBytes"
FROM ${parquet(files)} SEMI JOIN named_events USING (event_id)`)
  await engine.run('DROP TABLE named_events')
  return new Map(rows.map(row => [row.eventId, row]))
}
