import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { heldAmong, openAt, readHeld } from '../../src/pipeline/held.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { judgeAlert } from '../../src/pipeline/triage.ts'
import type { Reason } from '../../src/schema/scores.ts'
import { differences, dump } from '../engine/tiny-world.ts'
import { dayAt, days, type Office, openOffice, takeover } from './office.ts'

const TRAINED = 8
const DEED = 9
const events = () => [
  ...days(0, 12),
  ...takeover(DEED, 4),
  ...takeover(DEED + 1, 4),
  ...takeover(DEED + 2, 4),
]
let office: Office

beforeAll(async () => {
  office = await openOffice(events())
  await train(office.context, { until: dayAt(TRAINED) })
  await score(office.context)
})
afterAll(() => office.world.close())

const deeds = (of: Office) =>
  of.rows<{ score: number; asn_surprise: number }>(
    `SELECT score, asn_surprise FROM scores JOIN features USING (tenant_id, token_id, window_start)
     WHERE token_id = 'token-4' AND hour(window_start) = 3 ORDER BY window_start`,
  )

describe('a takeover that goes on under an alert nobody has judged', () => {
  test('is as surprising on the third day as on the first', async () => {
    const [first, second, third] = await deeds(office)
    expect(second!.asn_surprise).toBeGreaterThan(0.9 * first!.asn_surprise)
    expect(third!.asn_surprise).toBeGreaterThan(0.9 * first!.asn_surprise)
    expect(third!.score).toBeGreaterThan(0.8 * first!.score)
  })

  test('its withheld days are in neither number of what a reason tells of the token itself', async () => {
    const [alert] = await office.rows<{ reasons: string }>(
      `SELECT reasons FROM alerts WHERE token_id = 'token-4' ORDER BY first_seen DESC LIMIT 1`,
    )
    const facts = (JSON.parse(alert!.reasons) as Reason[]).flatMap(reason => reason.facts ?? [])
    const told = facts.find(fact => fact.code === 'unusual_asn')!.frames!.find(one => one.frame === 'self')
    // Eleven days came before; the first two of the takeover are withheld.
    expect(told!.typical).toBe('0 of 9 days')
  })

  test('is seen alike whether the days are scored one at a time or all at once', async () => {
    const other = await openOffice(events())
    await train(other.context, { until: dayAt(TRAINED) })
    for (let day = TRAINED; day < 12; day++)
      await score(other.context, { from: dayAt(day), to: dayAt(day + 1) })
    const { features, alerts } = office.world.workspace
    const theirs = other.world.workspace
    expect(differences(await dump(office.world, features), await dump(other.world, theirs.features))).toEqual(
      [],
    )
    const ids = (rows: Record<string, unknown>[]) => rows.map(row => [row.alert_id, row.risk])
    expect(ids(await dump(other.world, theirs.alerts, 'risk >= 50'))).toEqual(
      ids(await dump(office.world, alerts, 'risk >= 50')),
    )
    other.world.close()
  })

  test('teaches no model: its hours are calibrated on but not fitted on', async () => {
    const held = (await readHeld(office.context)).filter(alert => alert.tokenId === 'token-4')
    expect(held.length).toBeGreaterThanOrEqual(3)
    expect(held.every(alert => !alert.isCleared)).toBe(true)
    const summary = await train(office.context, { name: 'later' })
    expect(summary.excludedWindows).toBe(0)
    expect(summary.heldWindows).toBeGreaterThanOrEqual(3)
  })

  test('is learned from the day after it was cleared', async () => {
    const before = await deeds(office)
    const [alert] = await office.rows<{ alert_id: string }>(
      `SELECT alert_id FROM alerts WHERE token_id = 'token-4' AND risk >= 50 ORDER BY first_seen DESC LIMIT 1 OFFSET 2`,
    )
    const judgement = { verdict: 'benign_trigger', note: null, who: 'dana' } as const
    // Judged on the second day of the deed: known on the third, and not before.
    await judgeAlert({ ...office.context, now: dayAt(DEED + 1, 12) }, alert!.alert_id, judgement)
    await score(office.context, { from: dayAt(TRAINED) })
    const after = await deeds(office)
    expect(after[1]).toEqual(before[1])
    expect(after[2]!.asn_surprise).toBeLessThan(0.8 * before[2]!.asn_surprise)
  })
})

describe('what holds', () => {
  const alertAt = (day: string, risk: number, alertId = `${day} ${risk}`) => {
    const firstSeen = Date.parse(`${day}T10:00:00Z`)
    return {
      alertId,
      tenantId: 't',
      tokenId: `token ${risk}`,
      day,
      firstSeen,
      lastSeen: firstSeen + 3_600_000,
      risk,
    }
  }
  const bounds = { perDay: 2, days: 14 }

  test('are the riskiest alerts of each day, no more than its bound, none below the line', () => {
    const alerts = [
      alertAt('2026-09-01', 60),
      alertAt('2026-09-01', 90),
      alertAt('2026-09-01', 70),
      alertAt('2026-09-02', 49),
    ]
    const held = heldAmong(alerts, new Map(), bounds)
    expect(held.map(one => one.tokenId)).toEqual(['token 90', 'token 70'])
  })

  test('until a verdict clears it, or for as long as the bound says', () => {
    const [open, cleared] = heldAmong(
      [alertAt('2026-09-01', 90), alertAt('2026-09-02', 80, 'judged')],
      new Map([['judged', '2026-09-05']]),
      bounds,
    )
    expect(open).toMatchObject({ until: '2026-09-15', isCleared: false })
    expect(cleared).toMatchObject({ until: '2026-09-05', isCleared: true })
    const at = (time: string) => openAt([open!, cleared!], new Date(time)).map(one => one.tokenId)
    expect(at('2026-09-15T23:00:00Z')).toEqual(['token 90'])
    expect(at('2026-09-16T00:00:00Z')).toEqual([])
    expect(at('2026-09-01T00:00:00Z')).toEqual([])
  })
})
