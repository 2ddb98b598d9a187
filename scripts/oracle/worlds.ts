import type { OracleWorld } from './world.ts'
import { chance } from './worlds/chance.ts'
import { clocksAutumn, clocksSpring } from './worlds/clocks.ts'
import { crowd } from './worlds/crowd.ts'
import { everyday } from './worlds/everyday.ts'
import { expiry } from './worlds/expiry.ts'
import { files } from './worlds/files.ts'
import { gaps } from './worlds/gaps.ts'
import { holds } from './worlds/holds.ts'
import { links } from './worlds/links.ts'
import { nulls } from './worlds/nulls.ts'
import { waves } from './worlds/waves.ts'

/** Every world that goldens are made of. */
export const WORLDS: readonly OracleWorld[] = [
  everyday,
  links,
  gaps,
  holds,
  clocksSpring,
  clocksAutumn,
  expiry,
  files,
  nulls,
  waves,
  crowd,
  chance,
]
