import type { Random } from '../lib/random.ts'
import type { Actor, Step } from './model.ts'
import { anyOwnedObject, workingObject } from './objects.ts'
import { OPERATIONS } from './operations.ts'
import { createWorkflow } from './workflow.ts'

/** Fills `step` with call number i of a run. */
export type NextCall = (step: Step, i: number, random: Random) => void

/** Calls as the actor itself makes them. */
export function ownWork(actor: Actor, day: number): NextCall {
  const workflow = createWorkflow(actor, day)
  return (step, i, random) => {
    if (i === 0) workflow.begin()
    workflow.next(step, random)
  }
}

/** Calls drawn from a list of operations, on objects of the actor's working set or anywhere in its tenant. */
export function drawn(
  actor: Actor,
  day: number,
  operations: readonly number[],
  objects: 'working' | 'owned',
  change: (step: Step, random: Random) => void = () => {},
): NextCall {
  return (step, _i, random) => {
    aim(step, actor, day, random.pick(operations), objects, random)
    change(step, random)
  }
}

/** Sets operation and object of a call. */
export function aim(
  step: Step,
  actor: Actor,
  day: number,
  operation: number,
  objects: 'working' | 'owned',
  random: Random,
): void {
  step.operation = operation
  const resource = OPERATIONS[operation]!.object
  if (resource < 0) step.object = Number.NaN
  else
    step.object =
      objects === 'working'
        ? workingObject(actor, resource, day, random)
        : anyOwnedObject(actor, resource, day, random)
}

/** Now the one, now the other: `share` of the calls from `first`. */
export function mixed(share: number, first: NextCall, second: NextCall): NextCall {
  return (step, i, random) => (random.chance(share) ? first : second)(step, i, random)
}

/** Operations (indices) that the actor's own workflows contain. */
export function usedOperations(actor: Actor): Set<number> {
  return new Set(actor.flows.flatMap(flow => flow.steps.map(step => step.operation.index)))
}

/** Operations by what the grant says and the habits know. Releases are left out. */
export function operationsWhere(
  actor: Actor,
  wanted: { allowed?: boolean; used?: boolean; sensitive?: boolean },
): number[] {
  const used = usedOperations(actor)
  return OPERATIONS.filter(
    o =>
      !o.release &&
      (wanted.allowed === undefined || (actor.allowed[o.index] === 1) === wanted.allowed) &&
      (wanted.used === undefined || used.has(o.index) === wanted.used) &&
      (wanted.sensitive === undefined || o.sensitive === wanted.sensitive) &&
      o.kind !== 'session',
  ).map(o => o.index)
}
