import { quoteText } from '../../sql/duckdb.ts'
import { listParquet, partition } from '../../sql/workspace.ts'
import type { Context } from '../context.ts'
import type { DayLog } from './day-log.ts'

/** An event by what the engine knows of it: the how-many-eth of its token's events of one millisecond, in the order of their ids. */
export interface EventName {
  readonly tenantId: string
  readonly tokenId: string
  readonly time: number
  readonly nth: number
}

/** What tells an event of a token, by its place in the day. */
export function nameEvent(log: DayLog, tenantId: string, tokenId: string, at: number): EventName {
  const own = log.eventsOf(tenantId, tokenId)
  const time = log.timeOf(at)
  const place = own.indexOf(at)
  let first = place
  while (first > 0 && log.timeOf(own[first - 1]!) === time) first--
  return { tenantId, tokenId, time, nth: place - first }
}

/** Ids of named events of a day, in their order; an event that is no longer there is left out. */
export async function readEventIds(
  { engine, workspace }: Pick<Context, 'engine' | 'workspace'>,
  day: string,
  names: readonly EventName[],
): Promise<(string | undefined)[]> {
  if (names.length === 0) return []
  const momentOf = ({ tenantId, tokenId, time }: EventName) => JSON.stringify([tenantId, tokenId, time])
  const moments = new Map(names.map(name => [momentOf(name), name]))
  const asked = [...moments.values()]
  await engine.load('asked_moments', {
    number: Float64Array.from(asked.keys()),
    tenant_id: asked.map(one => one.tenantId),
    token_id: asked.map(one => one.tokenId),
    time: Float64Array.from(asked, one => one.time),
  })
  const files = listParquet(partition(workspace.events, day)).map(quoteText)
  const found = await engine.columns(`
SELECT a.number, e.event_id FROM read_parquet([${files.join(', ')}], union_by_name = true, hive_partitioning = false) e
JOIN asked_moments a ON e.tenant_id = a.tenant_id AND e.token_id = a.token_id AND epoch_ms(e.time)::DOUBLE = a.time
ORDER BY a.number, e.event_id`)
  await engine.run('DROP TABLE asked_moments')
  const ids = new Map<string, string[]>([...moments.keys()].map(key => [key, []]))
  const keys = [...moments.keys()]
  const [numbers, texts] = [found.get('number')!, found.get('event_id')!]
  for (let row = 0; row < numbers.length; row++)
    ids.get(keys[numbers[row] as number]!)!.push(texts[row] as string)
  return names.map(name => ids.get(momentOf(name))![name.nth])
}
