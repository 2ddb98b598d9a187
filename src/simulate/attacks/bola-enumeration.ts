import { mixed, type NextCall, operationsWhere, ownWork } from '../calls.ts'
import { objectId, ownedObjects } from '../objects.ts'
import { OPERATIONS } from '../operations.ts'
import { type Attack, amount, by, comeIn, findVictim, runs, slices } from './kit.ts'

/** Reads of single objects that the actor may and does call. */
function readable(actor: Parameters<typeof operationsWhere>[0]): number[] {
  return operationsWhere(actor, { allowed: true, used: true }).filter(
    index => OPERATIONS[index]!.object >= 0 && OPERATIONS[index]!.method === 'GET',
  )
}

/**
 * Object after object: by counting up (loud), in strides, or at random among the tenant's; what belongs to another tenant is
 * denied unless the endpoint is the vulnerable one.
 */
export const bolaEnumeration: Attack = {
  family: 'bola_enumeration',
  plan(scene) {
    const victim = findVictim(scene, 2, actor => readable(actor).length > 0)
    if (!victim) return []
    const { actor, day } = victim
    const { random } = scene
    const operation = random.pick(readable(actor))
    const resource = OPERATIONS[operation]!.object
    const owned = ownedObjects(actor.tenant, resource, day)
    const vulnerable = random.chance(0.5)
    let at = objectId(actor.tenant, resource, random.int(owned))
    const stride = by(scene, 1, 1 + random.int(3), 0)
    const enumerate: NextCall = (step, _i, draws) => {
      step.operation = operation
      if (stride > 0) {
        at += stride
        step.object = at
        // Ids of all tenants interleave: only a share of the numbers are its own tenant's.
        const own = draws.chance(actor.tenant.share)
        step.status = own || (vulnerable && draws.chance(0.8)) ? 200 : draws.chance(0.5) ? 404 : 403
      } else {
        step.object = objectId(actor.tenant, resource, draws.int(owned))
        step.status = draws.chance(0.9) ? 200 : draws.chance(0.5) ? 404 : 403
      }
    }
    const total = amount(scene, victim, by(scene, 5, 2, 0.8), by(scene, 250, 90, 30))
    const parts = slices(scene, victim, { total, pieces: by(scene, 1, 2, 5), days: by(scene, 1, 1, 2) })
    const call = mixed(scene.hard ? 0.75 : 0.95, enumerate, ownWork(actor, day))
    return runs(scene, actor, parts, comeIn(scene, actor), call, {
      gapMs: by(scene, 200, 900, 8000),
      gapSpread: 0.4,
    })
  },
}
