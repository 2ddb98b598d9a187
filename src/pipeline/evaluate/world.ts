import { KeyhoundError } from '../../lib/errors.ts'
import { columnOf, createMatrix, type Matrix } from '../../lib/matrix.ts'
import { COUNT_COLUMNS, WINDOW_KEY, WINDOW_SECONDS } from '../../schema/activity.ts'
import { type Column, EVENT_COLUMNS } from '../../schema/event.ts'
import type { Labels } from '../../schema/labels.ts'
import { SCORE_COLUMNS } from '../../schema/scores.ts'
import { type Engine, quoteName, timestampLiteral } from '../../sql/duckdb.ts'
import { createView, type Workspace } from '../../sql/workspace.ts'

/** Length of a token-hour. */
export const HOUR_MS = WINDOW_SECONDS * 1000
export const DAY_MS = 86_400_000

/** The columns of `data/activity/counts` that evaluation reads. */
const ACTIVITY_COLUMNS: readonly Column[] = [...WINDOW_KEY, ...COUNT_COLUMNS]

/** Columns by which a token-hour is known in the engine's tables. */
export const KEY = 'tenant_id, token_id, window_start'

/** An incident within the period: what there was to find. */
export interface Incident {
  readonly id: string
  readonly attackType: string
  /** Its first malicious event, ms since 1970. */
  readonly firstTime: number
  /** Rows (token-hours) that it touches, ascending. */
  readonly rows: readonly number[]
}

/** An injected incident within the period, at the highest of the hours that hold its events. */
export interface InjectedIncident {
  readonly id: string
  readonly attackType: string
  readonly intensity: string | null
  readonly tokenDays: number
  /** NaN where none of its hours has a score. */
  readonly score: number
  readonly risk: number
}

/**
 * The token-hours under evaluation with their truth, n rows ordered by token, then time. In the engine they are the
 * temporary table `evaluate_windows` (row_no, token_no, tenant_id, token_id, window_start).
 */
export interface World {
  readonly from: Date
  readonly to: Date
  /** UTC days touched by the period. */
  readonly days: number
  readonly rows: number
  /** (tokens) */
  readonly tokens: readonly Token[]
  /** (rows): index into tokens. */
  readonly token: Uint32Array
  /** (rows): start of the hour, ms since 1970. */
  readonly start: Float64Array
  /** (rows): NaN where scoring left the window out. */
  readonly score: Float64Array
  readonly risk: Float64Array
  /** (rows): 0-1, NaN when unknown. */
  readonly maturity: Float64Array
  /** (rows): 1 where a labelled event or interval touches the hour. */
  readonly positive: Uint8Array
  /** (token-days, detectors): highest of the day for each `detector_*` of the scores, named without that; by token, then day. */
  readonly detectors: Matrix
  readonly incidents: readonly Incident[]
  /** Incidents that were injected, on token-days that are not among the rows. */
  readonly injected: readonly InjectedIncident[]
  readonly models: readonly string[]
  readonly events: number
  /** Label rows that match nothing in the workspace. */
  readonly unmatchedLabels: number
}

export interface Token {
  readonly tenantId: string
  readonly tokenId: string
  /** First traffic ever seen, ms since 1970. */
  readonly firstSeen: number
  /** Whether it had traffic before `from`. */
  readonly hasHistory: boolean
}

export interface Period {
  readonly from?: Date
  readonly to?: Date
}

/** Opens the workspace's tables as views, joins scores and labels, and reads what every later step needs. */
export async function loadWorld(
  engine: Engine,
  workspace: Workspace,
  labels: Labels,
  period: Period,
  eligibleTokens: readonly string[] | undefined,
): Promise<World> {
  await createView(engine, 'events', workspace.events, EVENT_COLUMNS)
  await createView(engine, 'scores', workspace.scores, SCORE_COLUMNS)
  await createView(engine, 'activity', workspace.activity, ACTIVITY_COLUMNS)
  const { from, to } = await resolvePeriod(engine, period)
  const within = `window_start >= ${timestampLiteral(from)} AND window_start < ${timestampLiteral(to)}`
  await engine.run('CREATE OR REPLACE TEMP TABLE evaluate_eligible (token_id VARCHAR)')
  if (eligibleTokens !== undefined) await engine.load('evaluate_eligible', { token_id: eligibleTokens })
  const eligible =
    eligibleTokens === undefined ? 'true' : 'token_id IN (SELECT token_id FROM evaluate_eligible)'

  const unmatchedLabels = await loadPositives(engine, labels)
  await createWindows(engine, `${within} AND ${eligible}`, from)
  const injected = await readInjected(engine, `${within} AND ${eligible}`)
  const table = await engine.matrix(
    `SELECT w.token_no, epoch_ms(w.window_start) AS start, s.score, s.risk, s.maturity, w.positive
     FROM evaluate_windows w LEFT JOIN scores s USING (${KEY}) ORDER BY w.row_no`,
  )
  const column = (name: string) => columnOf(table, table.names.indexOf(name))
  const tokens = await engine.rows<Token & { firstSeen: number }>(
    `SELECT tenant_id AS "tenantId", token_id AS "tokenId", epoch_ms(first_seen) AS "firstSeen",
       first_seen < ${timestampLiteral(from)} AS "hasHistory"
     FROM evaluate_tokens ORDER BY token_no`,
  )
  const models = await engine.texts(
    `SELECT DISTINCT model FROM scores WHERE ${within} AND model IS NOT NULL ORDER BY model`,
  )
  const [count] = await engine.rows<{ n: number }>(
    `SELECT count(*) AS n FROM events
     WHERE time >= ${timestampLiteral(from)} AND time < ${timestampLiteral(to)} AND ${eligible}
       AND ${notInjected('time')}`,
  )
  return {
    from,
    to,
    days: Math.floor((to.getTime() - 1) / DAY_MS) - Math.floor(from.getTime() / DAY_MS) + 1,
    rows: table.rows,
    tokens,
    token: Uint32Array.from(column('token_no')),
    start: column('start'),
    score: column('score'),
    risk: column('risk'),
    maturity: column('maturity'),
    positive: Uint8Array.from(column('positive')),
    detectors: await readDetectors(engine),
    incidents: await readIncidents(engine),
    injected,
    models: (models.columns[0] ?? []) as string[],
    events: count!.n,
    unmatchedLabels,
  }
}

async function readDetectors(engine: Engine): Promise<Matrix> {
  const prefix = 'detector_'
  const columns = (await engine.describe('SELECT * FROM scores'))
    .map(column => column.name)
    .filter(name => name.startsWith(prefix))
  if (columns.length === 0) return createMatrix(0, [])
  const highest = columns.map(name => `max(s.${quoteName(name)}) AS ${quoteName(name.slice(prefix.length))}`)
  return engine.matrix(
    `SELECT ${highest.join(', ')} FROM evaluate_windows w LEFT JOIN scores s USING (${KEY})
     GROUP BY w.token_no, w.window_start::DATE ORDER BY w.token_no, w.window_start::DATE`,
  )
}

/** Drops the temporary tables. */
export async function dropWorld(engine: Engine): Promise<void> {
  for (const table of ['eligible', 'labels', 'positives', 'injected', 'tokens', 'windows'])
    await engine.run(`DROP TABLE IF EXISTS evaluate_${table}`)
}

async function resolvePeriod(engine: Engine, period: Period): Promise<{ from: Date; to: Date }> {
  const [scored] = await engine.rows<{ first: Date | null; last: Date | null }>(
    'SELECT min(window_start)::TIMESTAMP AS first, max(window_start)::TIMESTAMP AS last FROM scores',
  )
  if (!scored?.first || !scored.last)
    throw new KeyhoundError('not-found', 'there are no scores to evaluate: run keyhound score first')
  const from = period.from ?? scored.first
  const to = period.to ?? new Date(scored.last.getTime() + HOUR_MS)
  if (from >= to || from > scored.last || to <= scored.first)
    throw new KeyhoundError(
      'usage',
      `no scores lie between ${from.toISOString()} and ${to.toISOString()}; there are scores from ` +
        `${scored.first.toISOString()} to ${new Date(scored.last.getTime() + HOUR_MS).toISOString()}`,
    )
  // Days without any score at either end would only inflate the number of alerts that a budget allows.
  return {
    from: from < scored.first ? floorToDay(scored.first, from) : from,
    to:
      to.getTime() > scored.last.getTime() + DAY_MS
        ? new Date((Math.floor(scored.last.getTime() / DAY_MS) + 1) * DAY_MS)
        : to,
  }
}

/** The start of the day of `time`, but not before `earliest`. */
function floorToDay(time: Date, earliest: Date): Date {
  return new Date(Math.max(earliest.getTime(), Math.floor(time.getTime() / DAY_MS) * DAY_MS))
}

/**
 * Fills `evaluate_positives` (tenant_id, token_id, window_start, incident_id, attack_type, intensity, injected, first_time,
 * touch_time): the token-hours that labels touch over all time; and `evaluate_injected` (tenant_id, token_id, day): the token-days
 * that injected labels touch. Answers the number of label rows that touch none.
 */
async function loadPositives(engine: Engine, labels: Labels): Promise<number> {
  const rows = labels.rows
  const label_no = Float64Array.from(rows.keys())
  const incident_id = rows.map(row => row.incidentId)
  const attack_type = rows.map(row => row.attackType)
  const intensity = rows.map(row => row.intensity ?? null)
  const injected = rows.map(row => (row.injected === true ? 1 : 0))
  const told = { incident_id, attack_type, intensity, injected }
  if (labels.kind === 'event') {
    const event_id = labels.rows.map(row => row.eventId)
    await engine.load('evaluate_labels', { label_no, event_id, ...told })
    await engine.run(`
      CREATE OR REPLACE TEMP TABLE evaluate_touched AS
      SELECT tenant_id, token_id, date_trunc('hour', time)::TIMESTAMP_MS AS window_start,
        incident_id, attack_type, intensity, injected, label_no, time, NULL::TIMESTAMP AS touch_time
      FROM events JOIN evaluate_labels USING (event_id)`)
  } else {
    const token_id = labels.rows.map(row => row.tokenId)
    const starts = Float64Array.from(labels.rows, row => row.start.getTime())
    const ends = Float64Array.from(labels.rows, row => row.end.getTime())
    await engine.load('evaluate_labels', { label_no, token_id, starts, ends, ...told })
    // An hour with traffic is positive when the interval reaches into it, whether or not one of its events lies inside.
    await engine.run(`
      CREATE OR REPLACE TEMP TABLE evaluate_touched AS
      SELECT w.tenant_id, w.token_id, w.window_start, l.incident_id, l.attack_type, l.intensity, l.injected, l.label_no,
        NULL::TIMESTAMP AS time, greatest(make_timestamp((l.starts * 1000)::BIGINT), w.window_start) AS touch_time
      FROM (SELECT ${KEY} FROM scores UNION SELECT ${KEY} FROM activity) w
      JOIN evaluate_labels l ON w.token_id = l.token_id
        AND epoch_ms(w.window_start) < l.ends AND epoch_ms(w.window_start) + ${HOUR_MS} > l.starts
      UNION ALL
      SELECT e.tenant_id, e.token_id, date_trunc('hour', e.time)::TIMESTAMP_MS, l.incident_id, l.attack_type,
        l.intensity, l.injected, l.label_no, e.time, NULL
      FROM events e JOIN evaluate_labels l ON e.token_id = l.token_id
        AND epoch_ms(e.time) >= l.starts AND epoch_ms(e.time) < l.ends`)
  }
  await engine.run(`
    CREATE OR REPLACE TEMP TABLE evaluate_positives AS
    SELECT ${KEY}, incident_id, attack_type, intensity, injected = 1 AS injected, min(time) AS first_time, min(touch_time) AS touch_time
    FROM evaluate_touched GROUP BY ALL`)
  await engine.run(`
    CREATE OR REPLACE TEMP TABLE evaluate_injected AS
    SELECT DISTINCT tenant_id, token_id, window_start::DATE AS day FROM evaluate_positives WHERE injected`)
  const [matched] = await engine.rows<{ n: number }>(
    'SELECT count(DISTINCT label_no) AS n FROM evaluate_touched',
  )
  await engine.run('DROP TABLE evaluate_touched')
  return rows.length - matched!.n
}

/** Condition that a row lies on no token-day that an injected incident touches: what is observed is measured without them. */
function notInjected(time: string): string {
  return `(tenant_id, token_id, ${time}::DATE) NOT IN (SELECT (tenant_id, token_id, day) FROM evaluate_injected)`
}

/**
 * Numbers tokens and token-hours: those scored in the period, and those labelled there that scoring left out; token-days of injected
 * incidents left out.
 */
async function createWindows(engine: Engine, where: string, from: Date): Promise<void> {
  await engine.run(`
    CREATE OR REPLACE TEMP TABLE evaluate_windows AS
    SELECT ${KEY}, bool_or(positive)::INTEGER AS positive FROM (
      SELECT ${KEY}, false AS positive FROM scores WHERE ${where}
      UNION ALL SELECT ${KEY}, true FROM evaluate_positives WHERE ${where}
    ) WHERE ${notInjected('window_start')} GROUP BY ALL`)
  await engine.run(`
    CREATE OR REPLACE TEMP TABLE evaluate_tokens AS
    SELECT row_number() OVER (ORDER BY tenant_id, token_id) - 1 AS token_no, tenant_id, token_id, first_seen
    FROM (SELECT tenant_id, token_id, min(window_start) AS first_seen FROM (
        SELECT ${KEY} FROM activity UNION ALL SELECT ${KEY} FROM scores
        UNION ALL SELECT ${KEY} FROM evaluate_windows
      ) GROUP BY ALL)
    WHERE (tenant_id, token_id) IN (SELECT (tenant_id, token_id) FROM evaluate_windows)`)
  await engine.run(`
    CREATE OR REPLACE TEMP TABLE evaluate_windows AS
    SELECT row_number() OVER (ORDER BY token_no, window_start) - 1 AS row_no, token_no, ${KEY}, positive
    FROM evaluate_windows JOIN evaluate_tokens USING (tenant_id, token_id)`)
  const [count] = await engine.rows<{ n: number }>('SELECT count(*) AS n FROM evaluate_windows')
  if (count!.n === 0)
    throw new KeyhoundError(
      'bad-input',
      `no token-hour is left to evaluate since ${from.toISOString()}: check the period and the list of eligible tokens`,
    )
}

async function readIncidents(engine: Engine): Promise<Incident[]> {
  const rows = await engine.rows<{ id: string; type: string; first: number; rows: number[] }>(`
    SELECT incident_id AS id, min(attack_type) AS type, epoch_ms(coalesce(min(first_time), min(touch_time))) AS first,
      list(DISTINCT row_no ORDER BY row_no) AS rows
    FROM evaluate_positives JOIN evaluate_windows USING (${KEY})
    GROUP BY incident_id ORDER BY first, id`)
  return rows.map(row => ({ id: row.id, attackType: row.type, firstTime: row.first, rows: row.rows }))
}

async function readInjected(engine: Engine, where: string): Promise<InjectedIncident[]> {
  const rows = await engine.rows<
    Omit<InjectedIncident, 'score' | 'risk'> & Record<'score' | 'risk', number | null>
  >(`
    SELECT incident_id AS id, min(attack_type) AS "attackType", min(intensity) AS intensity,
      count(DISTINCT (tenant_id, token_id, window_start::DATE)) AS "tokenDays", max(s.score) AS score, max(s.risk) AS risk
    FROM (SELECT * FROM evaluate_positives WHERE injected AND ${where}) LEFT JOIN scores s USING (${KEY})
    GROUP BY incident_id ORDER BY id`)
  return rows.map(row => ({ ...row, score: row.score ?? Number.NaN, risk: row.risk ?? Number.NaN }))
}

/** Values of a query `(row_no, value)` laid out by row; rows it does not name get `otherwise`. */
export async function valuesByRow(
  engine: Engine,
  sql: string,
  rows: number,
  otherwise: number,
): Promise<Float64Array> {
  const pairs = await engine.matrix(sql)
  const out = new Float64Array(rows).fill(otherwise)
  for (let r = 0; r < pairs.rows; r++) out[pairs.data[2 * r]!] = pairs.data[2 * r + 1]!
  return out
}
