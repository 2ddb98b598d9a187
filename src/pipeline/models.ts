import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeForest, encodeForest } from '../detectors/isolation-forest/artefact.ts'
import { decodePermissionClusters, encodePermissionClusters } from '../detectors/permission-clusters/codec.ts'
import type { Workspace } from '../engine/workspace.ts'
import type { Filter } from '../filter/model.ts'
import { loadFilter, saveFilter } from '../filter/store.ts'
import { KeyhoundError } from '../lib/errors.ts'
import type { Manifest } from '../schema/model.ts'
import type { Detectors } from '../scoring.ts'
import { checkContent, checksumsOf, contentIdOf } from './model-content.ts'

/** A published model version, loaded. */
export interface Model {
  readonly manifest: Manifest
  readonly detectors: Detectors
  /** Null where no filter was trained. */
  readonly filter: Filter | null
}

const DETECTORS_FILE = 'detectors.json'
const FOREST_FILE = 'forest.bin'
const CLUSTERS_FILE = 'clusters.bin'
const MANIFEST_FILE = 'manifest.json'
const FILTER_FOLDER = 'filter'

/** A manifest before its version is published. */
export type UnpublishedManifest = Omit<Manifest, 'version' | 'checksums' | 'contentId'>

export interface ModelListing {
  readonly model: string
  readonly contentId: string
  readonly createdAt: string
  readonly from: string
  readonly until: string
  readonly windows: number
  readonly tokens: number
  readonly filter: 'yes' | 'no'
}

/** Publishes a model as the next version of its name: everything is written aside, then renamed into place. */
export async function saveModel(
  workspace: Workspace,
  manifest: UnpublishedManifest,
  detectors: Detectors,
  filter: Filter | null,
): Promise<Manifest> {
  const folder = join(workspace.models, manifest.name)
  mkdirSync(folder, { recursive: true })
  const temporary = join(folder, `.${randomBytes(6).toString('hex')}.tmp`)
  mkdirSync(temporary)
  try {
    const { forest, clusters, ...rest } = detectors
    writeFileSync(join(temporary, FOREST_FILE), encodeForest(forest))
    writeFileSync(join(temporary, CLUSTERS_FILE), encodePermissionClusters(clusters))
    writeFileSync(join(temporary, DETECTORS_FILE), JSON.stringify(rest))
    if (filter !== null) await saveFilter(filter, join(temporary, FILTER_FOLDER))
    const checksums = checksumsOf(temporary)
    const contentId = contentIdOf(manifest.featureFingerprint, checksums)
    const version = 1 + Math.max(0, ...listVersions(workspace, manifest.name))
    const complete: Manifest = { ...manifest, version, checksums, contentId }
    writeFileSync(join(temporary, MANIFEST_FILE), `${JSON.stringify(complete, null, 2)}\n`)
    renameSync(temporary, join(folder, String(version)))
    return complete
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    throw error
  }
}

/**
 * Loads `name` (newest version), `name@version`, or a content id (its first eight digits or more); without a reference the newest
 * `default`. Every file is checked against the manifest, and the manifest against its content id.
 */
export async function loadModel(workspace: Workspace, reference = 'default'): Promise<Model> {
  const { folder, manifest } = findModel(workspace, reference)
  checkContent(folder, manifest)
  const rest = JSON.parse(readFileSync(join(folder, DETECTORS_FILE), 'utf8')) as Omit<
    Detectors,
    'forest' | 'clusters'
  >
  const detectors: Detectors = {
    ...rest,
    forest: decodeForest(readFileSync(join(folder, FOREST_FILE))),
    clusters: decodePermissionClusters(readFileSync(join(folder, CLUSTERS_FILE))),
  }
  const filter = manifest.filter.trained ? await loadFilter(join(folder, FILTER_FOLDER)) : null
  return { manifest, detectors, filter }
}

export function listModels(workspace: Workspace): ModelListing[] {
  if (!existsSync(workspace.models)) return []
  return readdirSync(workspace.models, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(({ name }) =>
      listVersions(workspace, name).map(version => showModel(workspace, `${name}@${version}`)),
    )
    .map(manifest => ({
      model: `${manifest.name}@${manifest.version}`,
      contentId: manifest.contentId,
      createdAt: manifest.createdAt,
      from: manifest.training.from,
      until: manifest.training.until,
      windows: manifest.training.windows,
      tokens: manifest.training.tokens,
      filter: manifest.filter.trained ? 'yes' : 'no',
    }))
}

export function showModel(workspace: Workspace, reference: string): Manifest {
  return findModel(workspace, reference).manifest
}

function findModel(workspace: Workspace, reference: string): { folder: string; manifest: Manifest } {
  const [name, version] = reference.split('@') as [string, string | undefined]
  const versions = listVersions(workspace, name)
  const wanted = version === undefined ? versions.at(-1) : Number(version)
  if (wanted !== undefined && versions.includes(wanted)) return readModel(workspace, name, wanted)
  const same = CONTENT_REFERENCE.test(reference) ? findContent(workspace, reference) : null
  if (same !== null) return findModel(workspace, same)
  const known =
    versions.length === 0 ? 'there is none of that name' : `there are ${name}@${versions.join(', ')}`
  throw new KeyhoundError(
    'not-found',
    `no model ${reference} in ${workspace.models}; ${known}. Train one: keyhound train`,
  )
}

/** The first digits of a content id: eight at least, so that no version is meant by chance. */
const CONTENT_REFERENCE = /^[0-9a-f]{8,64}$/

/** `name@version` of the newest model whose content id begins so; null when there is none. */
export function findContent(workspace: Workspace, contentId: string): string | null {
  return listModels(workspace).findLast(one => one.contentId.startsWith(contentId))?.model ?? null
}

function readModel(workspace: Workspace, name: string, version: number) {
  const folder = join(workspace.models, name, String(version))
  const manifest = JSON.parse(readFileSync(join(folder, MANIFEST_FILE), 'utf8')) as Manifest
  if (manifest.formatVersion !== 1) {
    throw new KeyhoundError(
      'corrupt-artefact',
      `${folder} has format ${manifest.formatVersion}, this Keyhound reads 1`,
      { where: folder },
    )
  }
  if (manifest.contentId !== undefined) return { folder, manifest }
  // Published before content ids were: the id is what its files make it.
  const contentId = contentIdOf(manifest.featureFingerprint, checksumsOf(folder))
  const training = { ...manifest.training, misuseHash: null }
  return { folder, manifest: { ...manifest, training, contentId } }
}

/** Published versions of a name, ascending. */
function listVersions(workspace: Workspace, name: string): number[] {
  const folder = join(workspace.models, name)
  if (name === '' || !existsSync(folder)) return []
  return readdirSync(folder)
    .filter(entry => /^\d+$/.test(entry) && existsSync(join(folder, entry, MANIFEST_FILE)))
    .map(Number)
    .sort((a, b) => a - b)
}
