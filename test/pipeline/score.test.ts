import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBatch, selectWindows } from '../../src/pipeline/batch.ts'
import { explain } from '../../src/pipeline/explain.ts'
import { loadModel } from '../../src/pipeline/models.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import type { Reason } from '../../src/schema/scores.ts'
import { DETECTOR_NAMES, scoreWindows } from '../../src/scoring.ts'
import { withState } from '../../src/state/state.ts'
import { addSuppression, listSuppressions } from '../../src/state/suppressions.ts'
import { addEvents, differences, dump } from '../engine/tiny-world.ts'
import { dayAt, days, type Office, officeCall, openOffice, takeover } from './office.ts'

const TRAINED = 8
let office: Office

beforeAll(async () => {
  office = await openOffice([...days(0, 10), ...takeover(9, 4), ...takeover(9, 5)])
  await train(office.context, { until: dayAt(TRAINED) })
})
afterAll(() => office.world.close())

const scores = () => dump(office.world, office.world.workspace.scores)
const alerts = () => dump(office.world, office.world.workspace.alerts)

/** Token-hours with traffic and without exactly one score, from a moment on. */
async function unscored(from: Date): Promise<unknown[]> {
  return office.rows(`
    SELECT * FROM (SELECT DISTINCT tenant_id, token_id, date_trunc('hour', time)::TIMESTAMP_MS AS window_start FROM events
                   WHERE time >= TIMESTAMP '${from.toISOString().slice(0, 19)}') traffic
    FULL JOIN (SELECT tenant_id, token_id, window_start, count(*) AS n FROM scores GROUP BY ALL) scored
    USING (tenant_id, token_id, window_start) WHERE n IS DISTINCT FROM 1`)
}

describe('score', () => {
  test('begins after the training period, goes on where it ended, and leaves no hour out', async () => {
    const first = await score(office.context, { to: dayAt(9) })
    expect(first).toMatchObject({ from: dayAt(TRAINED), to: dayAt(9), days: 1, windows: 36, tokens: 12 })
    const second = await score(office.context)
    expect(second).toMatchObject({ from: dayAt(9), to: dayAt(10) })
    expect(await unscored(dayAt(TRAINED))).toEqual([])
    expect((await scores()).length).toBe(2 * 36 + 2)
  })

  test('goes on with a new day', async () => {
    await addEvents(office.world, days(10, 11))
    expect(await score(office.context)).toMatchObject({ to: dayAt(11) })
    expect(await unscored(dayAt(TRAINED))).toEqual([])
  })

  test('has nothing to do when nothing is new, and is content', async () => {
    const before = await scores()
    await score(office.context)
    expect(differences(before, await scores())).toEqual([])
  })

  test('is content, too, when the last hour scored was the last of its day', async () => {
    await addEvents(office.world, [officeCall(10, 3, 23, 0)], 'evening')
    expect(await score(office.context)).toMatchObject({ to: dayAt(11) })
    expect(await score(office.context)).toMatchObject({ from: dayAt(11), days: 0, windows: 0, alerts: 0 })
  })

  test('the same period again gives the same scores and the same alerts', async () => {
    const [before, raised] = [await scores(), await alerts()]
    await score(office.context, { from: dayAt(TRAINED) })
    expect(differences(before, await scores())).toEqual([])
    expect(differences(raised, await alerts())).toEqual([])
  })

  test('part of a day changes nothing of the rest of it', async () => {
    const [before, raised] = [await scores(), await alerts()]
    await score(office.context, { from: dayAt(9, 11), to: dayAt(10) })
    expect(differences(before, await scores())).toEqual([])
    await score(office.context, { from: dayAt(9), to: dayAt(9, 10) })
    expect(differences(before, await scores())).toEqual([])
    expect(differences(raised, await alerts())).toEqual([])
  })

  test('an hour that a late event opens is scored when its day is', async () => {
    await addEvents(office.world, [officeCall(10, 3, 20, 0)], 'late')
    await score(office.context, { from: dayAt(10) })
    expect(await unscored(dayAt(TRAINED))).toEqual([])
  })

  test('a period without events is refused when it was asked for', async () => {
    await expect(score(office.context, { from: dayAt(50) })).rejects.toMatchObject({ code: 'bad-input' })
  })
})

describe('what is published', () => {
  test('the takeovers lead, far above everything else', async () => {
    const top = await office.rows<{ token_id: string; window_start: Date }>(
      'SELECT token_id, window_start FROM scores ORDER BY score DESC LIMIT 2',
    )
    expect(top.map(row => row.token_id).sort()).toEqual(['token-4', 'token-5'])
    for (const row of top) expect(row.window_start).toEqual(dayAt(9, 3))
  })

  test('day by day, row by row or all at once: the same bits', async () => {
    const { detectors } = await loadModel(office.world.workspace)
    const { engine, workspace } = office.world
    const names = ['2026-03-10', '2026-03-11']
    const batch = await readBatch(engine, workspace, names)
    const whole = scoreWindows(detectors, batch)
    const check = (rows: number[], part: typeof whole) => {
      expect([...part.score]).toEqual(rows.map(row => whole.score[row]))
      expect([...part.alertsPerDay]).toEqual(rows.map(row => whole.alertsPerDay[row]))
      rows.forEach((row, i) => {
        const cells = (scored: typeof whole, r: number) => [
          ...scored.evidence.data.subarray(r * scored.evidence.cols, (r + 1) * scored.evidence.cols),
        ]
        expect(cells(part, i)).toEqual(cells(whole, row))
        expect(part.worstItem[i]).toBe(whole.worstItem[row])
      })
    }
    const every = [...Array(batch.features.rows).keys()]
    const ofDay = (name: string) =>
      every.filter(row => new Date(batch.keys.windowStart[row]!).toISOString().startsWith(name))
    for (const name of names)
      check(ofDay(name), scoreWindows(detectors, await readBatch(engine, workspace, [name])))
    for (const row of [0, 17, every.length - 1])
      check(
        [row],
        scoreWindows(
          detectors,
          selectWindows(batch, one => one === row),
        ),
      )

    const published = await office.rows<{ score: number }>(
      `SELECT score FROM scores WHERE window_start < TIMESTAMP '${dayAt(10).toISOString().slice(0, 19)}'
       ORDER BY window_start, tenant_id, token_id`,
    )
    expect(published.map(row => row.score)).toEqual([...whole.score])
  })

  test('an explanation says what was published', async () => {
    const [row] = await office.rows<Record<string, number | string>>(
      'SELECT * FROM scores ORDER BY score DESC, token_id LIMIT 1',
    )
    const told = await explain(office.context, { tokenId: String(row!.token_id), window: dayAt(9, 3) })
    expect(told).toMatchObject({
      score: row!.score,
      risk: row!.risk,
      severity: row!.severity,
      model: 'default@1',
    })
    expect(told.detectors).toHaveLength(DETECTOR_NAMES.length)
    for (const { detector, nats } of told.detectors) expect(nats, detector).toBe(row![`detector_${detector}`])
    const reasons = JSON.parse(String(row!.reasons)) as Reason[]
    // Frames and events are gathered for alerts and explanations only.
    const plain = told.reasons.map(({ events: _, frames: __, facts, ...reason }) => ({
      ...reason,
      facts: facts!.map(({ frames: ___, ...fact }) => fact),
    }))
    expect(plain.slice(0, reasons.length)).toEqual(reasons)
    expect(reasons.length).toBeGreaterThan(2)
  })

  test('explaining an hour without a score names the token and how to find its hours', async () => {
    await expect(explain(office.context, { tokenId: 'token-1', window: dayAt(9, 5) })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/token-1.*2026-03-11T05:00/),
    })
  })

  test('alerts name events of their token and hours', async () => {
    const raised = (await alerts()).filter(alert => ['token-4', 'token-5'].includes(String(alert.token_id)))
    expect(raised).toHaveLength(2)
    for (const alert of raised) {
      const evidence = JSON.parse(String(alert.evidence)) as string[]
      expect(evidence.length).toBeGreaterThan(0)
      const found = await office.rows<{ token_id: string; time: Date }>(
        `SELECT token_id, time FROM events WHERE event_id IN (${evidence.map(id => `'${id}'`).join(', ')})`,
      )
      expect(found).toHaveLength(evidence.length)
      for (const event of found) {
        expect(event.token_id).toBe(alert.token_id)
        expect(event.time >= (alert.first_seen as Date) && event.time < (alert.last_seen as Date)).toBe(true)
      }
    }
  })
})

describe('a suppression', () => {
  test('holds an alert back with the reason, and counts it once however often the day is scored', async () => {
    const { workspace } = office.world
    const id = await withState(workspace, state =>
      addSuppression(state, {
        tokenId: 'token-4',
        because: 'a drill',
        owner: 'dana',
        createdAt: dayAt(29),
        expiresAt: dayAt(40),
      }),
    )
    const hits = () => withState(workspace, async state => (await listSuppressions(state))[0]!.hits)
    for (let run = 0; run < 2; run++) {
      const { suppressed } = await score(office.context, { from: dayAt(9), to: dayAt(10) })
      expect(suppressed).toBe(1)
      expect(await hits()).toBe(1)
    }
    const held = (await alerts()).filter(alert => alert.status === 'suppressed')
    expect(held.map(alert => [alert.token_id, alert.suppressed_because])).toEqual([
      ['token-4', `suppression ${id} by dana: a drill`],
    ])
  })

  test('that has expired holds nothing back', async () => {
    const later = { ...office.context, now: dayAt(41) }
    expect(await score(later, { from: dayAt(9), to: dayAt(10) })).toMatchObject({ suppressed: 0 })
  })
})
