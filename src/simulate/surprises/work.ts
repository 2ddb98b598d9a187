import { operationsWhere } from '../calls.ts'
import { type Actor, DAY, HOUR } from '../model.ts'
import { OPERATIONS } from '../operations.ts'
import { type Flow, neededScopes, RELEASE_FLOWS, roleNamed } from '../roles.ts'
import { grant, isMachine } from '../world.ts'
import { at, dayStart, findActor, job, lasting, type SurpriseKind } from './kit.ts'

/** The part of a workflow that the grant covers. */
function granted(actor: Actor, flow: Flow): Flow {
  return { ...flow, steps: flow.steps.filter(step => actor.allowed[step.operation.index] === 1) }
}

/** A release brings new calls: within three days most of a tenant's people in the roles it is for use them. */
const productRelease: SurpriseKind = {
  kind: 'product_release',
  per: 'tenant',
  rate: 0.12,
  stage(stage) {
    const { random, world } = stage
    const tenant = random.pick(world.tenants)
    const day = random.int(world.days)
    const roles = random.shuffle(Object.keys(RELEASE_FLOWS)).slice(0, 1 + random.int(3))
    const adoption = random.uniform(0.6, 1)
    for (const actor of world.actors) {
      if (actor.tenant !== tenant || !roles.includes(actor.role.name) || !random.chance(adoption)) continue
      const flow = granted(actor, RELEASE_FLOWS[actor.role.name]!)
      if (flow.steps.length === 0) continue
      lasting(stage, actor, dayStart(stage, day) + random.uniform(0.3, 3) * DAY, { flows: [flow] })
    }
  },
}

/** A new job in the same company: other workflows, and a wider grant. */
const roleChange: SurpriseKind = {
  kind: 'role_change',
  per: 'tokens',
  rate: 0.15,
  stage(stage) {
    const found = findActor(stage, actor => actor.role.rhythm === 'human')
    if (!found) return
    const { actor, day } = found
    const names = ['developer', 'support', 'analyst', 'project_manager', 'admin', 'finance']
    const role = roleNamed(stage.random.pick(names.filter(name => name !== actor.role.name)))
    grant(actor, neededScopes(role.flows))
    lasting(stage, actor, dayStart(stage, day), {
      flows: role.flows,
      replaceFlows: stage.random.chance(0.6),
    })
  },
}

/** Rights that lay idle are used for what they were given for: a project of some days. */
const broadGrantUse: SurpriseKind = {
  kind: 'broad_grant_use',
  per: 'tokens',
  rate: 0.25,
  stage(stage) {
    const idle = (actor: Actor) => operationsWhere(actor, { allowed: true, used: false })
    const found = findActor(stage, actor => idle(actor).length >= 2)
    if (!found) return
    const { actor, day } = found
    const { random } = stage
    const chosen = random.shuffle(idle(actor)).slice(0, 2 + random.int(3))
    const weight = actor.flows.reduce((sum, flow) => sum + flow.weight, 0) * random.uniform(0.1, 0.6)
    const steps = chosen.map((index, i) => ({
      operation: OPERATIONS[index]!,
      repeat: 1 + random.int(3),
      chance: i === 0 ? 1 : 0.7,
    }))
    const start = dayStart(stage, day)
    const end = start + random.uniform(1, 9) * DAY
    stage.overlay(actor, { start, end, flows: [{ weight, steps }] })
    stage.note(actor, start, end)
  },
}

/** A job without the right it needs asks again every few seconds or minutes, until somebody looks: a run of 403. */
const misconfiguredIntegration: SurpriseKind = {
  kind: 'misconfigured_integration',
  per: 'tokens',
  rate: 0.3,
  stage(stage) {
    const lacking = (actor: Actor) => operationsWhere(actor, { allowed: false })
    const found = findActor(
      stage,
      actor => (isMachine(actor.role) || actor.role.name === 'developer') && lacking(actor).length > 0,
    )
    if (!found) return
    const { actor, day } = found
    const { random } = stage
    // Often something sensitive: those are the rights that people forget to ask for, or are denied.
    const sensitive = operationsWhere(actor, { allowed: false, sensitive: true })
    const operations = random
      .shuffle([...(sensitive.length > 0 && random.chance(0.6) ? sensitive : lacking(actor))])
      .slice(0, 1 + random.int(2))
    const object = 10_000 + random.int(50_000)
    const hours = random.uniform(0.5, 15)
    const count = Math.round(Math.min(200, Math.max(12, found.pace * random.uniform(0.2, 2))))
    const start = at(stage, actor, day, random.uniform(6, 16))
    job(stage, actor, {
      start,
      count,
      gapMs: (hours * HOUR) / count,
      gapSpread: 0.2,
      next(step, _i, draws) {
        step.operation = draws.pick(operations)
        step.object = OPERATIONS[step.operation]!.object < 0 ? Number.NaN : object
      },
    })
    stage.note(actor, start, start + hours * HOUR)
  },
}

export const WORK = [productRelease, roleChange, broadGrantUse, misconfiguredIntegration]
