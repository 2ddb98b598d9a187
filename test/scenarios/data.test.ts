import { playScenarios, TODAY } from './stage.ts'

const everyThirdDay = [2, 5, 8, 11, 14]

/** Objects of the four others, in the order of their numbers, and numbers that nobody has. */
const othersObject = (i: number) => ({
  operation: 'GET /tasks/{id}',
  resource_id: String(100 * (1 + (i % 4)) + (i >> 2)),
  status: i % 3 === 0 ? 200 : 404,
})
const ownObject = (i: number) => ({ operation: 'GET /tasks/{id}', resource_id: String(100_000 + i) })
const large = () => ({ response_bytes: 5_000_000 })
const removal = (i: number) => ({
  method: 'DELETE',
  operation: 'DELETE /tasks/{id}',
  resource_id: String(i % 30),
})

playScenarios('what it takes, and what it leaves', [
  {
    misuse: "walking through other people's objects",
    benign: 'an export that pages through its own every third day',
    signal: 'object_enumeration',
    attack: ({ add }) => add(0, TODAY, 11, 80, othersObject),
    twin({ add }) {
      for (const day of [...everyThirdDay, TODAY]) add(0, day, 11, 80, ownObject)
    },
  },
  {
    misuse: 'data taken out',
    benign: 'an extract that runs every third day',
    signal: 'exfiltration',
    attack: ({ add }) => add(0, TODAY, 11, 30, large),
    twin({ add }) {
      for (const day of [...everyThirdDay, TODAY]) add(0, day, 11, 30, large)
    },
  },
  {
    misuse: 'burst of deletes',
    benign: 'a clean-up that runs every third day',
    signal: 'destructive_burst',
    within: 3,
    attack: ({ add }) => add(0, TODAY, 11, 60, removal),
    twin({ add }) {
      for (const day of [...everyThirdDay, TODAY]) add(0, day, 11, 60, removal)
    },
  },
  {
    misuse: 'a dormant token back in use',
    benign: 'a job that runs every third day',
    signal: 'dormant_revival',
    attack({ add, silence }) {
      silence(0, 2, TODAY)
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
    signal: 'slow_drift',
    feature: 'object_budget',
    attack({ add }) {
      for (let day = TODAY - 7; day <= TODAY; day++) add(0, day, 15, 6, i => fresh(day, i))
    },
    twin({ add }) {
      for (let day = 0; day <= TODAY; day++) add(0, day, 15, 6, i => fresh(day, i))
    },
  },
])

function fresh(day: number, i: number) {
  return { operation: 'GET /tasks/{id}', resource_id: `new-${day}-${i}` }
}
