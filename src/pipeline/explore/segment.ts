import { ensureFacets } from '../../engine/facets.ts'
import { COUNT_COLUMNS, FACET_COLUMNS, WINDOW_KEY } from '../../schema/activity.ts'
import {
  LIST_VIEWS,
  type ListView,
  type RangeView,
  SINGLE_VIEWS,
  type SingleView,
  VALUE_VIEWS,
  type ValueView,
} from '../../schema/explore.ts'
import { SCORE_COLUMNS } from '../../schema/scores.ts'
import { DETECTOR_NAMES } from '../../scoring/score-windows.ts'
import { dropTables, type Engine, quoteName, quoteText } from '../../sql/duckdb.ts'
import { createView, type Workspace } from '../../sql/workspace.ts'
import { createDictionary, type Dictionary, keyOf } from './dictionary.ts'

/** Whose a token-hour is. */
export interface Holder {
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
}

/** The texts behind the numbers of all segments. */
export interface Dictionaries {
  readonly views: Readonly<Record<ValueView, Dictionary<string | null>>>
  readonly holders: Dictionary<Holder>
}

export function createDictionaries(): Dictionaries {
  const views = Object.fromEntries(VALUE_VIEWS.map(view => [view, createDictionary()]))
  return { views: views as Dictionaries['views'], holders: createDictionary() }
}

/** Any number of values a row: those of row r are `codes[offsets[r]]` up to `codes[offsets[r + 1]]`, exclusive. */
export interface Lists {
  readonly offsets: Uint32Array
  readonly codes: Uint32Array
}

/** The rows of one tenant, `begin` to `end` (exclusive), and how far they reach. */
export interface TenantRows {
  readonly tenantId: string
  readonly begin: number
  readonly end: number
  readonly times: readonly [number, number]
  readonly scores: readonly [number, number]
}

/** The scored token-hours of one day as columns of equal length, ordered by tenant. */
export interface Segment {
  readonly rows: number
  /** In the unit of the view's intervals. */
  readonly range: Readonly<Record<RangeView, Float64Array>>
  readonly holder: Uint32Array
  readonly single: Readonly<Record<SingleView, Uint32Array>>
  readonly lists: Readonly<Record<ListView, Lists>>
  readonly tenants: readonly TenantRows[]
}

const FACET_OF: Readonly<Record<ListView, string>> = {
  networkType: 'network_type',
  country: 'country',
  asn: 'asn',
  operation: 'operation',
}

const detectors = DETECTOR_NAMES.map(name => `coalesce(${quoteName(`detector_${name}`)}, 0)`)
/** The detector with the greatest surprise; null where none has any. */
const STRONGEST = `CASE WHEN greatest(${detectors.join(', ')}) > 0
  THEN [${DETECTOR_NAMES.map(quoteText).join(', ')}][list_position([${detectors.join(', ')}], greatest(${detectors.join(', ')}))] END`

/** Reads one day of the scores, with what activity and facets say of its windows. Takes three scratch tables of the connection. */
export async function readSegment(
  engine: Engine,
  workspace: Workspace,
  day: string,
  dictionaries: Dictionaries,
): Promise<Segment> {
  await openDay(engine, workspace, day)
  await engine.run(`
CREATE OR REPLACE TEMP TABLE explore_windows AS
SELECT (row_number() OVER (ORDER BY tenant_id, token_id, window_start) - 1)::INTEGER AS i, tenant_id, principal_id, token_id,
  window_start, risk, score, severity, ${STRONGEST} AS detector, kinds.token_kind
FROM explore_scores LEFT JOIN (SELECT tenant_id, token_id, window_start, any_value(token_kind) AS token_kind FROM explore_activity GROUP BY ALL) kinds
  USING (tenant_id, token_id, window_start);
CREATE OR REPLACE TEMP TABLE explore_pairs AS
SELECT facet, value, i FROM explore_facets JOIN explore_windows USING (tenant_id, token_id, window_start)
WHERE facet IN (${Object.values(FACET_OF).map(quoteText).join(', ')});
CREATE OR REPLACE TEMP TABLE explore_values AS
SELECT facet, value, (row_number() OVER (ORDER BY facet, value) - 1)::INTEGER AS code FROM (SELECT DISTINCT facet, value FROM explore_pairs)`)
  try {
    const numbers = await engine.matrix(
      "SELECT epoch_ms(window_start) AS time, date_part('hour', window_start) AS hour, risk, score FROM explore_windows ORDER BY i",
    )
    const { rows, cols, data } = numbers
    const column = (c: number) => Float64Array.from({ length: rows }, (_, r) => data[r * cols + c]!)
    const range = { time: column(0), hour: column(1), risk: column(2), score: column(3) }
    const texts = await engine.texts(
      'SELECT tenant_id, principal_id, token_id, severity, detector, token_kind FROM explore_windows ORDER BY i',
    )
    const [tenants, principals, tokens, severities, strongest, kinds] = texts.columns as [
      string[],
      string[],
      string[],
      (string | null)[],
      (string | null)[],
      (string | null)[],
    ]
    const codesOf: Record<SingleView, readonly (string | null)[]> = {
      severity: severities,
      detector: strongest,
      tenant: tenants,
      tokenKind: kinds,
    }
    return {
      rows,
      range,
      holder: Uint32Array.from(tokens, (tokenId, r) => {
        const [tenantId, principalId] = [tenants[r]!, principals[r]!]
        const key = JSON.stringify([tenantId, principalId, tokenId])
        return dictionaries.holders.codeOf(key, () => ({ tenantId, principalId, tokenId }))
      }),
      single: Object.fromEntries(
        SINGLE_VIEWS.map(view => [view, encode(codesOf[view], dictionaries.views[view])]),
      ) as Segment['single'],
      lists: await readLists(engine, rows, dictionaries),
      tenants: tenantRows(tenants, range),
    }
  } finally {
    await engine.run(dropTables('explore_windows', 'explore_pairs', 'explore_values'))
  }
}

async function openDay(engine: Engine, workspace: Workspace, day: string): Promise<void> {
  const detectorColumns = DETECTOR_NAMES.map(name => ({ name: `detector_${name}`, type: 'DOUBLE', doc: '' }))
  await createView(engine, 'explore_scores', workspace.scores, [...SCORE_COLUMNS, ...detectorColumns], [day])
  await createView(engine, 'explore_activity', workspace.activity, [...WINDOW_KEY, ...COUNT_COLUMNS], [day])
  await ensureFacets(engine, workspace, [day])
  await createView(engine, 'explore_facets', workspace.facets, FACET_COLUMNS, [day])
}

/** Each window's values of each facet; windows without one have the value null. */
async function readLists(engine: Engine, rows: number, { views }: Dictionaries): Promise<Segment['lists']> {
  const known = await engine.texts('SELECT facet, value FROM explore_values ORDER BY code')
  const [facets, values] = known.columns as [string[], string[]]
  const viewOf = new Map(LIST_VIEWS.map(view => [FACET_OF[view], view]))
  const codes = Uint32Array.from(values, (value, i) => {
    const dictionary = views[viewOf.get(facets[i]!)!]
    return dictionary.codeOf(keyOf(value), () => value)
  })
  const lists: Partial<Record<ListView, Lists>> = {}
  for (const view of LIST_VIEWS) {
    const pairs = await engine.matrix(
      'SELECT i, code FROM explore_pairs JOIN explore_values USING (facet, value) WHERE facet = $facet ORDER BY i, code',
      { facet: FACET_OF[view] },
    )
    lists[view] = listsOf(
      pairs,
      rows,
      codes,
      views[view].codeOf(keyOf(null), () => null),
    )
  }
  return lists as Segment['lists']
}

/** Pairs (row, code of the day) in the order of their rows. */
function listsOf(
  pairs: { rows: number; data: Float64Array },
  rows: number,
  codes: Uint32Array,
  none: number,
): Lists {
  const offsets = new Uint32Array(rows + 1)
  const found = new Uint32Array(pairs.rows + rows)
  let at = 0
  let pair = 0
  for (let row = 0; row < rows; row++) {
    offsets[row] = at
    if (pair >= pairs.rows || pairs.data[2 * pair] !== row) found[at++] = none
    for (; pair < pairs.rows && pairs.data[2 * pair] === row; pair++)
      found[at++] = codes[pairs.data[2 * pair + 1]!]!
  }
  offsets[rows] = at
  // A copy: the spare room would be kept otherwise.
  return { offsets, codes: found.slice(0, at) }
}

function encode(texts: readonly (string | null)[], dictionary: Dictionary<string | null>): Uint32Array {
  return Uint32Array.from(texts, text => dictionary.codeOf(keyOf(text), () => text))
}

function tenantRows(tenants: readonly string[], { time, score }: Segment['range']): TenantRows[] {
  const found: TenantRows[] = []
  for (let begin = 0, end = 0; begin < tenants.length; begin = end) {
    const tenantId = tenants[begin]!
    while (end < tenants.length && tenants[end] === tenantId) end++
    found.push({ tenantId, begin, end, times: extent(time, begin, end), scores: extent(score, begin, end) })
  }
  return found
}

function extent(values: ArrayLike<number>, begin: number, end: number): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = begin; i < end; i++) {
    const value = values[i]!
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}
