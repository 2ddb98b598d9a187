import { ABLATION } from './parts/ablation.ts'
import { ADBENCH } from './parts/adbench.ts'
import { BOTS } from './parts/bots.ts'
import type { Part } from './parts/part.ts'
import { QUIET } from './parts/quiet.ts'
import { ROLES } from './parts/roles.ts'
import { SEALED, SIMULATED } from './parts/simulated.ts'
import { TAKEOVER } from './parts/takeover.ts'
import { WEBBOT } from './parts/webbot.ts'

/** All parts, in the order of the page. */
export const PARTS: Readonly<Record<string, Part>> = {
  simulated: SIMULATED,
  sealed: SEALED,
  takeover: TAKEOVER,
  quiet: QUIET,
  bots: BOTS,
  roles: ROLES,
  adbench: ADBENCH,
  webbot: WEBBOT,
  ablation: ABLATION,
}
