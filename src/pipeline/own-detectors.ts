import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type OwnDetector,
  type OwnDetectorSpec,
  openOwnDetector,
  ownColumn,
} from '../detectors/own-onnx/own-detector.ts'
import type { Catalogue } from '../features/catalogue.ts'
import { refuseUnknownFeatures } from '../features/own.ts'
import { KeyhoundError } from '../lib/errors.ts'
import type { Combination } from '../risk/combine.ts'
import type { OwnOnnx } from '../schema/own-onnx.ts'
import { FOREST_FEATURES } from '../scoring/score-windows.ts'
import type { Workspace } from '../sql/workspace.ts'

/** File of a model version that says how the models in `own/` are asked; only versions that have some have it. */
export const OWN_FILE = 'own.json'

/** The user's own models of a configuration, loaded and tried. Throws KeyhoundError naming the model at fault. */
export async function openConfigured(
  workspace: Workspace,
  configured: readonly OwnOnnx[],
  catalogue: Catalogue,
): Promise<OwnDetector[]> {
  const own: OwnDetector[] = []
  for (const { name, path, features, input, output, missing, higherIs } of configured) {
    const file = resolve(workspace.root, path)
    if (!existsSync(file))
      throw new KeyhoundError('not-found', `detectors.onnx "${name}": no file ${file}`, { where: name })
    refuseUnknownFeatures(`detectors.onnx "${name}"`, features ?? [], catalogue)
    const spec = { name, features: features ?? FOREST_FEATURES, input, output, missing, higherIs }
    own.push(await openOwnDetector(spec, readFileSync(file)))
  }
  return own
}

/** The combination with what the user's own models weigh. */
export function withOwn(combination: Combination, configured: readonly OwnOnnx[]): Combination {
  const weights = configured.map(
    ({ name, perNat, beyondKnee }) => [ownColumn({ name }), { perNat, beyondKnee }] as const,
  )
  return { ...combination, weights: { ...combination.weights, ...Object.fromEntries(weights) } }
}

/** Writes the models, as they were given, and how they are asked into a version's folder. */
export function saveOwn(own: readonly OwnDetector[], folder: string): void {
  mkdirSync(join(folder, 'own'))
  for (const { spec, bytes } of own) writeFileSync(ownFile(folder, spec.name), bytes)
  writeFileSync(join(folder, OWN_FILE), JSON.stringify(own.map(one => one.spec)))
}

/** Loads what {@link saveOwn} wrote, from a folder whose checksums hold. */
export async function loadOwn(folder: string): Promise<OwnDetector[]> {
  const specs = JSON.parse(readFileSync(join(folder, OWN_FILE), 'utf8')) as OwnDetectorSpec[]
  return Promise.all(specs.map(spec => openOwnDetector(spec, readFileSync(ownFile(folder, spec.name)))))
}

function ownFile(folder: string, name: string): string {
  return join(folder, 'own', `${name}.onnx`)
}
