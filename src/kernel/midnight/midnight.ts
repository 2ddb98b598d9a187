import { FEATURE_PARAMETERS } from '../../features/parameters.ts'
import { DayBits } from '../../stats/day-bits.ts'
import type { History } from '../history/history.ts'
import { DAY_MS } from '../memory.ts'
import type { Tuples } from '../tuples.ts'
import { type Descent, descentOf } from './descent.ts'
import { Drift } from './drift.ts'
import { Holders } from './holders.ts'
import type { Link } from './links.ts'
import { MissingHours } from './missing.ts'
import { noveltyBudgets } from './novelty-budgets.ts'
import { PeerHistograms } from './peer-histograms.ts'
import { TokenPasts } from './token-past.ts'
import { WeekProfiles } from './week-profiles.ts'

/** Log days before which nothing is "first seen": everything is. */
const { burnInDays, historyDays, halfLifeDays, youngDays } = FEATURE_PARAMETERS

/** What is known when a day begins: all that hours of the day are judged by. */
export interface Midnight {
  readonly day: number
  readonly history: History
  readonly dayBits: DayBits
  /** Hours of gaps in logging that ended before the day or on it: whoever is judged by the latter comes after them. */
  readonly missing: MissingHours
  /** Hours of gaps that were known when the day began: days with some do not count as whole. */
  readonly missingBefore: MissingHours
  readonly descent: Descent
  readonly pasts: TokenPasts
  readonly peers: PeerHistograms
  readonly profiles: WeekProfiles
  readonly drift: Drift
  readonly budgets: Float64Array
  readonly holders: Holders
  /** Whether the log is old enough for a value to be called new. */
  readonly isSettled: boolean
}

/** Reads the days of values as a day remembers them. */
export function daysBefore(day: number): DayBits {
  const dayBits = new DayBits(historyDays, halfLifeDays, youngDays)
  dayBits.readFrom(day)
  return dayBits
}

/** Works out what is known when a day begins; `missing` holds the gaps that ended on the day, too. */
export function midnightOf(
  history: History,
  tuples: Tuples,
  day: number,
  links: readonly Link[],
  isActive: (token: number) => boolean,
  missing: MissingHours,
): Midnight {
  const { entities, values } = tuples
  const dayBits = daysBefore(day)
  const missingBefore = new MissingHours(history.gaps)
  const descent = descentOf(links, day * DAY_MS, isActive, entities)
  const pasts = new TokenPasts(history, entities, day, descent, missingBefore, dayBits)
  return {
    day,
    history,
    dayBits,
    missing,
    missingBefore,
    descent,
    pasts,
    peers: new PeerHistograms(history, entities, missingBefore, descent, pasts, day),
    profiles: new WeekProfiles(history, entities, values, missing, descent, pasts, day, dayBits),
    drift: new Drift(history, entities, missingBefore, descent, pasts, day),
    budgets: noveltyBudgets(history, entities, descent, pasts, day),
    holders: new Holders(history, entities, descent, pasts, dayBits, day, values.count),
    isSettled: history.days.length >= burnInDays,
  }
}
