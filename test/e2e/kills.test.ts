import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { killJobs, runUndisturbed } from '../../scripts/bench/kills/jobs.ts'
import { makeKillWorld } from '../../scripts/bench/kills/world.ts'
import { createRandom } from '../../src/lib/random.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { KEYHOUND } from '../built.ts'

// `npm run bench:kills` kills a hundred times; here it is four.
test('killed while it ingests and scores, the job comes to the same rows and leaves nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-kills-'))
  const engine = await openEngine({ threads: 1 })
  try {
    const size = { tokens: 10, events: 1200, trainedDays: 4, slicedDays: 1, slicesPerDay: 1 }
    const world = await makeKillWorld(engine, folder, { ...size, seed: 1 })
    const undisturbed = await runUndisturbed(world, KEYHOUND)
    const random = createRandom(2)
    const killed = await killJobs(engine, world, undisturbed, {
      keyhound: KEYHOUND,
      kills: 2,
      random,
      name: 'killed',
    })
    const rows = Object.fromEntries(killed.differences.map(one => [one.table, one.rows]))
    expect(rows.events).toBeGreaterThan(1000)
    expect(rows.scores).toBeGreaterThan(10)
    expect(rows.rejects).toBeGreaterThan(0)
    expect(killed.differences.filter(({ lost, twice }) => lost + twice > 0)).toEqual([])
    expect(killed.leftovers).toEqual([])
    for (const { finished, recordedDone, recordedOther } of killed.commands)
      expect({ recordedDone, recordedOther }).toEqual({ recordedDone: finished, recordedOther: 0 })
  } finally {
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}, 300_000)
