import { expectation, indexOf, placeOf } from '../../detectors/permission-clusters/expected-use.ts'
import type { PermissionClusters } from '../../detectors/permission-clusters/model.ts'
import { clocksOf } from '../../features/clocks.ts'
import { dayOf, listDays, listParquet, partition } from '../../sql/workspace.ts'
import { parquet } from '../batch.ts'
import type { Context } from '../context.ts'
import { type KnownSubject, loadStory, type Subject } from './subject.ts'

/** Where requests come from, and with what. */
export const ORIGIN_FACETS = ['country', 'asn', 'net', 'client'] as const
export type OriginFacet = (typeof ORIGIN_FACETS)[number]

/** Values told of each facet; a botnet has thousands. */
const MOST_VALUES = 40

/** One country, network or client that the token was used from or with. */
export interface Origin {
  readonly facet: OriginFacet
  readonly value: string
  /** Owner of a network, where the log says. */
  readonly name: string | null
  /** UTC hour, within the period. */
  readonly firstSeen: Date
  readonly lastSeen: Date
  readonly requests: number
  /** Requests by UTC day. */
  readonly days: readonly { readonly day: string; readonly n: number }[]
  /** Peers that were seen with it. */
  readonly peers: number
}

/** One operation: that the token used, or that its permission cluster does. */
export interface OperationUse {
  readonly operation: string
  /** 0: never in the period. */
  readonly requests: number
  readonly firstSeen: Date | null
  readonly lastSeen: Date | null
  readonly days: number
  readonly peers: number
  /** Share of the cluster's tokens that used it in training, 0-1; null without a cluster. */
  readonly clusterShare: number | null
  /** Probability that use by this token is normal, says the model, 0-1; null without a model. */
  readonly expected: number | null
}

export interface Profile {
  readonly subject: KnownSubject
  readonly origins: readonly Origin[]
  readonly operations: readonly OperationUse[]
  /** The clock that it seems to live by: that of the country with most of its requests. */
  readonly clock: { readonly country: string | null; readonly offsetHours: number }
  /** Its permission cluster; null without a model, or for a token that it does not know. */
  readonly cluster: { readonly number: number; readonly tokens: number; readonly clusters: number } | null
}

/** What a token is used from and for, beside its peers and its permission cluster. Null for one without traffic in the period. */
export async function tokenProfile(
  context: Context,
  asked: Subject,
  clusters: PermissionClusters | null,
): Promise<Profile | null> {
  const subject = await loadStory(context, asked, 0)
  if (subject === null) return null
  await loadFacets(context, asked)
  const origins = await readOrigins(context, subject)
  const place = clusters && placeOf(clusters, `${asked.tenantId}/${asked.tokenId}`, subject.role)
  const known = clusters !== null && place !== null && place.cluster >= 0
  return {
    subject,
    origins,
    operations: await readOperations(context, subject, clusters),
    clock: clockOf(origins, asked.to),
    cluster: known
      ? {
          number: place.cluster + 1,
          tokens: clusters.clusters.size[place.cluster]!,
          clusters: clusters.clusters.size.length,
        }
      : null,
  }
}

/** Table `story_facets` (token_id, window_start, facet, value, n) of the token and its peers. */
async function loadFacets({ engine }: Context, { tenantId, tokenId }: Subject): Promise<void> {
  const wanted = [...ORIGIN_FACETS, 'operation'].map(name => `'${name}'`).join(', ')
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE story_facets AS SELECT token_id, window_start, facet, value, n FROM facets
     WHERE tenant_id = $tenantId AND facet IN (${wanted}) AND (token_id = $tokenId OR token_id IN (FROM peers))`,
    { tenantId, tokenId },
  )
}

type FacetRow = Omit<Origin, 'name' | 'days'> & { days: string }

async function readOrigins(context: Context, { tenantId, tokenId }: Subject): Promise<Origin[]> {
  const { engine } = context
  const rows = await engine.rows<FacetRow>(
    `WITH own AS (
       SELECT facet, value, window_start::DATE AS day, min(window_start) AS first, max(window_start) AS last, sum(n)::DOUBLE AS n
       FROM story_facets WHERE token_id = $tokenId AND facet <> 'operation' GROUP BY ALL
     ), told AS (
       SELECT facet, value, min(first) AS "firstSeen", max(last) AS "lastSeen", sum(n) AS requests,
         to_json(list({day: strftime(day, '%Y-%m-%d'), n: n} ORDER BY day)) AS days
       FROM own GROUP BY facet, value QUALIFY row_number() OVER (PARTITION BY facet ORDER BY sum(n) DESC, value) <= ${MOST_VALUES}
     ), beside AS (
       SELECT facet, value, count(DISTINCT token_id) AS peers FROM story_facets JOIN told USING (facet, value)
       WHERE token_id <> $tokenId GROUP BY ALL
     )
     SELECT told.*, coalesce(peers, 0) AS peers FROM told LEFT JOIN beside USING (facet, value) ORDER BY facet, "firstSeen", value`,
    { tokenId },
  )
  const names = await networkNames(context, { tenantId, tokenId }, rows)
  return rows.map(row => ({
    ...row,
    name: row.facet === 'asn' ? (names.get(row.value) ?? null) : null,
    days: JSON.parse(row.days) as Origin['days'],
  }))
}

function clockOf(origins: readonly Origin[], to: Date): Profile['clock'] {
  const countries = origins.filter(one => one.facet === 'country').sort((a, b) => b.requests - a.requests)
  const country = countries[0]?.value ?? null
  const lastDay = dayOf(new Date(to.getTime() - 1))
  return { country, offsetHours: clocksOf(lastDay, 0).find(one => one.country === country)?.offset ?? 0 }
}

/** Owners of the autonomous systems, from the events of the days on which each was first seen. */
async function networkNames(
  { engine, workspace }: Context,
  { tenantId, tokenId }: Pick<Subject, 'tenantId' | 'tokenId'>,
  rows: readonly FacetRow[],
): Promise<Map<string, string>> {
  const days = new Set(
    rows.filter(row => row.facet === 'asn').map(row => row.firstSeen.toISOString().slice(0, 10)),
  )
  const files = listDays(workspace.events)
    .filter(day => days.has(day))
    .flatMap(day => listParquet(partition(workspace.events, day)))
  if (files.length === 0) return new Map()
  const found = await engine.rows<{ asn: string; name: string }>(
    `SELECT asn::VARCHAR AS asn, any_value(as_org) AS name FROM ${parquet(files)}
     WHERE tenant_id = $tenantId AND token_id = $tokenId AND as_org IS NOT NULL GROUP BY asn`,
    { tenantId, tokenId },
  )
  return new Map(found.map(({ asn, name }) => [asn, name]))
}

/** Operations of a cluster that half of its tokens use are told of though this one does not. */
const USUAL_SHARE = 0.5

async function readOperations(
  { engine }: Context,
  { tenantId, tokenId, role }: KnownSubject,
  clusters: PermissionClusters | null,
): Promise<OperationUse[]> {
  const rows = await engine.rows<Omit<OperationUse, 'clusterShare' | 'expected'>>(
    `WITH own AS (
       SELECT value AS operation, sum(n)::DOUBLE AS requests, min(window_start) AS "firstSeen", max(window_start) AS "lastSeen",
         count(DISTINCT window_start::DATE) AS days
       FROM story_facets WHERE token_id = $tokenId AND facet = 'operation' GROUP BY value
     ), beside AS (
       SELECT value AS operation, count(DISTINCT token_id) AS peers FROM story_facets
       WHERE token_id <> $tokenId AND facet = 'operation' GROUP BY value
     )
     SELECT operation, coalesce(requests, 0) AS requests, "firstSeen", "lastSeen", coalesce(days, 0) AS days, coalesce(peers, 0) AS peers
     FROM own FULL JOIN beside USING (operation)`,
    { tokenId },
  )
  const of = clusters === null ? () => null : expectationsOf(clusters, `${tenantId}/${tokenId}`, role)
  const known = new Set(rows.map(row => row.operation))
  const others = clusters === null ? [] : clusters.use.items.filter(item => item.startsWith(OPERATION))
  const unused = others
    .map(item => item.slice(OPERATION.length))
    .filter(operation => !known.has(operation))
    .map(operation => ({ operation, requests: 0, firstSeen: null, lastSeen: null, days: 0, peers: 0 }))
  return [...rows, ...unused]
    .map(row => ({ ...row, clusterShare: null, expected: null, ...of(row.operation) }))
    .filter(row => row.requests > 0 || (row.clusterShare ?? 0) >= USUAL_SHARE)
    .sort((a, b) => b.requests - a.requests || (a.operation < b.operation ? -1 : 1))
}

/** As items of the permission clusters are named, see ITEM_SQL. */
const OPERATION = 'op:'

function expectationsOf(clusters: PermissionClusters, token: string, role: string | null) {
  const place = placeOf(clusters, token, role)
  const { items } = clusters.use
  return (operation: string): Pick<OperationUse, 'clusterShare' | 'expected'> => {
    const item = indexOf(items, `${OPERATION}${operation}`)
    const size = place.cluster < 0 ? 0 : clusters.clusters.size[place.cluster]!
    const users = item < 0 || size === 0 ? 0 : clusters.clusters.users[place.cluster * items.length + item]!
    return {
      clusterShare: size === 0 ? null : users / size,
      expected: expectation(clusters, place, item).own,
    }
  }
}
