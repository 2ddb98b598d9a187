import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Engine } from '../engine/duckdb.ts'
import { readStamp, stampOf, writeStamp } from '../engine/stamp.ts'
import { listDays, listParquet, partition, publishQuery, type Workspace } from '../engine/workspace.ts'
import type { LinkDecision } from '../state/lineage.ts'
import { featuresSql } from './catalogue.ts'
import { appendHistory, closeHistory, forgetHistory, openHistory } from './history.ts'
import { FEATURE_PARAMETERS } from './parameters.ts'
import { createAdditions } from './relations/additions.ts'
import { createContext } from './relations/context.ts'
import { createDrift } from './relations/drift.ts'
import { createHours } from './relations/hours.ts'
import { createNoveltyBudgets } from './relations/novelty-budget.ts'
import { createSoFar } from './relations/so-far.ts'
import { createTails } from './relations/tails.ts'
import { createFacetStatistics, createJudged } from './relations/values.ts'
import { createWindows } from './relations/windows.ts'
import { createStatedLinks, decisionsBy } from './stated-links.ts'

/**
 * Days whose features are missing or were made from other activity, other definitions, other decisions about lineage or
 * another past, ascending.
 */
export async function staleFeatureDays(
  workspace: Workspace,
  decisions: readonly LinkDecision[] = [],
): Promise<string[]> {
  const stamps = [...(await stampsByDay(workspace, decisions))]
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
  await createWindows(engine, day, counts, facets)
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
 * and the hours of the day up to its own.
 */
export async function buildFeatures(
  engine: Engine,
  workspace: Workspace,
  days: readonly string[],
  onDay: (day: string) => void,
  decisions: readonly LinkDecision[] = [],
): Promise<void> {
  if (days.length === 0) return
  const { historyDays } = FEATURE_PARAMETERS
  await openHistory(engine, workspace, days[0]!, historyDays)
  await createStatedLinks(engine, decisions)
  const stamps = await stampsByDay(workspace, decisions)
  for (const day of days) {
    const counts = listParquet(partition(workspace.activity, day))
    const facets = listParquet(partition(workspace.facets, day))
    await forgetHistory(engine, day, historyDays)
    await createRelations(engine, day, counts, facets)
    await publishQuery(engine, featuresSql(), join(partition(workspace.features, day), 'features.parquet'))
    await appendHistory(engine, workspace, day)
    await writeStamp(partition(workspace.features, day), stamps.get(day)!)
    onDay(day)
  }
  await closeHistory(engine)
}

/** The stamp of each day covers its activity, what people decided about lineage and, through the day before, all of the past. */
async function stampsByDay(
  workspace: Workspace,
  decisions: readonly LinkDecision[],
): Promise<Map<string, string>> {
  const stamps = new Map<string, string>()
  let past = await featureFingerprint()
  for (const day of listDays(workspace.activity)) {
    past = stampOf([
      past,
      day,
      readStamp(partition(workspace.activity, day)) ?? '',
      decisionsBy(decisions, day),
    ])
    stamps.set(day, past)
  }
  return stamps
}
