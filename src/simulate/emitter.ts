import type { Random } from '../lib/random.ts'
import { createDayBuffer, type DayBuffer, reserveRow } from './buffer.ts'
import { hash } from './hash.ts'
import { type Actor, DAY, type Step, type Token, type World } from './model.ts'
import { OPERATIONS } from './operations.ts'
import { tokenAt } from './world.ts'

/** Turns calls into rows of the day they fall on. */
export interface Emitter {
  /** Begins a stream of events: their ids come from its name and their count, so that streams never disturb each other. */
  begin(stream: number): void
  /** One call. Calls outside of the run's days are left out (false). */
  emit(
    actor: Actor,
    time: number,
    step: Step,
    address: number,
    agent: number,
    incident: number,
    random: Random,
    token?: Token,
  ): boolean
  /** The finished day's rows; later calls may only fall on later days. */
  take(day: number): DayBuffer
}

export function createEmitter(world: World): Emitter {
  const buffers = new Map<number, DayBuffer>()
  let stream = 0
  let count = 0
  return {
    begin(name) {
      stream = name
      count = 0
    },
    emit(actor, time, step, address, agent, incident, random, token = tokenAt(actor, time)) {
      const operation = OPERATIONS[step.operation]!
      const status = step.status || statusOf(actor, step.operation, random)
      const number = count++
      const day = Math.floor((time - world.start) / DAY)
      let buffer = buffers.get(day)
      if (!buffer) {
        if (day < 0 || day >= world.days) return false
        buffer = createDayBuffer()
        buffers.set(day, buffer)
      }
      const at = reserveRow(buffer)
      buffer.time[at] = Math.floor(time)
      buffer.token[at] = token.index
      buffer.operation[at] = step.operation
      buffer.object[at] = step.object
      buffer.status[at] = status
      buffer.address[at] = address
      buffer.agent[at] = agent
      const failed = status >= 400
      const body = failed ? 230 : status === 304 ? 90 : operation.responseBytes * step.heavy
      buffer.requestBytes[at] = Math.round(operation.requestBytes * Math.exp(random.normal(0, 0.35)))
      buffer.responseBytes[at] = Math.round(body * Math.exp(random.normal(0, failed ? 0.15 : 0.7)))
      const slow = status >= 500 ? 8 : failed ? 0.5 : 0.6 + 0.4 * step.heavy
      buffer.latencyMs[at] =
        Math.round(operation.latencyMs * slow * Math.exp(random.normal(0, 0.45)) * 10) / 10
      buffer.idHigh[at] = hash(stream, number, world.seed, 61)
      buffer.idLow[at] = hash(stream, number, world.seed, 62)
      buffer.incident[at] = incident
      return true
    },
    take(day) {
      const buffer = buffers.get(day) ?? createDayBuffer(1)
      buffers.delete(day)
      return buffer
    },
  }
}

/** Answer of the server: what the grant and the everyday mishaps make of it. */
function statusOf(actor: Actor, index: number, random: Random): number {
  if (!actor.allowed[index]) return 403
  const operation = OPERATIONS[index]!
  if (random.chance(actor.errorRate)) {
    const kind = random.next()
    if (kind < 0.15) return random.chance(0.5) ? 500 : 503
    if (kind < 0.22) return 429
    if (kind < 0.28) return 401
    // Allowed in general, but not on this object.
    if (kind < 0.38) return 403
    if (operation.kind === 'write' || operation.kind === 'admin')
      return kind < 0.6 ? 400 : kind < 0.85 ? 422 : 409
    return operation.object >= 0 ? 404 : 400
  }
  switch (operation.method) {
    case 'POST':
      return operation.name.endsWith('.create') ? 201 : 200
    case 'DELETE':
      return 204
    case 'GET':
      return operation.kind === 'session' && random.chance(0.1) ? 304 : 200
    default:
      return 200
  }
}
