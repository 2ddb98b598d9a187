import { createHash } from 'node:crypto'
import { FEATURES } from '../features/catalogue.ts'
import { METRICS } from '../features/metrics.ts'
import { FEATURE_PARAMETERS } from '../features/parameters.ts'

/** Digest of the definitions; a model refuses features of another fingerprint. */
export function featureFingerprint(): string {
  const text = JSON.stringify([
    FEATURES.map(f => [f.name, String(f.of)]),
    METRICS.map(m => [m.name, String(m.of)]),
    FEATURE_PARAMETERS,
  ])
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
