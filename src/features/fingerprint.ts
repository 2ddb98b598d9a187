/**
 * Names the values of our features: 16 hex digits of a digest of what a golden log gives (`src/kernel/fingerprint.ts`). Models refuse features
 * of another fingerprint. A test works it out again, so a definition whose values change does not pass with the old one: then put the new
 * one here, say so in CHANGELOG, and train again.
 */
export const FEATURE_FINGERPRINT = '9e4d63071aba3bcc'
