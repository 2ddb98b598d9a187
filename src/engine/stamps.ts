import { BUILT_IN, type Catalogue } from '../features/catalogue.ts'
import { readStamp, stampOf } from '../sql/stamp.ts'
import { eventVersions, listDays, listParquet, partition, type Workspace } from '../sql/workspace.ts'
import { type Rulings, rulingsOn } from './rulings.ts'

/**
 * The stamp that each day's features have when they are up to date: it covers the day's events, the rulings on it and, through the day
 * before, all of its past.
 */
export function stampsByDay(
  workspace: Workspace,
  rulings: Rulings,
  { fingerprint }: Pick<Catalogue, 'fingerprint'> = BUILT_IN,
): Map<string, string> {
  const stamps = new Map<string, string>()
  let past = fingerprint
  for (const day of listDays(workspace.events)) {
    past = stampOf([past, day, eventStamp(workspace, day), ...rulingsOn(rulings, day)])
    stamps.set(day, past)
  }
  return stamps
}

/** A digest of the events of a day. */
export function eventStamp(workspace: Workspace, day: string): string {
  return stampOf(eventVersions(workspace, day))
}

/**
 * Days whose features are missing or were made from other events, other definitions, other rulings or another past, ascending: from the
 * first such day on all of them.
 */
export function staleFeatureDays(
  workspace: Workspace,
  rulings: Rulings = {},
  catalogue: Pick<Catalogue, 'fingerprint'> = BUILT_IN,
): string[] {
  return staleDays(workspace, stampsByDay(workspace, rulings, catalogue))
}

/** The same, where the stamps of up-to-date features are known already. */
export function staleDays(workspace: Workspace, stamps: ReadonlyMap<string, string>): string[] {
  const days = [...stamps]
  const first = days.findIndex(([day, stamp]) => !isMade(workspace, day, stamp))
  return first < 0 ? [] : days.slice(first).map(([day]) => day)
}

/** A table may be gone although the stamp is there: `doctor` tells people to move a damaged file away. */
function isMade(workspace: Workspace, day: string, stamp: string): boolean {
  const { features, activity, use } = workspace
  return (
    readStamp(partition(features, day)) === stamp &&
    [features, activity, use].every(table => listParquet(partition(table, day)).length > 0)
  )
}
