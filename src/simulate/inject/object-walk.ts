import { activeDays, amount, burst, by, denied, forObject, ownTimeOfDay, underVictim } from './kit.ts'
import { HOUR, type InjectedAttack } from './model.ts'
import { foreignObjects, readingTemplate } from './objects.ts'
import { rentedOrigin } from './places.ts'

/**
 * BOLA (OWASP API1:2023): an operation that the victim uses, over objects of others, ids seen in the log or next to them. Loud: in
 * order, a second apart, from a rented network, a third refused. Medium: shuffled, half a minute apart, from the victim's network, an
 * eighth refused. Quiet: a few over a day of the victim's hours, one in twenty refused.
 */
export const objectWalk: InjectedAttack = {
  name: 'object_walk',
  doc: "an operation of the victim's over objects of others",
  donors: 0,
  missing: log => (log.has.has('resource_id') ? null : 'the log names no objects (resource_id)'),
  plan(scene) {
    const { random } = scene
    const template = readingTemplate(scene, random)
    if (template === undefined) return { skipped: 'the victim reads no single objects' }
    const days = activeDays(scene)
    if (days.length === 0) return { skipped: 'the victim has no traffic in the period' }
    const wanted = amount(scene, by(scene, 4, 1.5, 0.5), by(scene, 120, 40, 8), by(scene, 400, 120, 30))
    const ids = foreignObjects(scene, template, wanted, scene.intensity === 'loud')
    if (ids.length < by(scene, 20, 10, 4))
      return { skipped: `the log shows only ${ids.length} objects of the kind that the victim does not know` }
    const day = random.pick(days)
    const times =
      scene.intensity === 'quiet'
        ? ids.map(() => day + ownTimeOfDay(scene)).sort((a, b) => a - b)
        : burst(scene, day + ownTimeOfDay(scene), ids.length, by(scene, 1000, 30_000, HOUR))
    const share = by(scene, 0.33, 0.12, 0.05)
    const origin = scene.intensity === 'loud' ? rentedOrigin(scene) : undefined
    // Sizes and durations as the operation has them, not one answer over and over.
    const answers = [...scene.victim.rows, ...scene.others].filter(
      row =>
        row.operation === template.operation && row.status === template.status && row.resource_id !== null,
    )
    return {
      events: times.map((time, i) => {
        const { request_bytes, response_bytes, latency_ms } = random.pick(answers)
        const request = forObject({ ...template, request_bytes, response_bytes, latency_ms }, ids[i]!)
        const refused = random.chance(share)
        return underVictim(
          scene,
          refused ? denied(scene, request, random.chance(0.5) ? 403 : 404) : request,
          time,
          { origin },
        )
      }),
    }
  },
}
