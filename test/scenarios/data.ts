import { type ByIntensity, TODAY } from './cast.ts'
import type { Scenario } from './scenario.ts'

const everyThirdDay = [2, 5, 8, 11, 14]

/** Objects of the four others, in the order of their numbers, and numbers that nobody has. */
const othersObject = (i: number) => ({
  operation: 'GET /tasks/{id}',
  resource_id: String(100 * (1 + (i % 4)) + (i >> 2)),
  status: i % 3 === 0 ? 200 : 404,
})
const ownObject = (i: number) => ({ operation: 'GET /tasks/{id}', resource_id: String(100_000 + i) })
const sized = (bytes: number) => () => ({ response_bytes: bytes })
const removal = (i: number) => ({
  method: 'DELETE',
  operation: 'DELETE /tasks/{id}',
  resource_id: String(i % 30),
})

const walked: ByIntensity = { loud: 50, plain: 25, faint: 8 }
/** An hour's usual answers are 13 kB together. */
const taken: ByIntensity<{ calls: number; bytes: number }> = {
  loud: { calls: 30, bytes: 5_000_000 },
  plain: { calls: 12, bytes: 500_000 },
  faint: { calls: 4, bytes: 15_000 },
}
const removed: ByIntensity = { loud: 60, plain: 20, faint: 3 }
/**
 * Last day of use before the silence. A gap longer than any before is as unheard of as one twice as long, and the earlier it
 * begins the less is known of the token: the three differ by what history is left.
 */
const lastUsed: ByIntensity = { loud: 5, plain: 8, faint: 13 }
const freshADay: ByIntensity = { loud: 15, plain: 6, faint: 2 }

export const DATA: readonly Scenario[] = [
  {
    misuse: "walking through other people's objects",
    benign: 'an export that pages through its own every third day',
    detector: 'object_enumeration',
    attack: ({ add }, intensity) => add(0, TODAY, 11, walked[intensity], othersObject),
    twin({ add }) {
      for (const day of [...everyThirdDay, TODAY]) add(0, day, 11, 50, ownObject)
    },
  },
  {
    misuse: 'data taken out',
    benign: 'an extract that runs every third day',
    detector: 'exfiltration',
    attack({ add }, intensity) {
      const { calls, bytes } = taken[intensity]
      add(0, TODAY, 11, calls, sized(bytes))
    },
    twin({ add }) {
      for (const day of [...everyThirdDay, TODAY]) add(0, day, 11, 30, sized(5_000_000))
    },
  },
  {
    misuse: 'burst of deletes',
    benign: 'a clean-up that runs every third day',
    detector: 'destructive_burst',
    within: 3,
    attack: ({ add }, intensity) => add(0, TODAY, 11, removed[intensity], removal),
    twin({ add }) {
      for (const day of [...everyThirdDay, TODAY]) add(0, day, 11, 60, removal)
    },
  },
  {
    misuse: 'a dormant token back in use',
    benign: 'a job that runs every third day',
    detector: 'dormant_revival',
    attack({ add, silence }, intensity) {
      silence(0, lastUsed[intensity] + 1, TODAY)
      add(0, TODAY, 11, 8, () => ({}))
    },
    twin({ add, silence }) {
      silence(0, 0, TODAY)
      for (const day of [...everyThirdDay, TODAY]) add(0, day, 11, 8, () => ({}))
    },
  },
  {
    misuse: 'a few new objects a day for a week',
    benign: 'a few new objects a day, as ever',
    detector: 'slow_drift',
    hour: 15,
    attack({ add }, intensity) {
      for (let day = TODAY - 7; day <= TODAY; day++) add(0, day, 15, freshADay[intensity], i => fresh(day, i))
    },
    twin({ add }) {
      for (let day = 0; day <= TODAY; day++) add(0, day, 15, 6, i => fresh(day, i))
    },
  },
]

function fresh(day: number, i: number) {
  return { operation: 'GET /tasks/{id}', resource_id: `new-${day}-${i}` }
}
