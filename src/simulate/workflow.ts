import type { Random } from '../lib/random.ts'
import { hash, unit } from './hash.ts'
import type { Actor, Overlay, Step } from './model.ts'
import { workingObject } from './objects.ts'
import { OPERATIONS, operationNamed, RESOURCES } from './operations.ts'
import type { Flow, FlowStep } from './roles.ts'

/** Produces an actor's calls in their usual order: a Markov chain over the steps of its workflows. */
export interface Workflow {
  /** A new session: forgets the objects at hand. */
  begin(): void
  /** Fills `step`; true when the call opens a new piece of work (people pause before those). */
  next(step: Step, random: Random): boolean
}

const FIRST_CALL = operationNamed('me.get')

/**
 * @param overlays the changes that hold now; a `habit` of theirs reorders and changes the odds of every step
 */
export function createWorkflow(actor: Actor, day: number, overlays: readonly Overlay[] = []): Workflow {
  let flows: Flow[] = [...actor.flows]
  let habit = 0
  for (const overlay of overlays) {
    if (overlay.flows) flows = overlay.replaceFlows ? [...overlay.flows] : [...flows, ...overlay.flows]
    if (overlay.habit) habit = overlay.habit
  }
  const weights = flows.map(flow => flow.weight)
  const interactive = actor.role.rhythm === 'human' || actor.role.rhythm === 'mobile'
  const current = new Float64Array(RESOURCES.length).fill(Number.NaN)
  let flow: Flow = flows[0]!
  let position = flow.steps.length
  let left = 0
  let prefetch = false

  function choose(random: Random): void {
    flow = flows[random.weighted(weights)]!
    position = -1
    left = 0
  }

  /** Odds of a step for this person (and this version of the client): from half to one and a half of the usual. */
  function odds(step: FlowStep): number {
    if (step.chance >= 1) return 1
    return Math.min(1, step.chance * (0.5 + unit(actor.seed, step.operation.index, 21, habit)))
  }

  return {
    begin() {
      current.fill(Number.NaN)
      position = flow.steps.length
      left = 0
      prefetch = interactive
    },
    next(step, random) {
      step.status = 0
      step.heavy = 1
      if (prefetch) {
        prefetch = false
        if (hash(actor.seed, 22, habit) % 3 > 0) {
          step.operation = FIRST_CALL.index
          step.object = Number.NaN
          return true
        }
      }
      let opened = false
      if (left > 0) left--
      else {
        for (let tries = 0; ; tries++) {
          position++
          if (position >= flow.steps.length) {
            choose(random)
            opened = true
            continue
          }
          const candidate = flow.steps[position]!
          if (tries > 20 || random.chance(odds(candidate))) {
            if (candidate.repeat > 1)
              left = Math.floor(Math.log(1 - random.next()) / Math.log(1 - 1 / candidate.repeat))
            break
          }
        }
      }
      // A new client version works through a piece of work in another order: odd steps change places with their neighbour.
      const length = flow.steps.length
      const at = habit > 0 && (position ^ 1) < length && hash(habit, length) % 3 > 0 ? position ^ 1 : position
      const operation = flow.steps[at]!.operation
      step.operation = operation.index
      step.object = objectFor(operation.index, random)
      return opened
    },
  }

  /** Reads open a new object; everything else works on the one at hand. */
  function objectFor(index: number, random: Random): number {
    const operation = OPERATIONS[index]!
    const resource = operation.object
    if (resource < 0) return Number.NaN
    if (operation.name.endsWith('.get') || Number.isNaN(current[resource]!))
      current[resource] = workingObject(actor, resource, day, random)
    return current[resource]!
  }
}
