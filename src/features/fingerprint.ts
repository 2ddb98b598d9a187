/**
 * Names the values of our features: 16 hex digits of a digest of what a golden log gives (`src/kernel/fingerprint.ts`). Models refuse features
 * of another fingerprint. A test works it out again, so a definition whose values change does not pass with the old one: then put the new
 * one here, say so in CHANGELOG, and train again.
 */
export const FEATURE_FINGERPRINT = '9a5e87e8c61108e2'

/** Of features that equal ours within 1e-5: those of version 0.1 (docs/engine-differences.md). Models trained on them go on. */
const EQUAL_FINGERPRINTS: readonly string[] = ['dbefae96d3ae804e']

/**
 * Whether a model that was trained on features of a fingerprint can read ours.
 *
 * @example isReadable(FEATURE_FINGERPRINT) // true
 */
export function isReadable(fingerprint: string): boolean {
  return fingerprint === FEATURE_FINGERPRINT || EQUAL_FINGERPRINTS.includes(fingerprint)
}
