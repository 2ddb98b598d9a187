import { ingest } from '../../../src/pipeline/ingest.ts'
import { score } from '../../../src/pipeline/score.ts'
import { train } from '../../../src/pipeline/train.ts'
import { listAlerts } from '../../../src/pipeline/triage.ts'
import { defaultConfig } from '../../../src/schema/config.ts'
import { quoteText } from '../../../src/sql/duckdb.ts'
import { datasetFile, withTrial } from './harness.ts'

/** Days at the end of the log that are scored, as in github_takeover_spliced. */
const SCORED_DAYS = 21

export interface QuietFigures {
  readonly events: number
  readonly tokens: number
  readonly days: number
  readonly budgetPerDay: number
  readonly alertsPerDay: number
  readonly mostAlertsOfADay: number
  /** How often each title comes up, most frequent first. */
  readonly titles: readonly { readonly title: string; readonly alerts: number }[]
}

/** Accounts that nobody took over, as far as their vetting knows: how many alerts a day a quiet population costs. */
export function runQuiet(scratch: string): Promise<QuietFigures> {
  return withTrial(scratch, async ({ context, write }) => {
    const { engine } = context
    const source = `read_parquet(${quoteText(datasetFile('github_human_activity'))})`
    // The data set repeats 1,023 rows exactly; a row is an event.
    const logs = await write(
      'events.parquet',
      `SELECT DISTINCT time, token_id, operation, resource FROM ${source} ORDER BY time`,
    )
    const [span] = await engine.rows<{ detect: Date }>(
      `SELECT max(time)::DATE - INTERVAL ${SCORED_DAYS - 1} DAY AS detect FROM ${source}`,
    )
    const ingested = await ingest(context, { paths: [logs], tokens: 'identifier' })
    await train(context, { until: span!.detect })
    const scored = await score(context, { from: span!.detect })
    const alerts = await listAlerts(context, { status: 'open' })
    const days = countBy(alerts.map(alert => alert.firstSeen.toISOString().slice(0, 10)))
    const titles = countBy(alerts.map(alert => alert.title))
    return {
      events: ingested.added,
      tokens: ingested.tokens,
      days: scored.days,
      budgetPerDay: defaultConfig().alerts.budgetPerDay,
      alertsPerDay: alerts.length / scored.days,
      mostAlertsOfADay: Math.max(0, ...days.values()),
      titles: [...titles]
        .sort((a, b) => b[1] - a[1])
        .slice(0, 10)
        .map(([title, count]) => ({ title, alerts: count })),
    }
  })
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
