import { createHash } from 'node:crypto'
import type { Matrix } from '../../lib/matrix.ts'
import { OWN_PREFIX } from '../../schema/own-onnx.ts'
import { type OnnxSession, openOnnx } from './session.ts'

/** How a user's own model is asked, kept with the model version. */
export interface OwnDetectorSpec {
  readonly name: string
  /** Features in the order that the model takes them. */
  readonly features: readonly string[]
  readonly input: string | null
  readonly output: string | null
  /** What the model is given for what is unknown: NaN where null. */
  readonly missing: number | null
  /** Whether a higher output is more anomalous, or a lower one. */
  readonly higherIs: 'worse' | 'better'
}

/** A user's own ONNX model, loaded: a detector beside ours. */
export interface OwnDetector {
  readonly spec: OwnDetectorSpec
  /** The file as it was given. */
  readonly bytes: Uint8Array
  readonly session: OnnxSession
}

/** Name of its column among the surprises and, after `detector_`, among the scores. */
export function ownColumn({ name }: Pick<OwnDetectorSpec, 'name'>): string {
  return OWN_PREFIX + name
}

/** Loaded models by what they are: a server that opens a version again does not start another thread. */
const opened = new Map<string, Promise<OnnxSession>>()

/** Loads a user's own model. Throws KeyhoundError, see {@link openOnnx}. */
export async function openOwnDetector(spec: OwnDetectorSpec, bytes: Uint8Array): Promise<OwnDetector> {
  const { name, features, input, output } = spec
  const key = JSON.stringify([
    createHash('sha256').update(bytes).digest('hex'),
    features.length,
    input,
    output,
  ])
  const known = opened.get(key)
  const opening = known ?? openOnnx({ name, bytes, width: features.length, input, output })
  opened.set(key, opening)
  // What failed may be mended: an install, a file.
  opening.catch(() => opened.delete(key))
  return { spec, bytes, session: await opening }
}

/** What the model says of each row of a table (rows, cols), higher = more anomalous; NaN where it says no number. Columns are found by name, absent ones are unknown. */
export function scoreOwn({ spec, session }: OwnDetector, table: Matrix): Float64Array {
  const width = spec.features.length
  const from = spec.features.map(name => table.names.indexOf(name))
  const unknown = spec.missing ?? Number.NaN
  const rows = new Float32Array(table.rows * width)
  for (let r = 0; r < table.rows; r++) {
    for (let c = 0; c < width; c++) {
      const value = from[c]! < 0 ? Number.NaN : table.data[r * table.cols + from[c]!]!
      rows[r * width + c] = Number.isNaN(value) ? unknown : value
    }
  }
  const said = session.run(rows, table.rows)
  return said.map(value => {
    if (!Number.isFinite(value)) return Number.NaN
    return spec.higherIs === 'worse' ? value : -value
  })
}
