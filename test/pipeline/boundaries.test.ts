import { expect, test } from 'vitest'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import type { TinyEvent } from '../engine/tiny-world.ts'
import { dayAt, days, openOffice, takeover } from './office.ts'

const DEED = 9
const MINUTE_MS = 60_000

/** Highest token-days of the scored days, the same deeds being so many minutes later. */
async function ranked(minutes: number): Promise<{ token_id: string; score: number; isAlert: boolean }[]> {
  const shifted = (events: readonly TinyEvent[]) =>
    events.map(event => ({ ...event, time: Number(event.time) + minutes * MINUTE_MS }))
  const office = await openOffice(shifted([...days(0, 10), ...takeover(DEED, 4), ...takeover(DEED, 5)]))
  try {
    await train(office.context, { until: dayAt(8) })
    await score(office.context)
    return await office.rows(`
      SELECT token_id, max(score) AS score, max(risk) >= 50 AS "isAlert" FROM scores
      WHERE window_start::DATE = DATE '2026-03-11' GROUP BY token_id ORDER BY score DESC`)
  } finally {
    office.world.close()
  }
}

test('a deed cut in two by the hour leads the day by as much as one within an hour', async () => {
  // Forty calls in forty minutes from 3:00 on; thirty minutes later, a third of them falls into the next hour.
  const [whole, cut] = [await ranked(0), await ranked(30)]
  const names = (rows: { token_id: string }[]) => rows.slice(0, 2).map(row => row.token_id)
  expect(names(cut).sort()).toEqual(['token-4', 'token-5'])
  expect(names(whole).sort()).toEqual(names(cut).sort())
  for (const rows of [whole, cut]) {
    expect(rows[0]!.isAlert).toBe(true)
    expect(rows[1]!.score).toBeGreaterThan(3 * rows[2]!.score)
  }
  expect(Math.abs(cut[0]!.score / whole[0]!.score - 1)).toBeLessThan(0.15)
})
