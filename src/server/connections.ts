import type { Engine } from '../sql/duckdb.ts'

/** Connections to one engine, lent to one piece of work at a time: its scratch tables are then its own. */
export interface Connections {
  /** Lends a connection; waits for one when all are lent. */
  use<T>(work: (engine: Engine) => Promise<T>): Promise<T>
  /** Closes each as soon as it comes back. */
  close(): Promise<void>
}

/** Opens `count` connections to an engine. */
export async function openConnections(engine: Engine, count: number): Promise<Connections> {
  const all = await Promise.all(Array.from({ length: count }, () => engine.connect()))
  const free = [...all]
  const waiting: ((engine: Engine) => void)[] = []
  const take = () => {
    const one = free.pop()
    return one === undefined ? new Promise<Engine>(resolve => waiting.push(resolve)) : Promise.resolve(one)
  }
  const giveBack = (one: Engine) => {
    const next = waiting.shift()
    if (next === undefined) free.push(one)
    else next(one)
  }
  return {
    async use(work) {
      const one = await take()
      try {
        return await work(one)
      } finally {
        giveBack(one)
      }
    },
    async close() {
      for (const _ of all) (await take()).close()
    },
  }
}
