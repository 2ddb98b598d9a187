import { VERDICT_EFFECTS } from '../schema/labels.ts'
import { ALERT_COLUMNS } from '../schema/scores.ts'
import type { Engine } from '../sql/duckdb.ts'
import { createView } from '../sql/workspace.ts'
import { hasState, withState } from '../state/state.ts'
import { listVerdicts } from '../state/verdicts.ts'
import { TOKEN_KEY_SQL, type WindowKeys } from './batch.ts'
import type { Context } from './context.ts'
import { readLabels } from './labels.ts'
import { openViews } from './views.ts'

/** Token-hours known to be misuse before a moment. */
export interface Misuse {
  /** Tenant and token, as TOKEN_KEY_SQL makes them, of each token-hour. */
  readonly token: readonly string[]
  /** Start of each, ms since the epoch. */
  readonly start: Float64Array
  /** First moment of the labels file's period, ms; null without a file. Before it nothing was looked for. */
  readonly labelledFrom: number | null
  /** `token start` of the token-hours that a verdict calls benign but not usual: left out of what is usual, no misuse. */
  readonly setAside: ReadonlySet<string>
}

const HOUR_MS = 3_600_000

/** What labels and (unless told otherwise) true_positive verdicts call misuse before `until`. */
export async function readMisuse(
  context: Context,
  labelsFile: string | undefined,
  until: Date,
  { verdicts = true }: { verdicts?: boolean } = {},
): Promise<Misuse> {
  const { engine, workspace } = context
  await openViews(engine, workspace)
  await engine.load('misuse_windows', { token: [] as string[], start: new Float64Array(0) })
  let labelledFrom: number | null = null
  if (labelsFile !== undefined) {
    const labels = await readLabels(engine, workspace, labelsFile)
    if (labels.kind === 'event') {
      await engine.load('labelled', { event_id: labels.rows.map(row => row.eventId) })
      await engine.run(`INSERT INTO misuse_windows
        SELECT DISTINCT ${TOKEN_KEY_SQL}, epoch_ms(date_trunc('hour', time))::DOUBLE FROM events JOIN labelled USING (event_id)`)
    } else {
      await engine.load('labelled', {
        token_id: labels.rows.map(row => row.tokenId),
        begin: Float64Array.from(labels.rows, row => row.start.getTime()),
        finish: Float64Array.from(labels.rows, row => row.end.getTime()),
      })
      await engine.run(`INSERT INTO misuse_windows
        SELECT DISTINCT ${TOKEN_KEY_SQL}, epoch_ms(window_start)::DOUBLE FROM activity a JOIN labelled l USING (token_id)
        WHERE epoch_ms(window_start) < l.finish AND epoch_ms(window_start) + ${HOUR_MS} > l.begin`)
    }
    await engine.run('DROP TABLE labelled')
    const [first] = await engine.rows<{ start: number | null }>(
      'SELECT min(start) AS start FROM misuse_windows',
    )
    labelledFrom = first!.start
  }
  const setAside = verdicts ? await addVerdicts(context) : new Set<string>()
  const texts = await engine.texts(
    `SELECT token FROM misuse_windows WHERE start < ${until.getTime()} ORDER BY token, start`,
  )
  const starts = await engine.matrix(
    `SELECT start FROM misuse_windows WHERE start < ${until.getTime()} ORDER BY token, start`,
  )
  await engine.run('DROP TABLE misuse_windows')
  return { token: texts.columns[0] as string[], start: starts.data, labelledFrom, setAside }
}

/** Adds the hours of confirmed misuse, and answers those of benign triggers. */
async function addVerdicts({ engine, workspace }: Context): Promise<Set<string>> {
  if (!hasState(workspace)) return new Set()
  const verdicts = await withState(workspace, state => listVerdicts(state))
  const kept = verdicts.filter(record => !VERDICT_EFFECTS[record.verdict].trainsBaselines)
  if (kept.length === 0) return new Set()
  await createView(engine, 'alerts', workspace.alerts, ALERT_COLUMNS)
  await engine.load('judged', {
    alert_id: kept.map(record => record.alertId),
    is_misuse: Float64Array.from(kept, record => VERDICT_EFFECTS[record.verdict].filterLabel ?? 0),
  })
  await engine.run(`CREATE OR REPLACE TEMP TABLE judged_windows AS
    SELECT DISTINCT ${TOKEN_KEY_SQL} AS token, epoch_ms(window_start)::DOUBLE AS start, is_misuse FROM activity act
    JOIN (SELECT tenant_id, token_id, first_seen, last_seen, is_misuse FROM alerts JOIN judged USING (alert_id)) al USING (tenant_id, token_id)
    WHERE act.window_start >= al.first_seen AND act.window_start < al.last_seen;
    INSERT INTO misuse_windows SELECT token, start FROM judged_windows WHERE is_misuse = 1`)
  const benign = await engine.texts(
    `SELECT token || ' ' || start::BIGINT::VARCHAR AS window FROM judged_windows WHERE is_misuse = 0 ORDER BY 1`,
  )
  await engine.run('DROP TABLE judged; DROP TABLE judged_windows')
  return new Set(benign.columns[0] as string[])
}

/** Makes the misuse a table `misuse` (token, start) for joins. */
export async function loadMisuse(engine: Engine, misuse: Misuse): Promise<void> {
  await engine.load('misuse', { token: misuse.token, start: misuse.start })
}

/** 1 for each window of a batch that is known misuse. */
export function markMisuse(misuse: Misuse, keys: WindowKeys): Uint8Array {
  const known = new Set(misuse.token.map((token, i) => `${token} ${misuse.start[i]}`))
  return Uint8Array.from(keys.tokenId, (token, row) =>
    known.has(`${keys.tenantId[row]}/${token} ${keys.windowStart[row]}`) ? 1 : 0,
  )
}

/** 1 for each window of a batch that the detectors may not take for usual: known misuse, and benign triggers. */
export function markUnusual(misuse: Misuse, keys: WindowKeys): Uint8Array {
  const isMisuse = markMisuse(misuse, keys)
  return isMisuse.map((marked, row) =>
    marked === 1 || misuse.setAside.has(`${keys.tenantId[row]}/${keys.tokenId[row]} ${keys.windowStart[row]}`)
      ? 1
      : 0,
  )
}
