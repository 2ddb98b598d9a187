import { atResolution, by, denied, identityOf, rowAt } from './kit.ts'
import { type Actor, DAY, type EventRow, HOUR, type InjectedAttack } from './model.ts'
import { foreignClient, knowsPlaces, rentedOrigin } from './places.ts'

/** Fewer tokens from one address are an office. */
const LEAST_TOKENS = 4

/**
 * One rented address tries many tokens, one to three requests each, of the requests that each token itself makes most. Loud: 40
 * tokens within 10 minutes, a foreign client, 60 % refused (401). Medium: 15 within two hours, 40 %. Quiet: 6 within a day, each
 * with its own client, one in five refused.
 */
export const stuffing: InjectedAttack = {
  name: 'stuffing',
  doc: 'one address tries many tokens',
  donors: { loud: 40, medium: 15, quiet: 6 },
  missing: log =>
    knowsPlaces(log) ? null : 'the log tells no networks: one address for many tokens could not be seen',
  plan(scene) {
    const { random, log, victim, donors } = scene
    const tried: Actor[] = [victim, ...donors]
      .slice(0, by(scene, 40, 15, 6))
      .filter(actor => actor.rows.length > 0)
    if (tried.length < LEAST_TOKENS) return { skipped: `only ${tried.length} tokens could be tried` }
    const origin = rentedOrigin(scene)!
    const client = scene.intensity === 'quiet' ? undefined : foreignClient(scene)
    const span = by(scene, 10 * 60_000, 2 * HOUR, DAY)
    const start = log.from + random.int(Math.max(1, Math.floor((log.to - log.from) / DAY))) * DAY
    const from = start + random.uniform(0, Math.max(1, DAY - span))
    const share = by(scene, 0.6, 0.4, 0.2)
    const events: EventRow[] = []
    for (const actor of tried) {
      let time = from + random.uniform(0, span)
      const refused = random.chance(share)
      for (let left = 1 + random.int(3); left > 0 && time < log.to; left--) {
        const request = mostCommon(actor)
        const own = {
          ...request,
          ...identityOf(rowAt(actor, time)),
          ...origin,
          ...client,
          time: atResolution(scene, time),
        }
        events.push(refused ? denied(scene, own, 401) : own)
        time += random.exponential(1 / 2000)
      }
    }
    return { events }
  },
}

/** A request of the actor's most used operation: its newest. */
function mostCommon(actor: Actor): EventRow {
  const uses = new Map<string | null, number>()
  let best = actor.rows[0]!
  for (const row of actor.rows) {
    const count = (uses.get(row.operation) ?? 0) + 1
    uses.set(row.operation, count)
    if (count >= (uses.get(best.operation) ?? 0)) best = row
  }
  return best
}
