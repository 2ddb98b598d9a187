import { strangersRun } from './account-switch.ts'
import { by } from './kit.ts'
import type { EventRow, InjectedAttack, LogFacts } from './model.ts'
import { rentedOrigin } from './places.ts'

/** The id that planned events of the new token carry until the writer gives it one in the manner of the log's tokens. */
export const NEW_TOKEN = 'new token'

/** Before its first request, as a client that fetches a token and uses it. */
const CREATED_BEFORE_MS = 60_000

/**
 * A new token of the victim's principal appears and does something else: a stranger's run of events. Loud: 60 events from a rented
 * network with the stranger's client. Medium: 40 from the rented network with the victim's client. Quiet: 20 from the victim's network
 * and client on its own resources. Needs principals that are known apart from their tokens, as an inventory tells.
 */
export const rotationHijack: InjectedAttack = {
  name: 'rotation_hijack',
  doc: "a new token of the victim's principal appears and does something else",
  donors: 4,
  missing: (log: LogFacts) =>
    log.inventoried.size > 0
      ? null
      : 'no token inventory names principals: a new token would belong to nobody (give --inventory)',
  plan(scene) {
    const { victim, donors, log } = scene
    if (!log.inventoried.has(victim.token.principalId))
      return { skipped: "the inventory does not name the victim's principal" }
    const count = by(scene, 60, 40, 20)
    const donor = donors.find(one => one.rows.length >= count) ?? donors[0]
    if (donor === undefined || donor.rows.length < 10)
      return { skipped: 'no other user has a run of 10 events to be put under the new token' }
    const run = strangersRun(scene, donor, count, {
      origin: false,
      client: scene.intensity === 'loud',
      ownResources: scene.intensity === 'quiet',
    })
    if (run.length === 0) return { skipped: 'the victim has no traffic in the period' }
    const origin = scene.intensity === 'quiet' ? undefined : rentedOrigin(scene)
    const created = run[0]!.time - CREATED_BEFORE_MS
    const sessions = log.has.has('session_id')
    return {
      events: run.map(
        (event): EventRow => ({
          ...event,
          ...origin,
          token_id: NEW_TOKEN,
          token_created_at: event.token_created_at === null ? null : created,
          // A new token is a new login; the writer names it as it names the token.
          session_id: sessions && event.session_id !== null ? NEW_TOKEN : event.session_id,
        }),
      ),
    }
  },
}
