import { expect, test } from 'vitest'
import { createGaps } from '../../src/features/relations/gaps.ts'
import { createRandom } from '../../src/lib/random.ts'
import { openEngine } from '../../src/sql/duckdb.ts'

const TENANTS = 300
/** Four whole weeks and two days; the last one is looked at. */
const DAYS = 30
const DAY = '2026-03-31'

/**
 * Tenants whose hours have events by chance, each hour apart: none of their silences is a gap. The share of the hours with events
 * is where the rule errs most: hours that are nearly always busy.
 */
test.each([0.5, 0.8, 0.9, 0.96, 0.99])('hours busy with chance %d make no gaps', async busy => {
  const engine = await openEngine({ threads: 1 })
  const random = createRandom(7).fork(String(busy))
  const [tenant, day, hour]: [number[], number[], number[]] = [[], [], []]
  for (let t = 1; t <= TENANTS; t++) {
    for (let d = 0; d <= DAYS; d++) {
      for (let h = 0; h < 24; h++) {
        if (random.next() >= busy) continue
        tenant.push(t)
        day.push(d)
        hour.push(h)
      }
    }
  }
  await engine.load('beat', {
    tenant: Float64Array.from(tenant),
    day: Float64Array.from(day),
    hour: Float64Array.from(hour),
  })
  await engine.run(`
CREATE TEMP TABLE log_pulse AS SELECT DATE '${DAY}' - (${DAYS} - day::INTEGER) AS day, tenant::UBIGINT AS tenant, hour::TINYINT AS hour
FROM beat WHERE day < ${DAYS};
CREATE TEMP TABLE missing (tenant UBIGINT, hour TIMESTAMP);
CREATE TEMP TABLE w AS SELECT tenant::UBIGINT AS tok, tenant::UBIGINT AS tenant, tenant::VARCHAR AS tenant_id,
  DATE '${DAY}' + to_hours(hour::INTEGER) AS window_start, NULL::TIMESTAMP AS previous_time, NULL::DOUBLE AS gap_hours
FROM beat WHERE day = ${DAYS}`)
  await createGaps(engine, DAY)
  const [found] = await engine.rows<{ n: number }>('SELECT count(*) AS n FROM add_gaps WHERE tenant > 0')
  // One silence in a thousand at most; a day has up to a dozen of them.
  expect(found!.n).toBeLessThanOrEqual(TENANTS * 12 * 0.001)
  engine.close()
})
