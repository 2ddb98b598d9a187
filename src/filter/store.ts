import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { loadTensorFlow } from './backend.ts'
import type { DenseLayer } from './dense-net.ts'
import { fileHandler, MODEL_FILE, type ModelJson, WEIGHTS_FILE } from './file-handler.ts'
import type { Filter } from './model.ts'
import { buildModel } from './train-net.ts'

export const FILTER_FILE = 'filter.json'
const FORMAT = 'keyhound-filter'
const VERSION = 2

/** {@link FILTER_FILE}: all but the net. Numbers survive JSON exactly. */
interface FilterJson {
  readonly format: string
  readonly version: number
  readonly standardisation: { columns: string[]; centre: number[]; scale: number[]; indicators: number[] }
  readonly learner: Filter['learner']
  readonly centre: number
  readonly calibration: Filter['calibration']
  readonly threshold: number
  readonly metrics: Filter['metrics']
  readonly backend: string
  readonly options: Filter['options']
  /** SHA-256 of the two other files and of this one without its checksums. */
  readonly checksums: Record<string, string>
}

/** Writes the filter into a folder (made if absent): `model.json` and `weights.bin` of TensorFlow.js, `filter.json` for the rest. */
export async function saveFilter(filter: Filter, folder: string): Promise<void> {
  const tensorflow = await loadTensorFlow()
  const model = buildModel(tensorflow, filter.layers)
  try {
    await model.save(fileHandler(folder))
  } finally {
    model.dispose()
  }
  const { columns, centre, scale, indicators } = filter.standardisation
  const body: Omit<FilterJson, 'checksums'> = {
    format: FORMAT,
    version: VERSION,
    standardisation: {
      columns: [...columns],
      centre: [...centre],
      scale: [...scale],
      indicators: [...indicators],
    },
    learner: filter.learner,
    centre: filter.centre,
    calibration: filter.calibration,
    threshold: filter.threshold,
    metrics: filter.metrics,
    backend: filter.backend,
    options: filter.options,
  }
  const json: FilterJson = { ...body, checksums: checksumsOf(folder, body) }
  writeFileSync(join(folder, FILTER_FILE), `${JSON.stringify(json, null, 2)}\n`)
}

/** Reads what {@link saveFilter} wrote, without TensorFlow.js. Throws KeyhoundError 'not-found' or 'corrupt-artefact', naming the file. */
export function loadFilter(folder: string): Filter {
  for (const name of [FILTER_FILE, MODEL_FILE, WEIGHTS_FILE]) {
    if (!existsSync(join(folder, name)))
      throw new KeyhoundError('not-found', `filter file ${name} is missing in ${folder}; train again`, {
        where: join(folder, name),
      })
  }
  const json = parseJson<FilterJson>(folder, FILTER_FILE)
  if (json.format !== FORMAT || json.version !== VERSION)
    throw corrupt(
      folder,
      FILTER_FILE,
      `format ${FORMAT} version ${VERSION} expected, found ${json.format} version ${json.version}`,
    )
  const { checksums, ...body } = json
  for (const [name, actual] of Object.entries(checksumsOf(folder, body))) {
    const stored = checksums?.[name]
    if (stored !== actual) throw corrupt(folder, name, `SHA-256 expected ${stored}, found ${actual}`)
  }
  const { columns, centre, scale, indicators } = json.standardisation
  return {
    standardisation: {
      columns,
      centre: Float64Array.from(centre),
      scale: Float64Array.from(scale),
      indicators: Uint32Array.from(indicators),
    },
    layers: readLayers(folder),
    learner: json.learner,
    centre: json.centre,
    calibration: json.calibration,
    threshold: json.threshold,
    metrics: json.metrics,
    backend: json.backend,
    options: json.options,
  }
}

/** Kernels and biases in the order of the manifest; the last layer is the sigmoid. */
function readLayers(folder: string): DenseLayer[] {
  const specs = parseJson<ModelJson>(folder, MODEL_FILE).weightsManifest.flatMap(group => group.weights)
  const bytes = readFileSync(join(folder, WEIGHTS_FILE))
  const needed = specs.reduce((sum, spec) => sum + 4 * spec.shape.reduce((product, d) => product * d, 1), 0)
  if (bytes.length !== needed)
    throw corrupt(folder, WEIGHTS_FILE, `${needed} bytes expected, found ${bytes.length}`)
  const values = new Float32Array(new Uint8Array(bytes).buffer)
  const layers: DenseLayer[] = []
  let at = 0
  for (let s = 0; s + 1 < specs.length; s += 2) {
    const [inputs, units] = specs[s]!.shape as [number, number]
    layers.push({
      inputs,
      units,
      activation: s + 2 < specs.length ? 'relu' : 'sigmoid',
      kernel: values.slice(at, at + inputs * units),
      bias: values.slice(at + inputs * units, at + inputs * units + units),
    })
    at += inputs * units + units
  }
  return layers
}

function checksumsOf(folder: string, body: object): Record<string, string> {
  return {
    [MODEL_FILE]: sha256(readFileSync(join(folder, MODEL_FILE))),
    [WEIGHTS_FILE]: sha256(readFileSync(join(folder, WEIGHTS_FILE))),
    [FILTER_FILE]: sha256(JSON.stringify(body)),
  }
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex')
}

function parseJson<T>(folder: string, name: string): T {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8')) as T
  } catch (error) {
    throw corrupt(folder, name, messageOf(error))
  }
}

function corrupt(folder: string, name: string, what: string): KeyhoundError {
  return new KeyhoundError(
    'corrupt-artefact',
    `filter file ${name} in ${folder} is damaged: ${what}. Restore it or train again`,
    { where: join(folder, name) },
  )
}
