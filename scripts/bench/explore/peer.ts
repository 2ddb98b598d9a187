import { openViews } from '../../../src/pipeline/views.ts'
import { LIST_VIEWS, RANGE_VIEWS, SINGLE_VIEWS, VALUE_VIEWS } from '../../../src/schema/explore.ts'
import { DETECTOR_NAMES } from '../../../src/scoring/score-windows.ts'
import type { components } from '../../../src/server/api-types.ts'
import { type Engine, quoteText } from '../../../src/sql/duckdb.ts'
import type { Workspace } from '../../../src/sql/workspace.ts'
import type { Body } from './questions.ts'

type Answer = components['schemas']['ExploreAnswer']

const FACETS = { networkType: 'network_type', country: 'country', asn: 'asn', operation: 'operation' }

/** The rows to count, as SQL over the workspace's Parquet: one a token-hour, its facets as lists. */
function rowsSql(): string {
  const detectors = DETECTOR_NAMES.map(name => `coalesce("detector_${name}", 0)`).join(', ')
  const lists = LIST_VIEWS.map(
    view => `coalesce(list(value) FILTER (facet = '${FACETS[view]}'), [NULL]) AS "${view}"`,
  )
  return `SELECT s.tenant_id AS tenant, s.principal_id, s.token_id, s.window_start, epoch_ms(s.window_start) AS time,
      date_part('hour', s.window_start) AS hour, risk, score, severity, a.token_kind AS "tokenKind",
      CASE WHEN greatest(${detectors}) > 0 THEN [${DETECTOR_NAMES.map(quoteText).join(', ')}][list_position([${detectors}], greatest(${detectors}))] END AS detector,
      ${LIST_VIEWS.map(view => `coalesce("${view}", [NULL]) AS "${view}"`).join(', ')}
    FROM scores s LEFT JOIN activity a USING (tenant_id, token_id, window_start)
    LEFT JOIN (SELECT tenant_id, token_id, window_start, ${lists.join(', ')} FROM facets WHERE facet IN (${Object.values(FACETS).map(quoteText).join(', ')}) GROUP BY ALL) f
      USING (tenant_id, token_id, window_start)`
}

/** The same rows as a table in memory: texts as enums, so that they are numbers too. */
export async function loadTable(engine: Engine, workspace: Workspace): Promise<void> {
  await openViews(engine, workspace)
  await engine.run(`CREATE OR REPLACE TABLE peer_rows AS ${rowsSql()}`)
  for (const view of ['severity', 'detector', 'tenant', 'tokenKind']) {
    await engine.run(
      `CREATE TYPE "enum_${view}" AS ENUM (SELECT DISTINCT "${view}" FROM peer_rows WHERE "${view}" IS NOT NULL ORDER BY 1);
       ALTER TABLE peer_rows ALTER "${view}" TYPE "enum_${view}"`,
    )
  }
  for (const view of LIST_VIEWS) {
    await engine.run(
      `CREATE TYPE "enum_${view}" AS ENUM (SELECT DISTINCT v FROM (SELECT unnest("${view}") AS v FROM peer_rows) WHERE v IS NOT NULL ORDER BY 1);
       ALTER TABLE peer_rows ALTER "${view}" TYPE "enum_${view}"[]`,
    )
  }
}

/** The same question as one SQL statement a part: the counts of every view, and the riskiest rows. */
export async function askSql(
  engine: Engine,
  source: 'table' | 'parquet',
  { ranges = {}, values = {}, mostRows = 20 }: Body,
  all: Answer,
): Promise<{ matching: number; risky: number }> {
  const rows = source === 'table' ? 'peer_rows' : `(${rowsSql()})`
  const views = [...RANGE_VIEWS, ...VALUE_VIEWS]
  const failed = views.map((view, i) => {
    const passes = condition(view, ranges, values)
    return passes === null ? null : `CASE WHEN coalesce(${passes}, false) THEN 0 ELSE ${1 << i} END`
  })
  const mask = failed.filter(one => one !== null).join(' | ') || '0'
  const counts = (key: string, from: string, i: number) =>
    `SELECT ${i} AS view, ${key} AS key, count(*) AS windows, count(*) FILTER (risk >= 50) AS risky FROM ${from} WHERE (failed & ~${1 << i}) = 0 GROUP BY 2`
  const parts = views.map((view, i) => {
    if ((LIST_VIEWS as readonly string[]).includes(view))
      return counts('v::VARCHAR', `(SELECT failed, risk, unnest("${view}") AS v FROM marked)`, i)
    if (view in all.ranges) {
      const { from, width } = all.ranges[view as keyof Answer['ranges']]
      return counts(`floor(("${view}" - ${from}) / ${width})::VARCHAR`, 'marked', i)
    }
    return counts(`"${view}"::VARCHAR`, 'marked', i)
  })
  const found = await engine.rows<{ view: number; key: string; windows: number; risky: number }>(
    `WITH marked AS MATERIALIZED (SELECT *, ${mask} AS failed FROM ${rows}) ${parts.join(' UNION ALL ')}
     UNION ALL SELECT -1, 'all', count(*), count(*) FILTER (risk >= 50) FROM marked WHERE failed = 0`,
  )
  const where = views.flatMap(view => condition(view, ranges, values) ?? []).join(' AND ') || 'true'
  await engine.rows(
    `SELECT tenant, principal_id, token_id, window_start, risk, score, severity, detector FROM ${rows} WHERE ${where} ORDER BY risk DESC, score DESC LIMIT ${mostRows}`,
  )
  const whole = found.find(one => one.view === -1)!
  return { matching: whole.windows, risky: whole.risky }
}

/** What a brush asks of a row; null where there is none. */
function condition(
  view: (typeof RANGE_VIEWS)[number] | (typeof VALUE_VIEWS)[number],
  ranges: NonNullable<Body['ranges']>,
  values: NonNullable<Body['values']>,
): string | null {
  const range = ranges[view as keyof typeof ranges]
  if (range !== undefined) {
    const edge = (value: string | number) => (typeof value === 'string' ? Date.parse(value) : value)
    return `("${view}" >= ${edge(range.from!)} AND "${view}" < ${edge(range.to!)})`
  }
  const chosen = values[view as keyof typeof values]
  if (chosen === undefined) return null
  const list = chosen.filter(one => one !== null).map(quoteText)
  const isUnknown = chosen.includes(null)
  if ((SINGLE_VIEWS as readonly string[]).includes(view))
    return `(${list.length > 0 ? `"${view}" IN (${list.join(', ')})` : 'false'}${isUnknown ? ` OR "${view}" IS NULL` : ''})`
  const any = list.length > 0 ? `list_has_any("${view}"::VARCHAR[], [${list.join(', ')}])` : 'false'
  return `(${any}${isUnknown ? ` OR "${view}"[1] IS NULL` : ''})`
}
