import { bolaEnumeration } from './bola-enumeration.ts'
import { destructiveBurst, exfiltration } from './bulk.ts'
import { dormantRevival } from './dormant-revival.ts'
import type { Attack } from './kit.ts'
import { lowAndSlow } from './low-and-slow.ts'
import { botnetReplay, tokenStuffing } from './many.ts'
import { offHours } from './off-hours.ts'
import { bflaProbing, permissionViolation, scopeViolation } from './permissions.ts'
import { rateAbuse } from './rate-abuse.ts'
import { rotationHijack } from './rotation-hijack.ts'
import { mailboxSweep, supplyChainDrip } from './sealed.ts'
import { sequenceChange } from './sequence-change.ts'
import { impossibleTravel, newClient, newNetwork } from './takeover.ts'

const SEALED: readonly Attack[] = [supplyChainDrip, mailboxSweep]

/** Misuse of token issuance: comes only when named, since it adds tokens to the world. */
const ISSUING: readonly Attack[] = [rotationHijack]

/** Every kind of misuse of DESIGN.md's table, in its order; then the sealed ones. */
export const ATTACKS: readonly Attack[] = [
  rateAbuse,
  offHours,
  newNetwork,
  impossibleTravel,
  newClient,
  scopeViolation,
  permissionViolation,
  bflaProbing,
  bolaEnumeration,
  exfiltration,
  destructiveBurst,
  dormantRevival,
  tokenStuffing,
  botnetReplay,
  lowAndSlow,
  sequenceChange,
  ...SEALED,
  ...ISSUING,
]

/** Kept out of every run that does not name them, so that a detector can be tried on misuse it was not developed on. */
export const SEALED_FAMILIES: readonly string[] = SEALED.map(attack => attack.family)

export const ISSUING_FAMILIES: readonly string[] = ISSUING.map(attack => attack.family)

export const FAMILIES: readonly string[] = ATTACKS.map(attack => attack.family).filter(
  family => !SEALED_FAMILIES.includes(family) && !ISSUING_FAMILIES.includes(family),
)
