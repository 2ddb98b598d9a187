import { EVENT_COLUMNS } from '../../schema/event.ts'
import type { Cast } from '../../simulate/inject/cast.ts'
import type { Actor, EventRow, Scene, TokenSummary } from '../../simulate/inject/model.ts'
import { type Engine, quoteText } from '../../sql/duckdb.ts'

/**
 * Newest events read of a victim, and of each donor: the longest run taken of either is 400 and 60. Turning rows into objects is most of
 * the cost of an injection (measured: 8 of 10 s for 21 incidents with twice as many).
 */
const VICTIM_ROWS = 2500
const DONOR_ROWS = 300
/** Rows read of each operation of a tenant, and how many operations. */
const ROWS_OF_OPERATION = 80
const MOST_OPERATIONS = 300
/** Objects remembered as touched by a token. */
const MOST_TOUCHED = 200_000

/** An event's columns as {@link EventRow}: moments as ms since 1970. */
const ROW_SQL = EVENT_COLUMNS.map(({ name, type }) =>
  type === 'TIMESTAMP_MS' ? `epoch_ms(${name}) AS ${name}` : name,
).join(', ')

/** Reads what planning one incident needs from the view `events`. One tenant's rows are kept for the next incident. */
export interface MaterialReader {
  read(cast: Cast): Promise<Pick<Scene, 'victim' | 'donors' | 'others' | 'usedOperations' | 'touched'>>
}

export function createMaterialReader(engine: Engine): MaterialReader {
  let kept: { tenant: string; rows: EventRow[] } | undefined
  async function rowsOf(tokens: readonly TokenSummary[], most: number): Promise<Actor[]> {
    if (tokens.length === 0) return []
    await engine.load('inject_cast', {
      tenant_id: tokens.map(token => token.tenantId),
      token_id: tokens.map(token => token.tokenId),
    })
    const rows = await engine.rows<EventRow>(
      `SELECT ${ROW_SQL} FROM (
         SELECT * FROM events SEMI JOIN inject_cast USING (tenant_id, token_id)
         QUALIFY row_number() OVER (PARTITION BY tenant_id, token_id ORDER BY time DESC, event_id DESC) <= ${most})
       ORDER BY time, event_id`,
    )
    const byToken = new Map<string, EventRow[]>(
      tokens.map(token => [keyOf(token.tenantId, token.tokenId), []]),
    )
    for (const row of rows) byToken.get(keyOf(row.tenant_id, row.token_id))!.push(row)
    return tokens.map(token => ({ token, rows: byToken.get(keyOf(token.tenantId, token.tokenId))! }))
  }
  async function rowsOfTenant(tenant: string | null): Promise<EventRow[]> {
    const name = tenant ?? ''
    if (kept?.tenant === name) return kept.rows
    const where = tenant === null ? 'true' : `tenant_id = ${quoteText(tenant)}`
    const rows = await engine.rows<EventRow>(
      `WITH common AS (
         SELECT operation FROM events WHERE ${where} GROUP BY operation ORDER BY count(*) DESC, operation LIMIT ${MOST_OPERATIONS})
       SELECT ${ROW_SQL} FROM (
         SELECT * FROM events WHERE ${where} AND (operation IS NULL OR operation IN (SELECT operation FROM common))
         QUALIFY row_number() OVER (PARTITION BY operation ORDER BY md5(event_id), time, token_id) <= ${ROWS_OF_OPERATION})
       ORDER BY time, event_id, token_id`,
    )
    kept = { tenant: name, rows }
    return rows
  }
  return {
    async read({ victim, donors }) {
      const [actor] = await rowsOf([victim], VICTIM_ROWS)
      const strangers = (rows: readonly EventRow[]) =>
        rows.filter(row => row.principal_id !== victim.principalId)
      const ofTenant = strangers(await rowsOfTenant(victim.tenantId))
      const others = ofTenant.length > 0 ? ofTenant : strangers(await rowsOfTenant(null))
      const text = async (sql: string) => new Set((await engine.texts(sql)).columns[0] as string[])
      const own = `tenant_id = ${quoteText(victim.tenantId)} AND`
      return {
        victim: actor!,
        donors: await rowsOf(donors, DONOR_ROWS),
        others,
        usedOperations: await text(
          `SELECT DISTINCT operation FROM events WHERE ${own} principal_id = ${quoteText(victim.principalId)} AND operation IS NOT NULL`,
        ),
        touched: await text(
          `SELECT DISTINCT resource_id FROM events WHERE ${own} token_id = ${quoteText(victim.tokenId)} AND resource_id IS NOT NULL
           ORDER BY resource_id LIMIT ${MOST_TOUCHED}`,
        ),
      }
    },
  }
}

function keyOf(tenant: string, token: string): string {
  return `${tenant}\n${token}`
}
