import { DAY } from '../model.ts'
import { isMachine } from '../world.ts'
import { ADAPTATION, dayStart, type SurpriseKind } from './kit.ts'

/** Colleagues that share an address before it counts as many tokens behind one. */
const CROWD = 5

/** Many tokens behind one address: tenants with a web proxy, and offices with a crowd. */
const corporateNat: SurpriseKind = {
  kind: 'corporate_nat',
  per: 'world',
  rate: 0,
  stage(stage) {
    const { world } = stage
    for (const actor of world.actors) {
      if (isMachine(actor.role)) continue
      const colleagues = world.actors.filter(
        other => other.office === actor.office && other.inOffice >= 0.4,
      ).length
      if (actor.tenant.proxied || (actor.inOffice >= 0.4 && colleagues / actor.office.addresses >= CROWD))
        stage.note(actor, world.start, dayStart(stage, world.days))
    }
  },
}

/** Tokens seen for the first time in the middle of the run. */
const newHire: SurpriseKind = {
  kind: 'new_hire',
  per: 'world',
  rate: 0,
  stage(stage) {
    for (const actor of stage.world.actors) {
      const start = dayStart(stage, actor.firstDay)
      if (actor.firstDay > 0) stage.note(actor, start, start + ADAPTATION * DAY)
    }
  },
}

/** Build runners: a new address every job. */
const ephemeralRunner: SurpriseKind = {
  kind: 'ephemeral_runner',
  per: 'world',
  rate: 0,
  stage(stage) {
    const { world } = stage
    for (const actor of world.actors)
      if (actor.role.rhythm === 'ci') stage.note(actor, world.start, dayStart(stage, world.days))
  },
}

/** A new token takes over from an old one; same user, client and work. */
const tokenRotation: SurpriseKind = {
  kind: 'token_rotation',
  per: 'world',
  rate: 0,
  stage(stage) {
    for (const actor of stage.world.actors)
      for (const token of actor.tokens.slice(1))
        stage.note(actor, token.from, Math.min(token.until, token.from + 2 * DAY))
  },
}

export const POPULATION = [corporateNat, newHire, ephemeralRunner, tokenRotation]
