import { activeDays, burst, by, denied, isDenied, ownTimeOfDay, underVictim } from './kit.ts'
import { DAY, type EventRow, HOUR, type InjectedAttack } from './model.ts'
import { rentedOrigin } from './places.ts'

/** Fewer operations that are new to the token are no probing. */
const LEAST_OPERATIONS = 4

/**
 * BFLA (OWASP API5:2023): operations of the log that neither the token nor its principal ever used, mostly denied. Loud: up to 40
 * within 20 minutes from a rented network, 85 % denied. Medium: 15 within two hours from the victim's network, 75 %. Quiet: 6 over
 * three days within its hours, 60 %.
 */
export const scopeProbing: InjectedAttack = {
  name: 'scope_probing',
  doc: 'operations of the log that the token never used, mostly denied',
  donors: 0,
  missing: log => (log.has.has('operation') ? null : 'the log names no operations'),
  plan(scene) {
    const { random, log } = scene
    const days = activeDays(scene, 3)
    if (days.length === 0) return { skipped: 'the victim has no traffic in the period' }
    const byOperation = new Map<string, EventRow[]>()
    for (const row of scene.others) {
      if (row.operation === null || scene.usedOperations.has(row.operation)) continue
      const known = byOperation.get(row.operation)
      if (known === undefined) byOperation.set(row.operation, [row])
      else known.push(row)
    }
    if (byOperation.size < LEAST_OPERATIONS)
      return { skipped: `the log has only ${byOperation.size} operations that are new to the token` }
    const operations = random.shuffle([...byOperation.keys()].sort()).slice(0, by(scene, 40, 15, 6))
    const day = random.pick(days)
    const times =
      scene.intensity === 'quiet'
        ? operations.map(() => day + random.int(3) * DAY + ownTimeOfDay(scene)).sort((a, b) => a - b)
        : burst(scene, day + ownTimeOfDay(scene), operations.length, by(scene, 30_000, 8 * 60_000, HOUR))
    const share = by(scene, 0.85, 0.75, 0.6)
    const origin = scene.intensity === 'loud' ? rentedOrigin(scene) : undefined
    const events = times.map((time, i) => {
      const request = random.pick(byOperation.get(operations[i]!)!)
      const refused = random.chance(share) && !isDenied(request)
      return underVictim(scene, refused ? denied(scene, request, 403) : request, time, { origin })
    })
    return { events: events.filter(event => event.time < log.to) }
  },
}
