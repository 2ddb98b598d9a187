import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeForest, encodeForest } from '../detectors/isolation-forest/artefact.ts'
import { decodePermissionClusters, encodePermissionClusters } from '../detectors/permission-clusters/codec.ts'
import { BUILT_IN, type Catalogue } from '../features/catalogue.ts'
import { FEATURE_FINGERPRINT } from '../features/fingerprint.ts'
import type { Filter } from '../filter/model.ts'
import { loadFilter, saveFilter } from '../filter/store.ts'
import { KeyhoundError } from '../lib/errors.ts'
import type { DriftReference } from '../schema/drift.ts'
import type { Manifest } from '../schema/model.ts'
import type { Detectors } from '../scoring/score-windows.ts'
import { temporaryPath, type Workspace } from '../sql/workspace.ts'
import type { KnownReference } from './drift/day-sketches.ts'
import { checkContent, checkFile, checksumsOf, contentIdOf } from './model-content.ts'
import { loadOwn, OWN_FILE, saveOwn } from './own-detectors.ts'
import { readPromoted } from './promotions.ts'

/** A published model version, loaded. */
export interface Model {
  readonly manifest: Manifest
  readonly detectors: Detectors
  /** Null where no filter was trained. */
  readonly filter: Filter | null
  /** What it was trained on, for later comparison; null for versions made before that was kept. */
  readonly drift: { readonly checksum: string; readonly reference: DriftReference } | null
}

const DETECTORS_FILE = 'detectors.json'
const FOREST_FILE = 'forest.bin'
const CLUSTERS_FILE = 'clusters.bin'
const DRIFT_FILE = 'drift.json'
const MANIFEST_FILE = 'manifest.json'
const FILTER_FOLDER = 'filter'

/** A manifest before its version is published. */
export type UnpublishedManifest = Omit<Manifest, 'version' | 'checksums' | 'contentId'>

/** One version, in short. Moments are ISO 8601 UTC; `windows` are the token-hours of its training period. */
export interface ModelListing {
  readonly model: string
  readonly contentId: string
  readonly createdAt: string
  readonly from: string
  readonly until: string
  readonly windows: number
  readonly tokens: number
  readonly filter: 'yes' | 'no'
  /** Whether the name alone means this version: the promoted one, or the newest where none was promoted. */
  readonly isUsed: boolean
}

/** Publishes a model as the next version of its name: everything is written aside, then renamed into place. */
export async function saveModel(
  workspace: Workspace,
  manifest: UnpublishedManifest,
  detectors: Detectors,
  filter: Filter | null,
  drift: DriftReference,
): Promise<Manifest> {
  const folder = join(workspace.models, manifest.name)
  mkdirSync(folder, { recursive: true })
  const temporary = temporaryPath(folder)
  mkdirSync(temporary)
  try {
    const { forest, clusters, own = [], ...rest } = detectors
    writeFileSync(join(temporary, FOREST_FILE), encodeForest(forest))
    writeFileSync(join(temporary, CLUSTERS_FILE), encodePermissionClusters(clusters))
    writeFileSync(join(temporary, DETECTORS_FILE), JSON.stringify(rest))
    if (own.length > 0) saveOwn(own, temporary)
    writeFileSync(join(temporary, DRIFT_FILE), JSON.stringify(drift))
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
 * Loads `name` (the promoted version, else the newest), `name@version`, or a content id (its first eight digits or more); without a
 * reference so `default`. Every file is checked against the manifest, and the manifest against its content id.
 */
export async function loadModel(workspace: Workspace, reference = 'default'): Promise<Model> {
  return loadFound(findModel(workspace, reference))
}

/** Loads the version in a folder, wherever that lies: one that was copied out of its workspace. */
export async function loadModelFolder(folder: string): Promise<Model> {
  return loadFound(readModelFolder(folder))
}

async function loadFound({ folder, manifest }: { folder: string; manifest: Manifest }): Promise<Model> {
  checkContent(folder, manifest)
  const rest = JSON.parse(readFileSync(join(folder, DETECTORS_FILE), 'utf8')) as Omit<
    Detectors,
    'forest' | 'clusters' | 'own'
  >
  const detectors: Detectors = {
    ...rest,
    forest: decodeForest(readFileSync(join(folder, FOREST_FILE))),
    clusters: decodePermissionClusters(readFileSync(join(folder, CLUSTERS_FILE))),
    ...(OWN_FILE in manifest.checksums && { own: await loadOwn(folder) }),
  }
  const filter = manifest.filter.trained ? await loadFilter(join(folder, FILTER_FOLDER)) : null
  return { manifest, detectors, filter, drift: readDrift(folder, manifest) }
}

/** What a model was trained on, without loading the rest of it; null for versions that kept none. */
export function readReference(workspace: Workspace, reference: string): KnownReference | null {
  const { folder, manifest } = findModel(workspace, reference)
  if (manifest.checksums[DRIFT_FILE] === undefined) return null
  checkFile(folder, DRIFT_FILE, manifest.checksums[DRIFT_FILE])
  const drift = readDrift(folder, manifest)
  return drift && { model: `${manifest.name}@${manifest.version}`, ...drift }
}

/** The reference in a model folder whose files were checked; null for versions that have none. */
function readDrift(folder: string, { checksums }: Manifest): Model['drift'] {
  const checksum = checksums[DRIFT_FILE]
  if (checksum === undefined) return null
  const reference = JSON.parse(readFileSync(join(folder, DRIFT_FILE), 'utf8')) as DriftReference
  return { checksum, reference }
}

/** Throws `conflict` for a model of other feature definitions than the catalogue's. */
export function refuseOtherFeatures(
  { manifest }: Pick<Model, 'manifest'>,
  { fingerprint, own }: Catalogue,
): void {
  const { name, version, featureFingerprint, ownFeatures = [] } = manifest
  if (readsCatalogue(manifest, { fingerprint })) return
  const model = `model ${name}@${version}`
  if (ownFeatures.length > 0) {
    const named = ownFeatures.join(', ')
    throw new KeyhoundError(
      'conflict',
      own.length === 0
        ? `${model} reads features of your own (${named}), and no configuration names their files; give it with --config, or train again: keyhound train`
        : `${model} was trained with other definitions of your own features (${named}): their files have changed; train again: keyhound train`,
    )
  }
  throw new KeyhoundError(
    'conflict',
    `${model} was trained on features ${featureFingerprint}, this Keyhound makes ${BUILT_IN.fingerprint}; train again: keyhound train`,
  )
}

/** Whether the rows of a catalogue are those that a model reads. One without own features leaves them unread. */
export function readsCatalogue(
  { featureFingerprint, ownFeatures = [] }: Pick<Manifest, 'featureFingerprint' | 'ownFeatures'>,
  { fingerprint }: Pick<Catalogue, 'fingerprint'>,
): boolean {
  return featureFingerprint === (ownFeatures.length === 0 ? FEATURE_FINGERPRINT : fingerprint)
}

/** Every version of every model of a workspace, by name and version; empty where there is none. */
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
      isUsed: usedVersion(workspace, manifest.name) === manifest.version,
    }))
}

/** The manifest of `name` (its used version), `name@version` or a content id. Throws `not-found`, `corrupt-artefact` for another format. */
export function showModel(workspace: Workspace, reference: string): Manifest {
  return findModel(workspace, reference).manifest
}

function findModel(workspace: Workspace, reference: string): { folder: string; manifest: Manifest } {
  const [name, version] = reference.split('@') as [string, string | undefined]
  const versions = listVersions(workspace, name)
  const wanted = version === undefined ? usedVersion(workspace, name) : Number(version)
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
  return readModelFolder(join(workspace.models, name, String(version)))
}

/** Whether a folder holds a model version. */
export function isModelFolder(folder: string): boolean {
  return existsSync(join(folder, MANIFEST_FILE))
}

function readModelFolder(folder: string): { folder: string; manifest: Manifest } {
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

/** The version that a name alone means: the promoted one, else the newest; undefined without any. */
export function usedVersion(workspace: Workspace, name: string): number | undefined {
  return name === ''
    ? undefined
    : (readPromoted(workspace, name)?.version ?? listVersions(workspace, name).at(-1))
}

/** Published versions of a name, ascending. */
export function listVersions(workspace: Workspace, name: string): number[] {
  const folder = join(workspace.models, name)
  if (name === '' || !existsSync(folder)) return []
  return readdirSync(folder)
    .filter(entry => /^\d+$/.test(entry) && existsSync(join(folder, entry, MANIFEST_FILE)))
    .map(Number)
    .sort((a, b) => a - b)
}
