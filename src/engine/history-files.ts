import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContentColumns } from '../kernel/content-ids.ts'
import { FACET } from '../kernel/facets.ts'
import type { DayDelta } from '../kernel/history/delta.ts'
import type { DayRecord } from '../kernel/history/history.ts'
import type { GapRecord, LinkRecord, PulseRecord } from '../kernel/history/records.ts'
import { HOUR_MS } from '../kernel/memory.ts'
import type { Tuples } from '../kernel/tuples.ts'
import { type Artefact, decodeArtefact, encodeArtefact, type Section } from '../lib/artefact.ts'
import { readStamp } from '../sql/stamp.ts'
import { partition, publish, type Workspace } from '../sql/workspace.ts'

/**
 * What a day leaves behind on disk, in `data/activity/history/date=*`: `ids.bin`, the numbers that were given that day, and `record.bin`,
 * what the day adds to the history. Both name the stamp of their day, so that a file of another past is known for one.
 */
const IDS = { kind: 'history-ids', version: 1 } as const
const RECORD = { kind: 'history-record', version: 1 } as const

/** How many of each kind of thing have a number. */
export interface IdCounts {
  readonly values: number
  readonly tokens: number
  readonly tenants: number
  readonly principals: number
  readonly peers: number
}

/** How many have a number now. */
export function countIds({ values, entities }: Tuples): IdCounts {
  const { tokens, tenants, principals, peers } = entities
  return {
    values: values.count,
    tokens: tokens.count,
    tenants: tenants.count,
    principals: principals.count,
    peers: peers.count,
  }
}

const idsFile = (workspace: Workspace, day: string) => join(partition(workspace.history, day), 'ids.bin')
const recordFile = (workspace: Workspace, day: string) =>
  join(partition(workspace.history, day), 'record.bin')

interface IdsHeader {
  readonly stamp: string
  readonly keyCheck: number
  readonly from: IdCounts
  readonly tenantIds: readonly string[]
  readonly tokenIds: readonly string[]
  /** Countries among the new values, by place: habits read their clocks. */
  readonly countries: readonly (readonly [number, string])[]
}

/** Publishes the numbers given since `from` was counted. */
export async function publishIds(
  workspace: Workspace,
  day: string,
  stamp: string,
  keyCheck: number,
  tuples: Tuples,
  from: IdCounts,
): Promise<void> {
  const { values, entities } = tuples
  const countries: [number, string][] = []
  for (let value = from.values; value < values.count; value++)
    if (values.facetOf[value] === FACET.country) countries.push([value - from.values, values.texts[value]!])
  const header: IdsHeader = {
    stamp,
    keyCheck,
    from,
    tenantIds: entities.tenantIds.slice(from.tenants),
    tokenIds: entities.tokenIds.slice(from.tokens),
    countries,
  }
  const sections: Record<string, Section> = {
    facet: values.facetOf.slice(from.values, values.count),
    tenant_of: entities.tenantOf.slice(from.tokens, entities.tokens.count),
  }
  for (const [name, { columns, start }] of Object.entries(idColumns(tuples, from))) {
    sections[`${name}_lo`] = columns.lo.slice(start)
    sections[`${name}_hi`] = columns.hi.slice(start)
    sections[`${name}_check`] = columns.check.slice(start)
  }
  await publishArtefact(idsFile(workspace, day), { ...IDS, header: { ...header }, sections })
}

function idColumns({ values, entities }: Tuples, from: IdCounts) {
  return {
    values: { columns: values.ids.columns(), start: from.values },
    tokens: { columns: entities.tokens.columns(), start: from.tokens },
    tenants: { columns: entities.tenants.columns(), start: from.tenants },
    principals: { columns: entities.principals.columns(), start: from.principals },
    peers: { columns: entities.peers.columns(), start: from.peers },
  }
}

/** Gives numbers as they were given on a day; false where the file is missing, damaged, of another past or key. */
export function restoreIds(
  workspace: Workspace,
  day: string,
  stamp: string,
  keyCheck: number,
  tuples: Tuples,
): boolean {
  const artefact = readArtefact(idsFile(workspace, day), IDS)
  if (artefact === null) return false
  const header = artefact.header as unknown as IdsHeader
  const isNext = JSON.stringify(header.from) === JSON.stringify(countIds(tuples))
  if (header.stamp !== stamp || header.keyCheck !== keyCheck || !isNext) return false
  const { sections } = artefact
  const columns = (name: string): ContentColumns => ({
    lo: sections[`${name}_lo`] as Int32Array,
    hi: sections[`${name}_hi`] as Int32Array,
    check: sections[`${name}_check`] as Int32Array,
  })
  const texts = new Map(header.countries.map(([at, text]) => [at, text]))
  tuples.values.restore(columns('values'), sections.facet as Uint8Array, texts)
  tuples.entities.restore(
    {
      tokens: columns('tokens'),
      tenants: columns('tenants'),
      principals: columns('principals'),
      peers: columns('peers'),
    },
    header.tenantIds,
    header.tokenIds,
    sections.tenant_of as Int32Array,
  )
  return true
}

/** Ids by the numbers of tokens and tenants, and each token's tenant. */
export interface TokenIds {
  readonly tokenIds: readonly string[]
  readonly tenantIds: readonly string[]
  readonly tenantOf: readonly number[]
}

/** The ids that the given days, which are all days of the log, gave numbers to; null where a file is missing, damaged or of another past. */
export function readTokenIds(workspace: Workspace, days: readonly string[]): TokenIds | null {
  const tokenIds: string[] = []
  const tenantIds: string[] = []
  const tenantOf: number[] = []
  for (const day of days) {
    const artefact = readArtefact(idsFile(workspace, day), IDS)
    if (artefact === null) return null
    const { stamp, from, ...given } = artefact.header as unknown as IdsHeader
    if (stamp !== readStamp(partition(workspace.features, day)) || from.tokens !== tokenIds.length)
      return null
    for (const id of given.tokenIds) tokenIds.push(id)
    for (const id of given.tenantIds) tenantIds.push(id)
    for (const tenant of artefact.sections.tenant_of as Int32Array) tenantOf.push(tenant)
  }
  return { tokenIds, tenantIds, tenantOf }
}

/** A gap or link as the record of its day tells it: ids in place of numbers. */
export interface ToldGap {
  /** Null for the whole log. */
  readonly tenantId: string | null
  /** Milliseconds since the epoch. */
  readonly start: number
  readonly finish: number
}

export interface ToldLink {
  readonly kind: LinkRecord['kind']
  readonly tenantId: string
  readonly tokenId: string
  readonly previousId: string
  readonly since: number
  readonly confidence: number | null
  readonly reason: string
}

interface RecordHeader {
  readonly stamp: string
  readonly day: number
  readonly pulse: readonly PulseRecord[]
  readonly gaps: readonly GapRecord[]
  readonly links: readonly LinkRecord[]
  readonly toldGaps: readonly ToldGap[]
  readonly toldLinks: readonly ToldLink[]
}

/** Publishes what a day adds to the history. */
export async function publishRecord(
  workspace: Workspace,
  date: string,
  stamp: string,
  { delta, pulse, gaps, links }: DayRecord,
  { entities }: Tuples,
): Promise<void> {
  const { tenantIds, tokenIds, tenantOf } = entities
  const header: RecordHeader = {
    stamp,
    day: delta.day,
    pulse,
    gaps,
    links,
    toldGaps: gaps.map(gap => ({
      tenantId: tenantIds[gap.tenant] ?? null,
      start: gap.start * HOUR_MS,
      finish: gap.finish * HOUR_MS,
    })),
    toldLinks: links.map(({ kind, token, previous, since, confidence, reason }) => ({
      kind,
      tenantId: tenantIds[tenantOf[token]!]!,
      tokenId: tokenIds[token]!,
      previousId: tokenIds[previous]!,
      since,
      confidence,
      reason,
    })),
  }
  const sections: Record<string, Section> = {}
  for (const [name, column] of Object.entries(delta)) {
    if (typeof column === 'number') continue
    sections[name] =
      name === 'noveltyAge' ? Uint8Array.from(column as Int8Array, age => age + 1) : (column as Section)
  }
  await publishArtefact(recordFile(workspace, date), { ...RECORD, header: { ...header }, sections })
}

/** What a day added to the history; null where the file is missing, damaged or of another past. */
export function readRecord(workspace: Workspace, date: string, stamp: string): DayRecord | null {
  const artefact = readArtefact(recordFile(workspace, date), RECORD)
  if (artefact === null) return null
  const { stamp: stored, day, pulse, gaps, links } = artefact.header as unknown as RecordHeader
  if (stored !== stamp) return null
  const { noveltyAge, ...columns } = artefact.sections
  const delta = { day, ...columns, noveltyAge: Int8Array.from(noveltyAge as Uint8Array, age => age - 1) }
  return { delta: delta as unknown as DayDelta, pulse, gaps, links }
}

/** The gaps and links that a day's record tells; none where there is no record. */
export function readTold(
  workspace: Workspace,
  date: string,
): { gaps: readonly ToldGap[]; links: readonly ToldLink[] } {
  const artefact = readArtefact(recordFile(workspace, date), RECORD)
  if (artefact === null) return { gaps: [], links: [] }
  const { toldGaps, toldLinks } = artefact.header as unknown as RecordHeader
  return { gaps: toldGaps, links: toldLinks }
}

async function publishArtefact(path: string, artefact: Artefact): Promise<void> {
  await publish(path, temporary => writeFileSync(temporary, encodeArtefact(artefact)))
}

/** A damaged file is one that is not there: it is made again from the events. */
function readArtefact(path: string, expected: { kind: string; version: number }): Artefact | null {
  if (!existsSync(path)) return null
  try {
    return decodeArtefact(readFileSync(path), expected)
  } catch {
    return null
  }
}
