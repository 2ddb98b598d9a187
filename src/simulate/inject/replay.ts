import {
  activeDays,
  amount,
  atResolution,
  burst,
  by,
  ownTimeOfDay,
  strangeTimeOfDay,
  underVictim,
} from './kit.ts'
import { DAY, type EventRow, HOUR, type InjectedAttack, type LogFacts } from './model.ts'
import { foreignClient, knowsPlaces, rentedOrigin } from './places.ts'

/** Pauses of the victim's run longer than this are cut to it: a replay does not sleep. */
const LONGEST_PAUSE = 30 * 60_000

/**
 * The victim's own requests of earlier days, one after the other, from a rented network. Loud: another client too, at an
 * hour the victim does not know, as fast as it goes. Medium: the victim's client, at the victim's pace. Quiet: a quarter of a day's
 * requests, the network as near as can be had, in the victim's hours.
 */
export const replay: InjectedAttack = {
  name: 'replay',
  doc: "the victim's own requests of earlier days, from a network it was never seen in",
  donors: 0,
  missing: (log: LogFacts) =>
    knowsPlaces(log) || log.has.has('client')
      ? null
      : 'the log tells neither networks nor clients: a replay would differ from the victim in nothing but its moment',
  plan(scene) {
    const { random, victim, log } = scene
    const days = activeDays(scene)
    if (days.length === 0) return { skipped: 'the victim has no traffic in the period' }
    const day = random.pick(days)
    const earlier = victim.rows.filter(row => row.time < day)
    const count = Math.min(earlier.length, amount(scene, by(scene, 1.5, 0.7, 0.25), by(scene, 20, 10, 4)))
    if (count < 3) return { skipped: 'the victim has too few earlier requests' }
    const first = random.int(earlier.length - count + 1)
    const run = earlier.slice(first, first + count)
    const origin = rentedOrigin(scene)
    // Without places the client is all there is to differ in.
    const client = by(scene, true, origin === undefined, origin === undefined)
      ? foreignClient(scene)
      : undefined
    if (origin === undefined && client === undefined)
      return { skipped: 'the log knows no client that the victim does not use' }
    const start = day + (scene.intensity === 'loud' ? strangeTimeOfDay(scene) : ownTimeOfDay(scene))
    const times = scene.intensity === 'loud' ? burst(scene, start, count, HOUR / count) : ownGaps(run, start)
    const events = run
      .slice(0, times.length)
      .map((row, i) => underVictim(scene, row, times[i]!, { origin, client }))
    return { events: events.filter(event => event.time < Math.min(log.to, day + 2 * DAY)) }

    function ownGaps(rows: readonly EventRow[], from: number): number[] {
      let time = from
      return rows.map((row, i) => {
        if (i > 0) time += Math.min(LONGEST_PAUSE, row.time - rows[i - 1]!.time)
        return atResolution(scene, time)
      })
    }
  },
}
