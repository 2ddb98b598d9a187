import { EVENT_COLUMNS } from '../schema/event.ts'

/** How far back an event looks: two events of its token (`net_before_last`). */
const EVENTS_BACK = 2

/** The last events of each token in each hour of `day_events`, with their hour as `window_start`. */
export function tailsSql(): string {
  const columns = EVENT_COLUMNS.map(column => column.name).join(', ')
  return `SELECT ${columns}, window_start FROM day_events
QUALIFY row_number() OVER (PARTITION BY tenant_id, token_id, window_start ORDER BY time DESC, event_id DESC) <= ${EVENTS_BACK}`
}

/** Of the tails in a file, the last events of each token before a moment, given as SQL. */
export function tailsBeforeSql(path: string, moment: string): string {
  return `SELECT * EXCLUDE (window_start) FROM read_parquet(${path}) WHERE window_start < ${moment}
QUALIFY row_number() OVER (PARTITION BY tenant_id, token_id ORDER BY time DESC, event_id DESC) <= ${EVENTS_BACK}`
}
