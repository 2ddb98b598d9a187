import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BUILT_IN, type Catalogue } from '../features/catalogue.ts'
import { extendCatalogue, type OwnSource, refuseUnknownFeatures } from '../features/own.ts'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import type { Combination } from '../risk/combine.ts'
import { type Config, defaultConfig } from '../schema/config.ts'
import type { Feature } from '../schema/features.ts'
import type { Context } from './context.ts'

/**
 * The catalogue of a configuration: the built-in features, and those of the files that `features` names. Runs the code of these files.
 * Throws KeyhoundError naming file and feature: a file that is not there or does not run, a definition that is none, a name that is
 * taken, a name that the configuration refers to and no feature has.
 */
export async function loadFeatures({
  features,
  detectors,
}: Pick<Config, 'features' | 'detectors'>): Promise<Catalogue> {
  const sources: OwnSource[] = []
  for (const file of features) sources.push(await loadSource(resolve(file)))
  const catalogue = extendCatalogue(sources)
  for (const { name, features: named } of detectors.onnx)
    refuseUnknownFeatures(`detectors.onnx "${name}"`, named ?? [], catalogue)
  return catalogue
}

/** The catalogue that a stage works with. Throws `usage` where the configuration names files that nobody has loaded. */
export function catalogueOf({ catalogue, config }: Pick<Context, 'catalogue' | 'config'>): Catalogue {
  if (catalogue !== undefined) return catalogue
  if ((config ?? defaultConfig()).features.length === 0) return BUILT_IN
  throw new KeyhoundError(
    'usage',
    'the configuration names files of features that are not loaded; give the context {catalogue: await loadFeatures(config)}',
  )
}

/** The combination with what own features weigh. */
export function withOwnFeatures(combination: Combination, own: readonly Feature[]): Combination {
  const weights = own.flatMap(({ name, weighs }) => (weighs === undefined ? [] : [[name, weighs] as const]))
  return { ...combination, weights: { ...combination.weights, ...Object.fromEntries(weights) } }
}

async function loadSource(file: string): Promise<OwnSource> {
  if (!existsSync(file)) throw new KeyhoundError('not-found', `features: no file ${file}`, { where: file })
  const digest = digestOf(file)
  try {
    // A file that changed is another module: what runs is what the digest is of.
    const found = (await import(`${pathToFileURL(file).href}?digest=${digest}`)) as Record<string, unknown>
    return { file, digest, exports: exportsOf(found) }
  } catch (error) {
    throw new KeyhoundError('bad-input', `features: ${file} does not run: ${messageOf(error)}`, {
      where: file,
      cause: error,
    })
  }
}

/** What a module exports; of CommonJS what `module.exports` holds. */
function exportsOf(found: Record<string, unknown>): Record<string, unknown> {
  const { default: standard, ...named } = found
  if ('features' in named || 'metrics' in named) return named
  return typeof standard === 'object' && standard !== null ? (standard as Record<string, unknown>) : named
}

/** Imports of files beside it, as code writes them. */
const RELATIVE_IMPORT = /\b(?:from|import|require)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g

/** Digest of a file and of the files beside it that it imports; packages are not covered. */
function digestOf(file: string): string {
  const contents = new Map<string, Buffer>()
  const visit = (path: string) => {
    if (contents.has(path) || !existsSync(path)) return
    const content = readFileSync(path)
    contents.set(path, content)
    for (const [, specifier] of content.toString().matchAll(RELATIVE_IMPORT))
      visit(resolve(dirname(path), specifier!))
  }
  visit(file)
  const hash = createHash('sha256')
  for (const content of contents.values()) hash.update(`${content.length} `).update(content)
  return hash.digest('hex')
}
