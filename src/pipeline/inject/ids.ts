import { KeyhoundError } from '../../lib/errors.ts'
import type { Random } from '../../lib/random.ts'
import { createIdMaker } from '../../simulate/inject/ids.ts'
import type { EventRow } from '../../simulate/inject/model.ts'
import { NEW_TOKEN } from '../../simulate/inject/rotation-hijack.ts'
import type { Engine } from '../../sql/duckdb.ts'

/** Ids from which a log's manner of naming is learnt. */
const SAMPLE = 2000
/** Rounds of making ids anew that the log holds already. */
const MOST_ROUNDS = 50

/** Ids of a column of the view `events`, one a moment: where moments are equal, files are sorted by id, which says nothing of time. */
async function sampleOf(engine: Engine, column: 'event_id' | 'token_id' | 'session_id'): Promise<string[]> {
  const sql =
    column === 'event_id'
      ? `SELECT arg_min(event_id, md5(event_id)) AS id FROM events GROUP BY time ORDER BY time DESC LIMIT ${SAMPLE}`
      : `SELECT id FROM (SELECT DISTINCT ${column} AS id FROM events WHERE ${column} IS NOT NULL) ORDER BY md5(id), id LIMIT ${SAMPLE}`
  return ((await engine.texts(sql)).columns[0] as string[]).reverse()
}

/**
 * Gives planned events, in time order, ids in the manner of the log's, none of which the log holds. Answers whether ids of the log rise
 * with time but left no room.
 */
export async function nameEvents(
  engine: Engine,
  events: readonly EventRow[],
  random: Random,
): Promise<{ events: EventRow[]; crowded: boolean }> {
  if (events.length === 0) return { events: [], crowded: false }
  const taken = new Set<string>()
  const maker = createIdMaker(await sampleOf(engine, 'event_id'), taken, random)
  const neighbours = maker.rises ? await neighboursOf(engine, events) : null
  const ids: string[] = []
  const makeAt = (i: number) => {
    const { before, after } = neighbours?.[i] ?? {}
    // Of several between the same neighbours the later gets the higher id.
    const isSame = i > 0 && neighbours !== null && neighbours[i - 1]!.before === before
    return maker.make(isSame ? ids[i - 1] : before, after)
  }
  for (let i = 0; i < events.length; i++) ids.push(makeAt(i))
  for (let round = 0; ; round++) {
    await engine.load('inject_ids', { id: ids })
    const clashes = await engine.texts(
      'SELECT DISTINCT id FROM inject_ids WHERE id IN (SELECT event_id FROM events)',
    )
    const clashing = new Set(clashes.columns[0])
    if (clashing.size === 0) break
    if (round === MOST_ROUNDS)
      throw new KeyhoundError(
        'internal',
        `no free event ids in the manner of ${ids[0]!.length} characters found`,
      )
    for (let i = 0; i < ids.length; i++) if (clashing.has(ids[i]!)) ids[i] = maker.make(undefined, undefined)
  }
  return { events: events.map((event, i) => ({ ...event, event_id: ids[i]! })), crowded: maker.crowded() }
}

/** Ids of the events before (or at) and after each moment. */
async function neighboursOf(
  engine: Engine,
  events: readonly EventRow[],
): Promise<{ before: string | undefined; after: string | undefined }[]> {
  await engine.load('inject_times', {
    no: Float64Array.from(events.keys()),
    ms: Float64Array.from(events, event => event.time),
  })
  // Padded, so that numbers of unlike length compare as numbers.
  const rows = await engine.rows<{ before: string | null; after: string | null }>(`
    WITH known AS (SELECT epoch_ms(time) AS ms, arg_max(event_id, lpad(event_id, 64, '0')) AS last,
        arg_min(event_id, lpad(event_id, 64, '0')) AS first FROM events GROUP BY time),
      t AS (SELECT no, ms::BIGINT AS ms FROM inject_times),
      b AS (SELECT t.no, k.last AS before FROM t ASOF LEFT JOIN known k ON t.ms >= k.ms),
      a AS (SELECT t.no, k.first AS after FROM t ASOF LEFT JOIN known k ON t.ms < k.ms)
    SELECT before, after FROM b JOIN a USING (no) ORDER BY no`)
  return rows.map(row => ({ before: row.before ?? undefined, after: row.after ?? undefined }))
}

/** Gives the new tokens of rotations, and their sessions, ids in the manner of the log's. */
export async function nameTokens(
  engine: Engine,
  incidents: readonly (readonly EventRow[])[],
  tokenIds: readonly string[],
  random: Random,
): Promise<EventRow[][]> {
  if (!incidents.some(events => events.some(event => event.token_id === NEW_TOKEN)))
    return incidents.map(events => [...events])
  const known = await sampleOf(engine, 'token_id')
  const sessions = await sampleOf(engine, 'session_id')
  const tokens = createIdMaker(random.shuffle(known), new Set(tokenIds), random)
  const logins =
    sessions.length === 0 ? null : createIdMaker(random.shuffle(sessions), new Set(sessions), random)
  return incidents.map(events => {
    if (!events.some(event => event.token_id === NEW_TOKEN)) return [...events]
    const token_id = tokens.make(undefined, undefined)
    const session_id = logins?.make(undefined, undefined) ?? null
    return events.map(event => ({
      ...event,
      token_id,
      session_id: event.session_id === NEW_TOKEN ? session_id : event.session_id,
    }))
  })
}
