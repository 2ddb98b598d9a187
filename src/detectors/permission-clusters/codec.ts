import { decodeArtefact, encodeArtefact } from '../../lib/artefact.ts'
import { KeyhoundError } from '../../lib/errors.ts'
import { distinctSets } from './embed.ts'
import { type ClusterReport, countUsers, type PermissionClusters } from './model.ts'
import type { SortedUse } from './use-table.ts'

const KIND = 'permission-clusters'
const VERSION = 1

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

/** Reads what {@link encodePermissionClusters} wrote. Throws KeyhoundError 'corrupt-artefact'. */
export function decodePermissionClusters(bytes: Uint8Array): PermissionClusters {
  const { header: raw, sections } = decodeArtefact(bytes, { kind: KIND, version: VERSION })
  const header = raw as unknown as Header
  const use: SortedUse = {
    tokens: header.tokens,
    items: header.items,
    groups: header.groups,
    tokenGroup: sections.tokenGroup as Int32Array,
    days: sections.days as Float32Array,
    offsets: sections.offsets as Uint32Array,
    item: sections.item as Uint32Array,
    weight: sections.weight as Float32Array,
  }
  const cluster = sections.cluster as Int32Array
  if (use.offsets.length !== use.tokens.length + 1 || cluster.length !== use.tokens.length)
    throw new KeyhoundError(
      'corrupt-artefact',
      `${KIND}: sections do not fit the ${use.tokens.length} tokens listed`,
    )
  return {
    use,
    cluster,
    clusters: countUsers(use, cluster, header.report.clusters),
    groups: countUsers(use, use.tokenGroup, use.groups.length),
    everyone: countUsers(use, new Int32Array(use.tokens.length), 1),
    distinct: distinctSets(use),
    peers: {
      perSet: header.peersPerSet,
      set: sections.peerSet as Int32Array,
      similarity: sections.peerSimilarity as Float32Array,
    },
    report: header.report,
  }
}
