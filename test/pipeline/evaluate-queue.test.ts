import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { evaluate } from '../../src/pipeline/evaluate.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { ALERT_COLUMNS } from '../../src/schema/scores.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { partition, publishQuery } from '../../src/sql/workspace.ts'
import { type Hour, writeCsv, writeWorkspace } from './evaluate-fixture.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
})
afterAll(() => engine.close())

const FIRST = '2026-01-02'
const SECOND = '2026-01-03'

/** Two days of tokens a-d; misuse: one incident of a (both days) and b, another of c on the second day. */
const hours: Hour[] = [FIRST, SECOND].flatMap(day =>
  ['a', 'b', 'c', 'd'].map((token, t) => ({ token, at: `${day}T10`, score: 9 - t })),
)
const labels = [
  { event_id: `a@${FIRST}T10#0`, incident_id: 'one', attack_type: 'token_stuffing' },
  { event_id: `b@${FIRST}T10#0`, incident_id: 'one', attack_type: 'token_stuffing' },
  { event_id: `a@${SECOND}T10#0`, incident_id: 'one', attack_type: 'token_stuffing' },
  { event_id: `c@${SECOND}T10#0`, incident_id: 'two', attack_type: 'exfiltration' },
]
/** [token, day, risk, folded into, status] */
const raised: [string, string, number, string | null, string][] = [
  ['a', FIRST, 95, null, 'new'],
  ['b', FIRST, 90, 'a-1', 'new'],
  ['a', SECOND, 90, 'a-1', 'new'],
  ['d', FIRST, 80, null, 'new'],
  ['b', SECOND, 75, null, 'suppressed'],
  ['c', SECOND, 70, null, 'new'],
  ['d', SECOND, 60, null, 'new'],
]

test('the queue spends a budget on each fact once: repeats and what is held back cost nothing', async () => {
  const workspace = await writeWorkspace(engine, hours)
  for (const day of [FIRST, SECOND]) {
    const rows = raised.filter(([, on]) => on === day)
    await engine.load('raw', {
      alert_id: rows.map(([token, on]) => `${token}-${on === FIRST ? 1 : 2}`),
      tenant_id: rows.map(() => 't'),
      token_id: rows.map(([token]) => token),
      first_seen: rows.map(() => `${day} 10:00:00`),
      risk: rows.map(([, , risk]) => String(risk)),
      folded_into: rows.map(([, , , lead]) => lead),
      status: rows.map(([, , , , status]) => status),
      shown: rows.map(([, , , , status]) => (status === 'new' ? 'queue' : 'suppressed')),
    })
    const given = [
      'alert_id',
      'tenant_id',
      'token_id',
      'first_seen',
      'risk',
      'folded_into',
      'status',
      'shown',
    ]
    const list = ALERT_COLUMNS.map(
      ({ name, type }) => `${given.includes(name) ? name : 'NULL'}::${type} AS ${name}`,
    )
    await publishQuery(
      engine,
      `SELECT ${list.join(', ')} FROM raw`,
      join(partition(workspace.alerts, day), 'alerts.parquet'),
    )
  }
  const context = { engine, workspace, progress: silentProgress, now: new Date('2026-01-10T00:00:00Z') }
  const { queue } = await evaluate(context, {
    labels: writeCsv(join(workspace.root, 'labels.csv'), labels),
    budgets: [0.5, 1, 1.5, 3],
    baselines: false,
  })
  // By score the four best token-days are a, a, b, b: the second incident is not among them.
  expect(queue).toEqual([
    { perDay: 0.5, alerts: 1, truePositives: 1, incidentsFound: 1 },
    { perDay: 1, alerts: 2, truePositives: 1, incidentsFound: 1 },
    { perDay: 1.5, alerts: 3, truePositives: 2, incidentsFound: 2 },
  ])
})
