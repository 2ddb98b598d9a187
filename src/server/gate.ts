import { ProblemError } from './problem.ts'

/** Lets so much work run at once; more waits its turn. Work whose asker has given up while it waited is never begun. */
export type Gate = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>

/** Seconds after which a refused caller may try again: about as long as a piece of the work that is gated here takes. */
const RETRY_SECONDS = 2

/** A gate for `slots` at once, and `mostWaiting` behind them; throws 503 for more than that: they would only wait to be given up. */
export function createGate(slots: number, mostWaiting: number): Gate {
  let running = 0
  const waiting: (() => void)[] = []
  const enter = (signal: AbortSignal | undefined) => {
    if (running < slots) {
      running++
      return Promise.resolve()
    }
    if (waiting.length >= mostWaiting) {
      throw new ProblemError(503, 'busy', 'too much of this is being done already; try again later', {
        headers: { 'retry-after': String(RETRY_SECONDS) },
      })
    }
    return new Promise<void>((resolve, reject) => {
      const start = () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = () => {
        waiting.splice(waiting.indexOf(start), 1)
        reject(new ProblemError(503, 'given-up', 'given up before it began'))
      }
      waiting.push(start)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }
  const leave = () => {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
  return async (work, signal) => {
    await enter(signal)
    try {
      return await work()
    } finally {
      leave()
    }
  }
}
