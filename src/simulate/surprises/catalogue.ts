import type { SurpriseKind } from './kit.ts'

/** Every benign twin. */
export const SURPRISES: readonly SurpriseKind[] = []
