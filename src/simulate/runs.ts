import type { Random } from '../lib/random.ts'
import type { Emitter } from './emitter.ts'
import { hashText } from './hash.ts'
import { DAY, type Run, type Step } from './model.ts'

/** Longest a run may take: what is left by then is sent in its last moment's pace. */
const LONGEST = 0.8 * DAY

/** Makes the events of a run; answers how many fell inside the simulated days. */
export function emitRun(emitter: Emitter, run: Run, random: Random): number {
  emitter.begin(hashText(run.stream))
  const step: Step = { operation: 0, object: Number.NaN, status: 0, heavy: 1 }
  // The mean of a log-normal is exp(sd² / 2) medians.
  const expected = run.count * run.gapMs * Math.exp(0.5 * run.gapSpread ** 2)
  const gap = expected > LONGEST ? (run.gapMs * LONGEST) / expected : run.gapMs
  let time = run.start
  let emitted = 0
  for (let i = 0; i < run.count; i++) {
    step.status = 0
    step.heavy = 1
    run.next(step, i, random)
    if (i > 0) time += gap * Math.exp(run.gapSpread * random.normal())
    const address = run.locate(i, time, random)
    if (emitter.emit(run.actor, time, step, address, run.agent, run.incident, random, run.token)) emitted++
  }
  return emitted
}
