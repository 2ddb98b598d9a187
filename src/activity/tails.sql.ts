import { EVENT_COLUMNS } from '../schema/event.ts'

/** How far back an event looks: two events of its token (`net_before_last`). */
const EVENTS_BACK = 2

/** The last events of each token in each hour of `day_events`, with their hour as `window_start`. */
export function tailsSql(): string {
  const columns = EVENT_COLUMNS.map(column => column.name).join(', ')
  return lastOfHours(`SELECT ${columns}, window_start FROM day_events`)
}

/** Tails that may hold more events of an hour than are looked back to; the source is given as SQL. */
export function mergedTailsSql(source: string): string {
  return lastOfHours(`SELECT * FROM (${source})`)
}

function lastOfHours(source: string): string {
  return `${source}
QUALIFY row_number() OVER (PARTITION BY tenant_id, token_id, window_start ORDER BY time DESC, event_id DESC) <= ${EVENTS_BACK}`
}

/** Of tails, given as SQL, the last events of each token; before a moment, given as SQL, if any. */
export function tailsBeforeSql(tails: string, moment?: string): string {
  return `SELECT * EXCLUDE (window_start) FROM (${tails})${moment === undefined ? '' : ` WHERE window_start < ${moment}`}
QUALIFY row_number() OVER (PARTITION BY tenant_id, token_id ORDER BY time DESC, event_id DESC) <= ${EVENTS_BACK}`
}
