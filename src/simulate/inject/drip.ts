import { by, forObject, isRead, ownTimeOfDay, paceOf, strangeTimeOfDay, underVictim } from './kit.ts'
import { DAY, type EventRow, type InjectedAttack } from './model.ts'
import { foreignObjects, isSuccess, readingTemplate } from './objects.ts'
import { rentedOrigin } from './places.ts'

/** Longest drip, days. */
const LONGEST = 21
/** Shorter is no drip. */
const SHORTEST = 5
const MOST_A_DAY = 40

/**
 * Exfiltration over weeks: every day some more reads, of objects that the victim never touched where the log names objects, else of
 * its own largest answers. Loud: as much again as the victim does, at night, from one rented network. Medium: 40 % of its pace, from
 * its network, in its hours. Quiet: a tenth, the small hours of its own pace.
 */
export const drip: InjectedAttack = {
  name: 'drip',
  doc: "a few more reads every day for weeks, of objects that are not the victim's",
  donors: 0,
  missing: log =>
    log.to - log.from >= SHORTEST * DAY
      ? null
      : `the period is shorter than ${SHORTEST} days; begin earlier with --from`,
  plan(scene) {
    const { random, log, victim } = scene
    const template = readingTemplate(scene, random)
    const reads = victim.rows.filter(row => isRead(row) && isSuccess(row))
    if (reads.length < 3) return { skipped: 'the victim reads too little to hide reads among' }
    const span = Math.min(LONGEST, Math.floor((log.to - log.from) / DAY))
    const first = log.from + random.int(Math.floor((log.to - log.from) / DAY) - span + 1) * DAY
    const perDay = Math.min(
      MOST_A_DAY,
      Math.max(by(scene, 10, 4, 1), paceOf(victim) * by(scene, 1, 0.4, 0.1)),
    )
    const ids =
      template === undefined ? [] : foreignObjects(scene, template, Math.ceil(perDay * span * 1.3), false)
    const answers = largest([...victim.rows, ...scene.others], template ?? random.pick(reads))
    const origin = scene.intensity === 'loud' ? rentedOrigin(scene) : undefined
    const night = strangeTimeOfDay(scene)
    const events: EventRow[] = []
    let used = 0
    for (let d = 0; d < span; d++) {
      for (let left = random.poisson(perDay); left > 0; left--) {
        const within =
          scene.intensity === 'loud' ? (night + random.uniform(0, 2 * 3_600_000)) % DAY : ownTimeOfDay(scene)
        const base = template === undefined || ids.length === 0 ? random.pick(reads) : template
        const answer = answers.length > 0 && base === template ? random.pick(answers) : base
        const { request_bytes, response_bytes, latency_ms } = answer
        const request = { ...base, request_bytes, response_bytes, latency_ms }
        const object = base === template ? ids[used++ % ids.length]! : undefined
        events.push(
          underVictim(
            scene,
            object === undefined ? request : forObject(request, object),
            first + d * DAY + within,
            {
              origin,
            },
          ),
        )
      }
    }
    return events.length === 0
      ? { skipped: 'the victim is too slow for a drip to add a request' }
      : { events }
  },
}

/** The larger half of the answers to the template's operation; all of them where sizes are unknown. */
function largest(rows: readonly EventRow[], template: EventRow): EventRow[] {
  const answers = rows.filter(row => row.operation === template.operation && row.status === template.status)
  const known = answers.filter(row => row.response_bytes !== null)
  if (template.response_bytes === null || known.length < 2) return answers
  return known.sort((a, b) => b.response_bytes! - a.response_bytes!).slice(0, Math.ceil(known.length / 2))
}
