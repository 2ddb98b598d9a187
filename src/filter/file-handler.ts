import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { io } from '@tensorflow/tfjs-core'

export const MODEL_FILE = 'model.json'
export const WEIGHTS_FILE = 'weights.bin'

/** What {@link MODEL_FILE} holds: the layers-model format of TensorFlow.js. */
export interface ModelJson {
  readonly modelTopology: object
  readonly format: string
  readonly generatedBy: string
  readonly convertedBy: null
  readonly weightsManifest: readonly {
    readonly paths: readonly string[]
    readonly weights: io.WeightsManifestEntry[]
  }[]
}

/**
 * Keeps a TensorFlow.js model as `model.json` and `weights.bin` in a folder: what `file://` does in tfjs-node, for every backend.
 * For `model.save(handler)` and `loadLayersModel(handler)`.
 */
export function fileHandler(folder: string): Required<Pick<io.IOHandler, 'save' | 'load'>> {
  return {
    async save(artifacts) {
      const model: ModelJson = {
        modelTopology: artifacts.modelTopology as object,
        format: artifacts.format ?? 'layers-model',
        generatedBy: artifacts.generatedBy ?? 'TensorFlow.js',
        convertedBy: null,
        weightsManifest: [{ paths: [WEIGHTS_FILE], weights: artifacts.weightSpecs ?? [] }],
      }
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, MODEL_FILE), JSON.stringify(model))
      writeFileSync(join(folder, WEIGHTS_FILE), joinBuffers(artifacts.weightData))
      // TensorFlow.js wants a date and never stores it: a fixed one, so that nothing here depends on the clock.
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    },
    async load() {
      const model = JSON.parse(readFileSync(join(folder, MODEL_FILE), 'utf8')) as ModelJson
      const weights = readFileSync(join(folder, WEIGHTS_FILE))
      return {
        modelTopology: model.modelTopology,
        format: model.format,
        weightSpecs: model.weightsManifest.flatMap(group => group.weights),
        weightData: new Uint8Array(weights).buffer,
      }
    },
  }
}

function joinBuffers(data: io.WeightData | undefined): Uint8Array {
  const parts = data === undefined ? [] : Array.isArray(data) ? data : [data]
  return Buffer.concat(parts.map(part => new Uint8Array(part)))
}
