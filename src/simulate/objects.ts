import type { Random } from '../lib/random.ts'
import { hash, unit } from './hash.ts'
import type { Actor, Tenant } from './model.ts'
import { RESOURCES } from './operations.ts'

/** Objects a tenant owns of one kind on a day; the product grows by 1 % a day. */
export function ownedObjects(tenant: Tenant, resource: number, day: number): number {
  return Math.max(3, Math.floor(RESOURCES[resource]!.objects * tenant.share * (1 + 0.01 * day)))
}

/** Lowest object number. */
const FIRST_ID = 10_000

/** The number of a tenant's n-th object: ids count up over all tenants, so a tenant's own lie scattered among others'. */
export function objectId(tenant: Tenant, resource: number, n: number): number {
  return FIRST_ID + Math.floor((n + unit(tenant.seed, resource, n)) / tenant.share)
}

/**
 * An object of an actor's working set on a day: slots are drawn log-uniformly (close to Zipf with exponent 1), every slot
 * keeps its object for one to four weeks (popular slots longest), and half of the slots are shared with the team.
 */
export function workingObject(actor: Actor, resource: number, day: number, random: Random): number {
  const slots = RESOURCES[resource]!.working
  const slot = Math.floor((slots + 1) ** random.next()) - 1
  const shared = hash(actor.seed, resource, slot) & 1
  const owner = shared ? hash(actor.tenant.seed, hash(actor.seed, 3) % 6) : actor.seed
  const period = 28 - Math.floor((21 * slot) / slots)
  const generation = Math.floor((day + (hash(owner, resource, slot, 1) % period)) / period)
  const born = Math.max(0, generation * period - period)
  const owned = ownedObjects(actor.tenant, resource, Math.min(born, day))
  // Squared: people work on recent objects more than on old ones.
  const back = unit(owner, resource, slot, 2 + generation)
  return objectId(actor.tenant, resource, Math.floor((owned - 1) * (1 - back * back)))
}

/** Any object of the actor's tenant. */
export function anyOwnedObject(actor: Actor, resource: number, day: number, random: Random): number {
  return objectId(actor.tenant, resource, random.int(ownedObjects(actor.tenant, resource, day)))
}
