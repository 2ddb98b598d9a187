import { CLIENTS } from './clients.ts'
import { HOURS } from './hours.ts'
import { JOBS } from './jobs.ts'
import type { SurpriseKind } from './kit.ts'
import { NETWORKS } from './networks.ts'
import { POPULATION } from './population.ts'
import { VOLUME } from './volume.ts'
import { WORK } from './work.ts'

/** Every benign twin of DESIGN.md's table, and the everyday changes around them. */
export const SURPRISES: readonly SurpriseKind[] = [
  ...VOLUME,
  ...HOURS,
  ...NETWORKS,
  ...CLIENTS,
  ...WORK,
  ...JOBS,
  ...POPULATION,
]
