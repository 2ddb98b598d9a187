import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KeyhoundError } from '../lib/errors.ts'
import type { Manifest } from '../schema/model.ts'

const MANIFEST_FILE = 'manifest.json'

/** SHA-256, hex, of every file of a model's folder but its manifest, by path within the folder, sorted. */
export function checksumsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter(file => file !== MANIFEST_FILE)
    .sort()
  return Object.fromEntries(files.map(file => [file, digest(join(folder, file))]))
}

/**
 * The content id of a model: SHA-256, hex, over the fingerprint of the features that it reads and, sorted by path, each file with its
 * SHA-256. Name, version and time of making are no part of it: the same data, seed and configuration give the same id.
 */
export function contentIdOf(featureFingerprint: string, checksums: Readonly<Record<string, string>>): string {
  const lines = Object.keys(checksums)
    .sort()
    .map(file => `${checksums[file]} ${file}`)
  return createHash('sha256')
    .update([`features ${featureFingerprint}`, ...lines].join('\n'))
    .digest('hex')
}

/** Throws 'corrupt-artefact' when a file differs from what the manifest says, or the manifest from its content id. */
export function checkContent(folder: string, manifest: Manifest): void {
  for (const [file, expected] of Object.entries(manifest.checksums)) checkFile(folder, file, expected)
  const found = contentIdOf(manifest.featureFingerprint, checksumsOf(folder))
  if (found === manifest.contentId) return
  throw new KeyhoundError(
    'corrupt-artefact',
    `${folder} has content id ${found}, its manifest says ${manifest.contentId}; train again or restore the folder`,
    { where: folder },
  )
}

/** Throws 'corrupt-artefact' when one file of a model's folder differs from what its manifest says. */
export function checkFile(folder: string, file: string, expected: string): void {
  const path = join(folder, file)
  const found = existsSync(path) ? digest(path) : 'none (file missing)'
  if (found === expected) return
  throw new KeyhoundError(
    'corrupt-artefact',
    `${path} has checksum ${found}, the manifest says ${expected}; train again or restore the folder`,
    { where: path },
  )
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
