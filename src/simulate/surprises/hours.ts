import { ownWork } from '../calls.ts'
import { DAY, HOUR } from '../model.ts'
import { ALL_COUNTRIES } from '../networks.ts'
import { carrierAddress, homeAddress, lineIn } from '../places.ts'
import { at, dayStart, findActor, job, jobSize, type SurpriseKind } from './kit.ts'

/** The pager goes off: one to three sittings between midnight and five, mostly from home. */
const onCallNight: SurpriseKind = {
  kind: 'on_call_night',
  per: 'tokens',
  rate: 0.6,
  stage(stage) {
    const found = findActor(stage, actor => ['developer', 'support', 'admin'].includes(actor.role.name))
    if (!found) return
    const { actor, day, pace } = found
    const { random, world } = stage
    const start = at(stage, actor, day, random.uniform(0, 4))
    let time = start
    const sittings = 1 + random.int(3)
    for (let i = 0; i < sittings; i++) {
      const count = jobSize(stage, pace, 0.6, 12)
      job(stage, actor, {
        name: String(i),
        start: time,
        count,
        gapMs: 7000,
        gapSpread: 1,
        next: ownWork(actor, day),
        locate: now => homeAddress(world, actor, now),
      })
      time += random.uniform(0.4, 1.5) * HOUR
    }
    stage.note(actor, start, time)
  },
}

/** Away for four days to three weeks: nothing comes, then everything at once. */
const holiday: SurpriseKind = {
  kind: 'holiday',
  per: 'tokens',
  rate: 0.9,
  stage(stage) {
    const found = findActor(stage, actor => actor.role.rhythm === 'human' || actor.role.rhythm === 'mobile')
    if (!found) return
    const { actor, day } = found
    const days = stage.random.pick([4, 5, 7, 9, 9, 14, 16, 21])
    const start = dayStart(stage, day)
    const end = start + days * DAY
    stage.overlay(actor, { start, end, absent: true })
    // The two days of catching up.
    stage.overlay(actor, { start: end, end: end + 2 * DAY, volume: () => 1.7 })
    stage.note(actor, start, end + 2 * DAY)
  },
}

/** Work goes on from another country for two to twelve days: hotel line, roaming phone, local hours. */
const travel: SurpriseKind = {
  kind: 'travel',
  per: 'tokens',
  rate: 0.4,
  stage(stage) {
    const found = findActor(stage, actor => actor.role.rhythm === 'human' && !actor.tenant.proxied)
    if (!found) return
    const { actor, day } = found
    const { random, world } = stage
    const country = random.pick(ALL_COUNTRIES.filter(other => other.code !== actor.home.code))
    const lines = Array.from({ length: 1 + random.int(3) }, () => lineIn(world, country, random))
    const carrier = random.pick(country.mobile)
    const start = at(stage, actor, day, random.uniform(7, 20))
    const end = start + random.uniform(2, 12) * DAY
    stage.overlay(actor, {
      start,
      end,
      shiftHours: country.offset - actor.offset,
      locate: (_time, draws) =>
        draws.chance(0.8) ? draws.pick(lines) : carrierAddress(world, carrier, draws),
    })
    stage.note(actor, start, end)
  },
}

export const HOURS = [onCallNight, holiday, travel]
