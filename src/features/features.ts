import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Engine } from '../sql/duckdb.ts'
import { readStamp, stampOf, writeStamp } from '../sql/stamp.ts'
import { listDays, listParquet, partition, publishQuery, type Workspace } from '../sql/workspace.ts'
import type { LinkDecision } from '../state/lineage.ts'
import { featuresSql } from './catalogue.ts'
import { type HeldDay, heldFor, isReleased, withholdHistory } from './held.ts'
import { appendHistory, closeHistory, forgetHistory, openHistory } from './history.ts'
import { FEATURE_PARAMETERS } from './parameters.ts'
import { createAdditions } from './relations/additions.ts'
import { createContext } from './relations/context.ts'
import { createDrift } from './relations/drift.ts'
import { createGaps, createMissing } from './relations/gaps.ts'
import { createHours } from './relations/hours.ts'
import { createNoveltyBudgets } from './relations/novelty-budget.ts'
import { createSoFar } from './relations/so-far.ts'
import { createTails } from './relations/tails.ts'
import { createFacetStatistics, createJudged } from './relations/values.ts'
import { createWindows } from './relations/windows.ts'
import { createStatedLinks, decisionsBy } from './stated-links.ts'

/** What people said of the past. */
export interface Rulings {
  /** Token-days that the history leaves out, since their alert is not cleared. @default none */
  readonly held?: readonly HeldDay[]
  /** Who follows whom, whatever is inferred. @default none */
  readonly links?: readonly LinkDecision[]
}

/**
 * Days whose features are missing or were made from other activity, other definitions, other rulings or another past,
 * ascending.
 */
export async function staleFeatureDays(workspace: Workspace, rulings: Rulings = {}): Promise<string[]> {
  const stamps = [...(await stampsByDay(workspace, rulings))]
  const first = stamps.findIndex(([day, stamp]) => readStamp(partition(workspace.features, day)) !== stamp)
  return first < 0 ? [] : stamps.slice(first).map(([day]) => day)
}

/** Creates the relations of a day, then what the day adds to the history. */
async function createRelations(
  engine: Engine,
  day: string,
  counts: string[],
  facets: string[],
): Promise<void> {
  await createMissing(engine)
  await createWindows(engine, day, counts, facets)
  await createGaps(engine, day)
  await createJudged(engine, day)
  await createFacetStatistics(engine)
  await createTails(engine)
  await createHours(engine, day)
  await createSoFar(engine)
  await createDrift(engine)
  await createNoveltyBudgets(engine, day)
  await createContext(engine)
  await createAdditions(engine, day)
}

/** Digest of every statement that a feature's value depends on; a model refuses features of another fingerprint. */
export async function featureFingerprint(): Promise<string> {
  const statements = [featuresSql(), JSON.stringify(FEATURE_PARAMETERS)]
  const recorder = { run: async (sql: string) => void statements.push(sql) } as unknown as Engine
  await createRelations(recorder, '2000-01-01', ['counts'], ['facets'])
  return createHash('sha256').update(statements.join('\n')).digest('hex').slice(0, 16)
}

/**
 * Makes the features of the given consecutive days, oldest first. Each day sees the history as it stood when the day began,
 * and the hours of the day up to its own; the history is without the token-days that are `held` on that day.
 */
export async function buildFeatures(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  onDay: (day: string) => void,
  rulings: Rulings = {},
): Promise<void> {
  if (days.length === 0) return
  const { historyDays } = FEATURE_PARAMETERS
  await openHistory(engine, workspace, days[0]!, historyDays)
  await createStatedLinks(engine, rulings.links ?? [])
  const stamps = await stampsByDay(workspace, rulings)
  const { held = [] } = rulings
  for (const [i, day] of days.entries()) {
    if (i > 0 && isReleased(held, days[i - 1]!, day)) await openHistory(engine, workspace, day, historyDays)
    const counts = listParquet(partition(workspace.activity, day))
    const facets = listParquet(partition(workspace.facets, day))
    await forgetHistory(engine, day, historyDays)
    await withholdHistory(engine, held, day)
    await createRelations(engine, day, counts, facets)
    await publishQuery(engine, featuresSql(), join(partition(workspace.features, day), 'features.parquet'))
    await appendHistory(engine, workspace, day)
    await writeStamp(partition(workspace.features, day), stamps.get(day)!)
    onDay(day)
  }
  await closeHistory(engine)
}

/** The stamp of each day covers its activity, the rulings on it and its past and, through the day before, all of that. */
async function stampsByDay(
  workspace: Workspace,
  { held = [], links = [] }: Rulings,
): Promise<Map<string, string>> {
  const stamps = new Map<string, string>()
  let past = await featureFingerprint()
  for (const day of listDays(workspace.activity)) {
    const activity = readStamp(partition(workspace.activity, day)) ?? ''
    const withheld = heldFor(held, day).map(one => JSON.stringify([one.day, one.tenantId, one.tokenId]))
    past = stampOf([past, day, activity, ...withheld.sort(), decisionsBy(links, day)])
    stamps.set(day, past)
  }
  return stamps
}
