import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../../src/pipeline/context.ts'
import type { TriagedAlert } from '../../../src/pipeline/triage.ts'
import { openViews } from '../../../src/pipeline/views.ts'
import type { Verdict } from '../../../src/schema/labels.ts'
import { quoteText } from '../../../src/sql/duckdb.ts'

/** What the simulator knows to be true. */
export interface Truth {
  /** `token day` (UTC) with at least one malicious event -> its incident. */
  readonly misuse: ReadonlyMap<string, string>
  /** Benign surprises by token, ms. */
  readonly benign: ReadonlyMap<string, readonly { readonly start: number; readonly end: number }[]>
}

export function tokenDay(token: string, time: number): string {
  return `${token} ${new Date(time).toISOString().slice(0, 10)}`
}

/** Reads labels.csv (by event) and benign.csv of a simulated log that the workspace holds. */
export async function readTruth({ engine, workspace }: Context, logs: string): Promise<Truth> {
  await openViews(engine, workspace)
  const rows = await engine.rows<{ token: string; day: string; incident: string }>(
    `SELECT e.token_id AS token, strftime(e.time, '%Y-%m-%d') AS day, min(l.incident_id) AS incident
     FROM events e JOIN read_csv(${quoteText(join(logs, 'labels.csv'))}, all_varchar = true) l USING (event_id) GROUP BY ALL`,
  )
  const benign = new Map<string, { start: number; end: number }[]>()
  const [header, ...lines] = readFileSync(join(logs, 'benign.csv'), 'utf8').trim().split('\n')
  const at = (name: string) => header!.split(',').indexOf(name)
  for (const line of lines) {
    const cells = line.split(',').map(cell => cell.replace(/^"|"$/g, ''))
    const span = { start: Date.parse(cells[at('start')]!), end: Date.parse(cells[at('end')]!) }
    const name = cells[at('token_id')]!
    benign.set(name, [...(benign.get(name) ?? []), span])
  }
  return { misuse: new Map(rows.map(row => [`${row.token} ${row.day}`, row.incident])), benign }
}

/**
 * What an analyst who finds the truth says: misuse is a true positive, but for further tokens of a campaign already judged that day,
 * which are duplicates; a benign alert in the time of a known surprise of its token is a benign trigger, any other a false positive.
 */
export function verdictOf(truth: Truth, alert: TriagedAlert, judgedToday: Set<string>): Verdict {
  const incident = truth.misuse.get(tokenDay(alert.tokenId, alert.firstSeen.getTime()))
  if (incident !== undefined) {
    const campaign = alert.incidentId ?? incident
    if (judgedToday.has(campaign)) return 'duplicate'
    judgedToday.add(campaign)
    return 'true_positive'
  }
  const overlaps = (truth.benign.get(alert.tokenId) ?? []).some(
    span => span.start < alert.lastSeen.getTime() && span.end > alert.firstSeen.getTime(),
  )
  return overlaps ? 'benign_trigger' : 'false_positive'
}
