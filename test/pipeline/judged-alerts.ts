import { join } from 'node:path'
import type { Shown, Verdict } from '../../src/schema/labels.ts'
import { ALERT_COLUMNS, SCORE_COLUMNS } from '../../src/schema/scores.ts'
import { dayOf, partition, publishQuery } from '../../src/sql/workspace.ts'
import { withState } from '../../src/state/state.ts'
import { recordVerdict } from '../../src/state/verdicts.ts'
import { HOUR_MS, momentOf, openTinyWorld, type TinyWorld } from '../engine/tiny-world.ts'

interface GivenAlert {
  readonly id: string
  /** UTC. */
  readonly at: string
  readonly shown?: Shown
  /** The last one counts. */
  readonly verdicts?: readonly Verdict[]
}

const [TRUE, FALSE, BENIGN, SAME] = [
  'true_positive',
  'false_positive',
  'benign_trigger',
  'duplicate',
] as const

/** Mondays are the 5th, 12th and 19th. Each alert is of a token named after it. */
const ALERTS: readonly GivenAlert[] = [
  { id: 'a1', at: '2026-10-05T01:00', verdicts: [FALSE, TRUE] },
  { id: 'a2', at: '2026-10-05T02:00', verdicts: [TRUE] },
  { id: 'a3', at: '2026-10-06T02:00', verdicts: [FALSE] },
  { id: 'a4', at: '2026-10-06T03:00' },
  { id: 'a5', at: '2026-10-06T04:00', verdicts: [SAME] },
  { id: 's1', at: '2026-10-05T05:00', shown: 'sampled', verdicts: [TRUE] },
  { id: 's2', at: '2026-10-06T05:00', shown: 'sampled', verdicts: [BENIGN] },
  { id: 'h1', at: '2026-10-06T06:00', shown: 'suppressed' },
  { id: 'h2', at: '2026-10-06T07:00', shown: 'suppressed' },
  { id: 'e1', at: '2026-10-06T08:00', shown: 'explored', verdicts: [FALSE] },
  // The last hour of the second week.
  { id: 'b1', at: '2026-10-18T23:00', verdicts: [BENIGN] },
]
/** Scored, without an alert. */
const QUIET = ['2026-10-06T09:00', '2026-10-14T09:00', '2026-10-19T00:00']

type Row = Record<string, string | number | null>

/** Publishes rows as a table partitioned by the day of `at`, ms; columns that a row lacks are null. */
export async function publishRows(
  { engine }: TinyWorld,
  folder: string,
  file: string,
  columns: readonly { readonly name: string; readonly type: string }[],
  rows: readonly (Row & { at: number })[],
): Promise<void> {
  for (const day of new Set(rows.map(row => dayOf(new Date(row.at))))) {
    const ofDay = rows.filter(row => dayOf(new Date(row.at)) === day)
    await engine.load('rows', {
      ...Object.fromEntries(
        columns.map(({ name }) => [name, ofDay.map(row => (row[name] == null ? null : String(row[name])))]),
      ),
    })
    const list = columns.map(({ name, type }) =>
      type === 'TIMESTAMP_MS' ? `epoch_ms(${name}::BIGINT) AS ${name}` : `${name}::${type} AS ${name}`,
    )
    await publishQuery(engine, `SELECT ${list.join(', ')} FROM rows`, join(partition(folder, day), file))
  }
}

/** A workspace with the alerts and verdicts above, and scores of their hours and of three quiet ones. */
export async function openJudged(): Promise<TinyWorld> {
  const world = await openTinyWorld()
  const { workspace } = world
  const rows = ALERTS.map(({ id, at, shown = 'queue' }) => ({
    at: momentOf(at),
    alert_id: id,
    tenant_id: 'acme',
    token_id: `token-${id}`,
    first_seen: momentOf(at),
    last_seen: momentOf(at) + HOUR_MS,
    severity: 'medium',
    risk: 60,
    score: 7,
    title: `Use from a new place by ${id}`,
    status: shown === 'suppressed' ? 'suppressed' : 'new',
    shown,
  }))
  await publishRows(world, workspace.alerts, 'alerts.parquet', ALERT_COLUMNS, rows)
  const scored = [...rows, ...QUIET.map(at => ({ at: momentOf(at), tenant_id: 'acme', token_id: 'token-x' }))]
  await publishRows(
    world,
    workspace.scores,
    'scores.parquet',
    SCORE_COLUMNS,
    scored.map(row => ({ ...row, window_start: row.at, window_end: row.at + HOUR_MS })),
  )
  await withState(workspace, async state => {
    for (const { id, verdicts = [], shown = 'queue' } of ALERTS) {
      for (const verdict of verdicts)
        await recordVerdict(state, {
          alertId: id,
          verdict,
          shown,
          note: null,
          who: 'ann',
          at: new Date('2026-10-20T00:00:00Z'),
          tenantId: 'acme',
          tokenId: `token-${id}`,
          reasonCode: null,
        })
    }
  })
  return world
}
