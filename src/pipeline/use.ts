import type { UseTable } from '../detectors/permission-clusters/use-table.ts'
import type { Engine } from '../sql/duckdb.ts'
import { listParquet, partition, type Workspace } from '../sql/workspace.ts'
import { ITEM_SQL, parquet, TOKEN_KEY_SQL } from './batch.ts'
import { type HeldAlert, loadHeld } from './held.ts'
import { loadMisuse, type Misuse } from './misuse.ts'

/** Which operations and scopes each token used on which day: read once, told of any span of days by {@link useOf}. */
export interface DailyUse {
  readonly tokens: readonly string[]
  readonly items: readonly string[]
  /** One entry a token, item and day: numbers into `tokens` and `items`, UTC days since the epoch; ordered by token, item and day. */
  readonly used: { readonly token: Float64Array; readonly item: Float64Array; readonly day: Float64Array }
  /** One entry a token and day with traffic, ordered by token and day; `role` is the number of its last one that day, -1 unknown. */
  readonly active: { readonly token: Float64Array; readonly day: Float64Array; readonly role: Float64Array }
  readonly roles: readonly string[]
}

const DAY_MS = 86_400_000

/** Reads the use of the token-hours of the given days that satisfy `where`, that no label calls misuse and no open alert holds. */
export async function readDailyUse(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  where: string,
  misuse: Misuse,
  held: readonly HeldAlert[] = [],
): Promise<DailyUse> {
  const files = (folder: string) => parquet(days.flatMap(day => listParquet(partition(folder, day))))
  await loadMisuse(engine, misuse)
  await loadHeld(engine, held)
  await engine.run(`
CREATE OR REPLACE TEMP TABLE token_use AS
SELECT DISTINCT ${TOKEN_KEY_SQL} AS token, ${ITEM_SQL} AS item, window_start::DATE AS day
FROM ${files(workspace.use)} f
WHERE facet IN ('operation', 'scope') AND ${where}
  AND NOT EXISTS (SELECT 1 FROM misuse m WHERE m.token = ${TOKEN_KEY_SQL} AND m.start = epoch_ms(f.window_start))
  AND NOT EXISTS (SELECT 1 FROM held_alerts h WHERE h.token = ${TOKEN_KEY_SQL} AND epoch_ms(f.window_start) >= h.first_seen AND epoch_ms(f.window_start) < h.last_seen);
CREATE OR REPLACE TEMP TABLE token_days AS
SELECT ${TOKEN_KEY_SQL} AS token, window_start::DATE AS day, arg_max(role, window_start) AS role
FROM ${files(workspace.features)} WHERE ${where} GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE use_items AS SELECT item, row_number() OVER (ORDER BY item) - 1 AS number FROM (SELECT DISTINCT item FROM token_use);
CREATE OR REPLACE TEMP TABLE use_tokens AS SELECT token, row_number() OVER (ORDER BY token) - 1 AS number FROM (SELECT DISTINCT token FROM token_days);
CREATE OR REPLACE TEMP TABLE use_roles AS
SELECT role, row_number() OVER (ORDER BY role) - 1 AS number FROM (SELECT DISTINCT role FROM token_days WHERE role IS NOT NULL)`)
  const names = async (sql: string) => (await engine.texts(sql)).columns[0] as string[]
  const tokens = await names('SELECT token FROM use_tokens ORDER BY number')
  const items = await names('SELECT item FROM use_items ORDER BY number')
  const roles = await names('SELECT role FROM use_roles ORDER BY number')
  const [usedToken, usedItem, usedDay] = await engine.numbers(`
SELECT t.number::INTEGER, i.number::INTEGER, epoch_ms(u.day)::DOUBLE / ${DAY_MS}
FROM token_use u JOIN use_tokens t USING (token) JOIN use_items i USING (item) ORDER BY ALL`)
  const [token, day, role] = await engine.numbers(`
SELECT t.number::INTEGER, epoch_ms(d.day)::DOUBLE / ${DAY_MS}, coalesce(r.number, -1)::INTEGER
FROM token_days d JOIN use_tokens t USING (token) LEFT JOIN use_roles r USING (role) ORDER BY ALL`)
  await engine.run(
    'DROP TABLE token_use; DROP TABLE token_days; DROP TABLE use_items; DROP TABLE use_tokens; DROP TABLE use_roles; DROP TABLE held_alerts',
  )
  return {
    tokens,
    items,
    used: { token: usedToken!, item: usedItem!, day: usedDay! },
    active: { token: token!, day: day!, role: role! },
    roles,
  }
}

/** Midnights UTC, ms since the epoch; the end is exclusive. */
interface Span {
  readonly from?: number
  readonly until?: number
}

/** Which items the tokens active within a span of days used, on how many of the days. */
export function useOf(daily: DailyUse, span: Span = {}): UseTable {
  const { tokens, items, roles } = daily
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = span
  const isWithin = (day: number) => day * DAY_MS >= from && day * DAY_MS < until
  const { days, role } = activityOf(daily, isWithin)
  const { entries, isUsed, item, weight } = entriesOf(daily, isWithin)
  const present = positionsOf(days)
  const known = positionsOf(isUsed)
  const rank = new Uint32Array(items.length)
  known.forEach((number, at) => {
    rank[number] = at
  })
  const offsets = new Uint32Array(present.length + 1)
  present.forEach((token, at) => {
    offsets[at + 1] = offsets[at]! + entries[token]!
  })
  return {
    tokens: present.map(token => tokens[token]!),
    items: known.map(number => items[number]!),
    offsets,
    item: item.map(number => rank[number]!),
    weight,
    days: Float32Array.from(present, token => days[token]!),
    groups: present.map(token => roles[role[token]!] ?? null),
  }
}

/** Days with traffic of each token, and the number of its last known role, -1 unknown. */
function activityOf({ tokens, active }: DailyUse, isWithin: (day: number) => boolean) {
  const days = new Float32Array(tokens.length)
  const role = new Int32Array(tokens.length).fill(-1)
  for (let e = 0; e < active.token.length; e++) {
    if (!isWithin(active.day[e]!)) continue
    const token = active.token[e]!
    days[token]! += 1
    if (active.role[e]! >= 0) role[token] = active.role[e]!
  }
  return { days, role }
}

/** Each token's items with the days on which it used them, in the order of the tokens; `entries` counts those of each. */
function entriesOf({ tokens, items, used }: DailyUse, isWithin: (day: number) => boolean) {
  const entries = new Uint32Array(tokens.length)
  const isUsed = new Uint8Array(items.length)
  const item = new Uint32Array(used.token.length)
  const weight = new Float32Array(used.token.length)
  let count = 0
  for (let e = 0, last = -1; e < used.token.length; e++) {
    if (!isWithin(used.day[e]!)) continue
    const token = used.token[e]!
    if (token !== last || item[count - 1] !== used.item[e]) {
      item[count++] = used.item[e]!
      entries[token]! += 1
    }
    weight[count - 1]! += 1
    isUsed[used.item[e]!] = 1
    last = token
  }
  return { entries, isUsed, item: item.slice(0, count), weight: weight.slice(0, count) }
}

/** Where a count is above zero. */
function positionsOf(counts: ArrayLike<number>): number[] {
  return Array.from({ length: counts.length }, (_, at) => at).filter(at => counts[at]! > 0)
}

/** The use of a period as a whole. */
export async function readUse(...asked: Parameters<typeof readDailyUse>): Promise<UseTable> {
  return useOf(await readDailyUse(...asked))
}
