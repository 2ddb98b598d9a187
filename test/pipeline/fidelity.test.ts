import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../src/lib/random.ts'
import { readBatch } from '../../src/pipeline/batch.ts'
import { explain } from '../../src/pipeline/explain.ts'
import { explainer } from '../../src/pipeline/explain-rows.ts'
import { readFacts } from '../../src/pipeline/facts.ts'
import { deletionMeasure, typicalOf } from '../../src/pipeline/fidelity.ts'
import { loadModel, type Model, showModel } from '../../src/pipeline/models.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { listAlerts } from '../../src/pipeline/triage.ts'
import { scoreWindows } from '../../src/scoring.ts'
import { dayAt, days, type Office, openOffice, takeover } from './office.ts'

let office: Office
let model: Model

beforeAll(async () => {
  office = await openOffice([...days(0, 10), ...takeover(9, 4)])
  await train(office.context, { until: dayAt(8) })
  await score(office.context)
  model = await loadModel(office.world.workspace)
}, 60_000)
afterAll(() => office.world.close())

describe('fidelity', () => {
  test('is in the manifest, in its bounds, and the same for the same data and seed', async () => {
    const { explanations } = showModel(office.world.workspace, 'default@1')
    expect(explanations!.deletions.map(one => one.reasons)).toEqual([1, 2, 3])
    const lost = explanations!.deletions.map(one => one.comprehensiveness)
    expect(lost).toEqual(lost.toSorted((a, b) => a - b))
    expect(explanations!.stability).toBeGreaterThan(0)
    expect(explanations!.stability).toBeLessThanOrEqual(1)
    await train(office.context, { until: dayAt(8), name: 'again' })
    expect(showModel(office.world.workspace, 'again@1').explanations).toEqual(explanations)
  }, 60_000)

  test('of a takeover: what is named made the score, what is drawn at random did not', async () => {
    const { engine, workspace } = office.world
    const batch = await readBatch(engine, workspace, ['2026-03-11'], {
      where: `token_id = 'token-4' AND hour(window_start) = 3`,
    })
    const reference = await readBatch(engine, workspace, ['2026-03-08', '2026-03-09'])
    const facts = await readFacts(engine, workspace, ['2026-03-11'], batch, [0])
    const scored = scoreWindows(model.detectors, batch)
    const reasons = explainer(model.detectors, batch, scored)(0, facts[0]!)
    const measure = (limit: number) =>
      deletionMeasure(
        model.detectors,
        typicalOf(reference.features),
        batch,
      )({
        reasons: [reasons.slice(0, limit)],
        facts,
        budgetPerDay: 0.5,
        random: createRandom(1),
      })
    const three = measure(3)
    expect(three.comprehensiveness).toBeGreaterThan(three.randomComprehensiveness)
    expect(three.sufficiency).toBeGreaterThan(three.randomSufficiency)
    // A reason names six facts at most: what is spread over more is named in part.
    expect(measure(reasons.length).comprehensiveness).toBeGreaterThan(0.75)
    // Naming nothing deletes nothing and keeps nothing.
    expect(measure(0)).toMatchObject({
      features: 0,
      comprehensiveness: 0,
      sufficiency: 0,
      randomSufficiency: 0,
    })
  })
})

describe('reasons of alerts and explanations', () => {
  test('name their events and what is usual for the token, its role and its tenant', async () => {
    const [alert] = await listAlerts(office.context)
    expect(alert!.tokenId).toBe('token-4')
    const facts = alert!.reasons.flatMap(reason => reason.facts!)
    const deletes = facts.find(fact => fact.code === 'unusual_deletes')
    expect(deletes).toMatchObject({
      actual: 40,
      frames: [
        { frame: 'self', typical: 0, highest: 0 },
        { frame: 'peer', typical: 0, highest: 0 },
        { frame: 'tenant', typical: 0, highest: 0 },
      ],
    })
    // Token 4 is one of eight analysts of twelve tokens; nobody ever called from there.
    const network = facts.find(fact => ['unusual_asn', 'unusual_net', 'unusual_country'].includes(fact.code))
    expect(network!.frames!.map(frame => frame.typical)).toEqual([
      '0 of 9 days',
      '0 of 7 tokens',
      '0 of 11 tokens',
    ])
    for (const reason of alert!.reasons) {
      expect(reason.events!.length).toBeGreaterThan(0)
      for (const id of reason.events!) expect(id).toMatch(/^takeover-9-4-/)
    }
    expect(alert!.evidence.slice(0, 5)).toEqual(alert!.reasons[0]!.events)
    const denied = alert!.reasons.find(reason => reason.facts![0]!.code === 'unusual_denied')
    // Every second call was denied.
    for (const id of denied?.events ?? []) expect(Number(id.split('-').at(-1)) % 2).toBe(0)
  })

  test('are given by explain even where score saw nothing to explain', async () => {
    const [quiet] = await office.rows<{ token_id: string; window_start: Date; score: number }>(
      `SELECT token_id, window_start, score FROM scores WHERE risk < 15 AND reasons = '[]' AND score > 0 ORDER BY score DESC, token_id LIMIT 1`,
    )
    const told = await explain(office.context, { tokenId: quiet!.token_id, window: quiet!.window_start })
    expect(told.reasons.length).toBeGreaterThan(0)
    expect(told.reasons[0]!.events!.length).toBeGreaterThan(0)
  })
})
