import type { UseTable } from '../detectors/permission-clusters/use-table.ts'
import type { Engine } from '../sql/duckdb.ts'
import { listParquet, partition, type Workspace } from '../sql/workspace.ts'
import { ITEM_SQL, parquet, TOKEN_KEY_SQL } from './batch.ts'
import { type HeldAlert, loadHeld } from './held.ts'
import { loadMisuse, type Misuse } from './misuse.ts'

/** Which operations and scopes each token used, on how many days, in the token-hours of the given days that no label calls misuse and no open alert holds. */
export async function readUse(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  where: string,
  misuse: Misuse,
  held: readonly HeldAlert[] = [],
): Promise<UseTable> {
  const files = (folder: string) => parquet(days.flatMap(day => listParquet(partition(folder, day))))
  await loadMisuse(engine, misuse)
  await loadHeld(engine, held)
  await engine.run(`
CREATE OR REPLACE TEMP TABLE token_use AS
SELECT ${TOKEN_KEY_SQL} AS token, ${ITEM_SQL} AS item, count(DISTINCT window_start::DATE)::DOUBLE AS days
FROM ${files(workspace.use)} f
WHERE facet IN ('operation', 'scope') AND ${where}
  AND NOT EXISTS (SELECT 1 FROM misuse m WHERE m.token = ${TOKEN_KEY_SQL} AND m.start = epoch_ms(f.window_start))
  AND NOT EXISTS (SELECT 1 FROM held_alerts h WHERE h.token = ${TOKEN_KEY_SQL} AND epoch_ms(f.window_start) >= h.first_seen AND epoch_ms(f.window_start) < h.last_seen)
GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE use_items AS SELECT item, row_number() OVER (ORDER BY item) - 1 AS number FROM (SELECT DISTINCT item FROM token_use);
CREATE OR REPLACE TEMP TABLE use_tokens AS
SELECT token, row_number() OVER (ORDER BY token) - 1 AS number, role, days FROM (
  SELECT ${TOKEN_KEY_SQL} AS token, arg_max(role, window_start) AS role, count(DISTINCT window_start::DATE)::DOUBLE AS days
  FROM ${files(workspace.features)} WHERE ${where} GROUP BY ALL)`)
  const tokens = await engine.texts('SELECT token, role FROM use_tokens ORDER BY number')
  const items = await engine.texts('SELECT item FROM use_items ORDER BY number')
  const activeDays = await engine.matrix('SELECT days FROM use_tokens ORDER BY number')
  const entries = await engine.matrix(`
SELECT t.number::DOUBLE, i.number::DOUBLE, u.days FROM token_use u JOIN use_tokens t USING (token) JOIN use_items i USING (item)
ORDER BY t.number, i.number`)
  await engine.run(
    'DROP TABLE token_use; DROP TABLE use_items; DROP TABLE use_tokens; DROP TABLE held_alerts',
  )
  const offsets = new Uint32Array(tokens.columns[0]!.length + 1)
  const item = new Uint32Array(entries.rows)
  const weight = new Float32Array(entries.rows)
  for (let e = 0; e < entries.rows; e++) {
    offsets[entries.data[e * 3]! + 1]!++
    item[e] = entries.data[e * 3 + 1]!
    weight[e] = entries.data[e * 3 + 2]!
  }
  for (let t = 1; t < offsets.length; t++) offsets[t]! += offsets[t - 1]!
  return {
    tokens: tokens.columns[0] as string[],
    items: items.columns[0] as string[],
    offsets,
    item,
    weight,
    days: Float32Array.from(activeDays.data),
    groups: tokens.columns[1]!,
  }
}
