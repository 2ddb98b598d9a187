import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addEvents, bringUpToDate, openTinyWorld, type TinyWorld } from '../engine/tiny-world.ts'
import { INTENSITIES, playCast } from './cast.ts'
import { type Judged, judgeDeeds } from './judge-deeds.ts'
import { type Scenario, SIDES, type Side, tenantOf } from './scenario.ts'

/** Nats by which an attack must stand out: a factor of seven in how often chance alone does it. */
const MARGIN = 2

/** The same of an attack at the owner's pace, which need not stand out from the twin. */
const FAINT_MARGIN = 1

/** Nats by which a harder attack may give less evidence than a fainter one: counts are told in bins of a quarter octave. */
const TOLERANCE = 0.5

/** Facts whose usual value is a whole distribution: told as unlike most token-hours. */
const WITHOUT_TYPICAL = ['regularity', 'operation_entropy', 'object_entropy']

/**
 * Plays every scenario in one world, each intensity of the attack and the benign twin in tenants of their own, and holds the
 * detector's evidence in the hour of the deed against the twin's and against the hero's usual hours.
 */
export function playScenarios(scenarios: readonly Scenario[]): void {
  let world: TinyWorld
  let judged: (scenario: Scenario, side: Side) => Judged

  beforeAll(async () => {
    world = await openTinyWorld(2)
    const sides = scenarios.flatMap(scenario => SIDES.map(side => ({ scenario, side })))
    const events = sides.flatMap(({ scenario, side }, number) =>
      playCast({ name: tenantOf(scenario, side), number }, cast =>
        side === 'twin' ? scenario.twin(cast) : scenario.attack(cast, side),
      ),
    )
    await addEvents(
      world,
      events.map((event, i) => ({ ...event, event_id: String(i) })),
    )
    await bringUpToDate(world)
    judged = await judgeDeeds(world, scenarios)
  })
  afterAll(() => world.close())

  describe.each(scenarios.map(scenario => [scenario.misuse, scenario] as const))('%s', (_, scenario) => {
    test.each(['loud', 'plain'] as const)(`%s, stands out, unlike ${scenario.benign}`, intensity => {
      const attack = judged(scenario, intensity)
      const twin = judged(scenario, 'twin')
      const told = `${attack.told}\n${twin.told}`
      expect(attack.deed, told).toBeGreaterThan(attack.usual + MARGIN)
      expect(attack.deed, told).toBeGreaterThan(twin.deed + MARGIN)
    })

    test('faint, is above its usual hours', () => {
      const { deed, usual, told } = judged(scenario, 'faint')
      expect(deed, told).toBeGreaterThan(usual + FAINT_MARGIN)
    })

    test('loud, scores above the twin', () => {
      const [attack, twin] = [judged(scenario, 'loud'), judged(scenario, 'twin')]
      expect(attack.score, `${attack.told}\n${twin.told}`).toBeGreaterThan(twin.score)
    })

    test('the harder, the more evidence', () => {
      const [loud, plain, faint] = INTENSITIES.map(intensity => judged(scenario, intensity))
      const told = `${loud!.told}\n${plain!.told}\n${faint!.told}`
      expect(loud!.deed, told).toBeGreaterThanOrEqual(plain!.deed - TOLERANCE)
      expect(plain!.deed, told).toBeGreaterThanOrEqual(faint!.deed - TOLERANCE)
    })

    test.each(INTENSITIES)('%s, is named with what is usual and events', intensity => {
      const { reasons, told } = judged(scenario, intensity)
      const codes = scenario.named ?? [scenario.detector]
      const naming = reasons.slice(0, scenario.within ?? 1).find(reason => codes.includes(reason.code))
      expect(naming, told).toBeDefined()
      expect(naming!.events!.length, told).toBeGreaterThan(0)
      expect(naming!.facts!.length, told).toBeGreaterThan(0)
      for (const { feature, actual, typical } of [naming!, ...naming!.facts!]) {
        if (WITHOUT_TYPICAL.includes(feature)) continue
        expect(actual, `${feature}\n${told}`).not.toBeNull()
        expect(typical, `${feature}\n${told}`).not.toBeNull()
        expect(typical, `${feature}\n${told}`).not.toBe(actual)
      }
    })
  })
}
