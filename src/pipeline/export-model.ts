import { forestToOnnx } from '../detectors/isolation-forest/export/onnx.ts'
import { forestToSql } from '../detectors/isolation-forest/export/sql.ts'
import type { Model } from './models.ts'

/** What the forest of a model can be written as. */
export const EXPORT_FORMATS = ['onnx', 'sql'] as const
/** onnx: one file for any ONNX runtime; sql: one SELECT, UTF-8. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/**
 * The isolation forest of a model for use elsewhere, without Keyhound: an ONNX file (input `features`, float32 (rows, features) in
 * the order of metadata `feature_names`, NaN = unknown; output `score`, float32 (rows, 1)), or one SELECT over a table with a
 * column a feature (null = unknown), UTF-8. Either gives the forest's anomaly score, 0-1, higher = more anomalous: one detector
 * of the model, not the score that the model combines them to. Equal models give equal bytes.
 */
export function exportForest(
  { manifest, detectors }: Pick<Model, 'manifest' | 'detectors'>,
  format: ExportFormat,
): Uint8Array {
  const { forest } = detectors
  const facts = {
    model: `${manifest.name}@${manifest.version}`,
    content_id: manifest.contentId,
    feature_fingerprint: manifest.featureFingerprint,
  }
  if (format === 'onnx') {
    const metadata = { ...facts, feature_names: JSON.stringify(forest.names) }
    return forestToOnnx(forest, { version: manifest.version, metadata })
  }
  const comment = [
    'Isolation forest of a Keyhound model: anomaly score of each token-hour, 0-1, higher = more anomalous.',
    ...Object.entries(facts).map(([name, value]) => `${name}: ${value}`),
  ]
  const keys = ['tenant_id', 'token_id', 'window_start']
  return new TextEncoder().encode(forestToSql(forest, { keys, comment }))
}
