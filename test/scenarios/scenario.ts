import type { Cast, Intensity } from './cast.ts'

/** One misuse as an attack in three intensities, and what looks like it and is none. */
export interface Scenario {
  /** What the thief does. */
  readonly misuse: string
  readonly benign: string
  /** Detector that must tell them apart: a signal or `permission_clusters`. */
  readonly detector: string
  /** Codes of a reason that names the misuse. @default the detector */
  readonly named?: readonly string[]
  /** Among how many first reasons: a deed that doubles the steady pace of this stage is unusual in that, too. @default 1 */
  readonly within?: number
  /** Hour of today at which all of them happen. @default 11 */
  readonly hour?: number
  readonly attack: (cast: Cast, intensity: Intensity) => void
  readonly twin: (cast: Cast) => void
}

export const SIDES = ['loud', 'plain', 'faint', 'twin'] as const
export type Side = (typeof SIDES)[number]

/** Tenant in which one side of a scenario is played. */
export function tenantOf({ detector }: Scenario, side: Side): string {
  return `${detector} ${side}`
}
