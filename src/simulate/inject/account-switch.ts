import { activeDays, by, clientOf, forObject, originOf, underVictim } from './kit.ts'
import { type Actor, DAY, type EventRow, HOUR, type InjectedAttack, type Scene } from './model.ts'
import { freshHost } from './places.ts'

/** As github_takeover_spliced was made: a run's pauses are cut to this. */
const LONGEST_PAUSE = 12 * HOUR
/** Resources that a careful intruder keeps to: the victim's most used. */
const USUAL_RESOURCES = 5

/**
 * Another user's run of consecutive events under the victim's token, moved by whole days: the stranger keeps its hours and pauses, but
 * for pauses above 12 h, which are cut to it (Schonlau et al. 2001, Computer intrusion: detecting masquerades; here as in github_takeover_spliced). Loud: 60 events with the
 * stranger's network, client and resources. Medium: 40 from the victim's network. Quiet: 20 from the victim's network and
 * client, on the victim's own resources: only operations, rhythm and hours differ.
 */
export const accountSwitch: InjectedAttack = {
  name: 'account_switch',
  doc: "another user's run of events under the victim's token",
  donors: 4,
  missing: log =>
    new Set(log.tokens.map(token => token.principalId)).size > 1 ? null : 'the log has a single principal',
  plan(scene) {
    const count = by(scene, 60, 40, 20)
    const donor = scene.donors.find(one => one.rows.length >= count) ?? scene.donors[0]
    if (donor === undefined || donor.rows.length < 10)
      return { skipped: 'no other user has a run of 10 events to be put under the token' }
    const events = strangersRun(scene, donor, count, {
      origin: scene.intensity === 'loud',
      client: scene.intensity !== 'quiet',
      ownResources: scene.intensity === 'quiet',
    })
    return events.length === 0 ? { skipped: 'the victim has no traffic in the period' } : { events }
  },
}

/** A run of the donor's consecutive events as the victim's, in the period. `manner` says what stays the donor's. */
export function strangersRun(
  scene: Scene,
  donor: Actor,
  count: number,
  manner: { origin: boolean; client: boolean; ownResources: boolean },
): EventRow[] {
  const { random, log } = scene
  const first = random.int(Math.max(1, donor.rows.length - count + 1))
  const run = donor.rows.slice(first, first + count)
  // Of each event, ms since the run's first.
  const offsets: number[] = []
  for (const [i, row] of run.entries())
    offsets.push(i === 0 ? 0 : offsets[i - 1]! + Math.min(LONGEST_PAUSE, row.time - run[i - 1]!.time))
  const days = activeDays(scene, Math.ceil(offsets.at(-1)! / DAY) + 1)
  if (days.length === 0) return []
  const start = random.pick(days) + (run[0]!.time % DAY)
  const usual = manner.ownResources ? usualResources(scene) : []
  const mapped = new Map<string, string>()
  const events: EventRow[] = []
  for (const [i, row] of run.entries()) {
    const time = start + offsets[i]!
    if (time >= log.to) break
    const id = row.resource_id
    let request = row
    if (id !== null && usual.length > 0) {
      if (!mapped.has(id)) mapped.set(id, usual[mapped.size % usual.length]!)
      request = forObject(row, mapped.get(id)!)
    }
    events.push(
      underVictim(scene, request, time, {
        origin: manner.origin ? freshHost(scene, originOf(row)) : undefined,
        client: manner.client ? clientOf(row) : undefined,
      }),
    )
  }
  return events
}

/** The victim's most used resources, most used first. */
export function usualResources(scene: Scene): string[] {
  const uses = new Map<string, number>()
  for (const { resource_id } of scene.victim.rows)
    if (resource_id !== null) uses.set(resource_id, (uses.get(resource_id) ?? 0) + 1)
  return [...uses]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, USUAL_RESOURCES)
    .map(([id]) => id)
}
