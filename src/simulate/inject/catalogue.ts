import { accountSwitch } from './account-switch.ts'
import { drip } from './drip.ts'
import type { InjectedAttack } from './model.ts'
import { objectWalk } from './object-walk.ts'
import { replay } from './replay.ts'
import { rotationHijack } from './rotation-hijack.ts'
import { scopeProbing } from './scope-probing.ts'
import { stuffing } from './stuffing.ts'

/** Attacks that can be written into a log. */
export const INJECTED_ATTACKS: readonly InjectedAttack[] = [
  replay,
  accountSwitch,
  drip,
  objectWalk,
  scopeProbing,
  rotationHijack,
  stuffing,
]

export const INJECTED_NAMES: readonly string[] = INJECTED_ATTACKS.map(attack => attack.name)
