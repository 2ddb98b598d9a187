import { type Artefact, decodeArtefact, demand, encodeArtefact, takeSection } from '../../lib/artefact.ts'
import { distinctSets } from './embed.ts'
import { type ClusterReport, countUsers, type PermissionClusters } from './model.ts'
import type { SortedUse } from './use-table.ts'

const KIND = 'permission-clusters'
const VERSION = 1
/** Crowds times items: 500 MB. */
const MOST_CELLS = 2 ** 26

interface Header {
  tokens: readonly string[]
  items: readonly string[]
  groups: readonly string[]
  peersPerSet: number
  report: ClusterReport
}

/** The model as a checked artefact. What follows from use and clusters alone (crowds, distinct sets) is not stored. */
export function encodePermissionClusters(model: PermissionClusters): Uint8Array {
  const { use, peers } = model
  const header: Header = {
    tokens: use.tokens,
    items: use.items,
    groups: use.groups,
    peersPerSet: peers.perSet,
    report: model.report,
  }
  return encodeArtefact({
    kind: KIND,
    version: VERSION,
    header: { ...header },
    sections: {
      tokenGroup: use.tokenGroup,
      days: use.days,
      offsets: use.offsets,
      item: use.item,
      weight: use.weight,
      cluster: model.cluster,
      peerSet: peers.set,
      peerSimilarity: peers.similarity,
    },
  })
}

/** Reads what {@link encodePermissionClusters} wrote. Throws KeyhoundError 'corrupt-artefact' for anything else. */
export function decodePermissionClusters(bytes: Uint8Array): PermissionClusters {
  const artefact = decodeArtefact(bytes, { kind: KIND, version: VERSION })
  const { peersPerSet, report } = readHeader(artefact.header)
  const use = readUse(artefact)
  const tokens = use.tokens.length
  const cluster = takeSection(artefact, 'cluster', Int32Array, tokens)
  demandWithin('cluster', cluster, -1, report.clusters - 1)
  const distinct = distinctSets(use)
  const sets = distinct.sets.length
  const set = takeSection(artefact, 'peerSet', Int32Array, sets * peersPerSet)
  demandWithin('peer', set, -1, sets - 1)
  return {
    use,
    cluster,
    clusters: countUsers(use, cluster, report.clusters),
    groups: countUsers(use, use.tokenGroup, use.groups.length),
    everyone: countUsers(use, new Int32Array(tokens), 1),
    distinct,
    peers: {
      perSet: peersPerSet,
      set,
      similarity: takeSection(artefact, 'peerSimilarity', Float32Array, sets * peersPerSet),
    },
    report,
  }
}

function readHeader(raw: Artefact['header']): Header {
  const header = raw as unknown as Header
  for (const name of ['tokens', 'items', 'groups'] as const) {
    const isList = Array.isArray(header[name]) && header[name].every(text => typeof text === 'string')
    demand(`${name} of ${KIND}`, isList, 'a list of texts', typeof header[name])
  }
  const { peersPerSet, report } = header
  const clusters = report?.clusters
  demand(`peers of ${KIND}`, Number.isInteger(peersPerSet) && peersPerSet >= 0, 'a count', peersPerSet)
  // Numbers that size tables are bounded before anything is allocated.
  const areClusters = Number.isInteger(clusters) && clusters >= 0 && clusters <= header.tokens.length
  demand(`clusters of ${KIND}`, areClusters, `0 to ${header.tokens.length}`, clusters)
  const cells = Math.max(clusters, header.groups.length) * header.items.length
  demand(`crowds of ${KIND}`, cells <= MOST_CELLS, `<= ${MOST_CELLS} cells`, cells)
  return header
}

/** Scoring reads these tables unchecked. */
function readUse(artefact: Artefact): SortedUse {
  const { tokens, items, groups } = artefact.header as unknown as Header
  const offsets = takeSection(artefact, 'offsets', Uint32Array, tokens.length + 1)
  const entries = offsets[tokens.length]!
  const isAscending = offsets[0] === 0 && offsets.every((offset, t) => t === 0 || offset >= offsets[t - 1]!)
  demand(`offsets of ${KIND}`, isAscending, 'ascending from 0', 'others')
  const item = takeSection(artefact, 'item', Uint32Array, entries)
  demandWithin('item', item, 0, items.length - 1)
  const tokenGroup = takeSection(artefact, 'tokenGroup', Int32Array, tokens.length)
  demandWithin('group', tokenGroup, -1, groups.length - 1)
  return {
    tokens,
    items,
    groups,
    tokenGroup,
    days: takeSection(artefact, 'days', Float32Array, tokens.length),
    offsets,
    item,
    weight: takeSection(artefact, 'weight', Float32Array, entries),
  }
}

function demandWithin(what: string, numbers: Int32Array | Uint32Array, low: number, high: number): void {
  const outside = (numbers as Int32Array).find(number => number < low || number > high)
  demand(`${what} of ${KIND}`, outside === undefined, `${low} to ${high}`, outside)
}
