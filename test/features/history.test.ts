import { afterAll, beforeAll, expect, test } from 'vitest'
import { appendHistory, forgetHistory, HISTORY_LOGS, openHistory } from '../../src/features/history.ts'
import { listDays } from '../../src/sql/workspace.ts'
import { openTinyWorld, type TinyWorld } from '../activity/tiny-world.ts'

let world: TinyWorld

beforeAll(async () => {
  world = await openTinyWorld()
})
afterAll(() => world.close())

/** One row a log, which bears the day alone. */
async function add(day: string) {
  for (const log of HISTORY_LOGS)
    await world.engine.run(`CREATE OR REPLACE TEMP TABLE add_${log} AS SELECT * FROM log_${log} WHERE false;
      INSERT INTO add_${log} (day) VALUES (DATE '${day}')`)
  await appendHistory(world.engine, world.workspace, day)
}

async function remembered(): Promise<string[][]> {
  const days = HISTORY_LOGS.map(log =>
    world.engine.texts(`SELECT DISTINCT day::VARCHAR FROM log_${log} ORDER BY ALL`),
  )
  return (await Promise.all(days)).map(({ columns }) => columns[0] as string[])
}

test('the memory of a day is the same whether the run began that day or long before, also across days without traffic', async () => {
  const memory = 3
  const days = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04', '2026-03-07', '2026-03-08']
  await openHistory(world.engine, world.workspace, days[0]!, memory)
  const running: string[][][] = []
  for (const day of days) {
    await forgetHistory(world.engine, day, memory)
    running.push(await remembered())
    await add(day)
  }
  expect(listDays(world.workspace.history)).toEqual(days)
  // By hand: the three calendar days before each.
  const expected = [
    [],
    ['2026-03-01'],
    ['2026-03-01', '2026-03-02'],
    ['2026-03-01', '2026-03-02', '2026-03-03'],
    ['2026-03-04'],
    ['2026-03-07'],
  ]
  expect(running).toEqual(expected.map(known => HISTORY_LOGS.map(() => known)))
  for (const [i, day] of days.entries()) {
    await openHistory(world.engine, world.workspace, day, memory)
    expect(await remembered(), day).toEqual(running[i])
  }
})
