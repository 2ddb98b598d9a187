/**
 * Kills ingest and score with SIGKILL at random moments, goes on with a new run each time, and compares every row of the workspace with
 * that of runs that were let be: nothing may be lost, nothing may be there twice, nothing may be left lying about.
 *
 *     npm run bench:kills -- [--kills 100] [--seed 1] [--tokens 25] [--events 6000] [--out kills.json] [--keep DIR]
 *
 * Half of the moments are drawn uniformly over the time that the undisturbed run took, half are changes of the workspace's files, drawn
 * uniformly from the first to the last, so that the short while in which results are published is hit as well.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openEngine } from '../../src/engine/duckdb.ts'
import { createRandom } from '../../src/lib/random.ts'
import { killJobs, runUndisturbed } from './kills/jobs.ts'
import { makeKillWorld } from './kills/world.ts'
import { machine, markdownTable, progress, writeJson } from './lib.ts'

const KEYHOUND = [process.execPath, fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))]

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    tokens: { type: 'string', default: '25' },
    events: { type: 'string', default: '6000' },
    out: { type: 'string', default: 'kills.json' },
    keep: { type: 'string' },
  },
})
const [kills, seed] = [Number(values.kills), Number(values.seed)]
const folder =
  values.keep === undefined ? mkdtempSync(join(tmpdir(), 'keyhound-kills-')) : resolve(values.keep)
mkdirSync(folder, { recursive: true })
const engine = await openEngine({ threads: 1 })
try {
  const size = { tokens: Number(values.tokens), events: Number(values.events) }
  const options = { ...size, trainedDays: 7, slicedDays: 5, slicesPerDay: 2, seed }
  const world = await makeKillWorld(engine, folder, options)
  progress(`${world.slices.length} slices, undisturbed`)
  const undisturbed = await runUndisturbed(world, KEYHOUND)
  const random = createRandom(seed).fork('jobs')
  const jobs = await killJobs(engine, world, undisturbed, {
    keyhound: KEYHOUND,
    kills,
    random,
    name: 'killed',
    say: progress,
  })
  writeJson(values.out, { machine: machine(), ...options, kills, jobs })
  const differing = jobs.differences.filter(({ lost, twice }) => lost + twice > 0)
  process.stdout.write(
    `${markdownTable(jobs.commands.map(one => ({ ...one })))}\n\n${markdownTable(jobs.differences.map(one => ({ ...one })))}\n\n` +
      `tables that differ: ${differing.map(one => one.table).join(', ') || 'none'}; left behind: ${jobs.leftovers.join(', ') || 'nothing'}\n`,
  )
  process.exitCode = differing.length + jobs.leftovers.length > 0 ? 1 : 0
} finally {
  engine.close()
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true })
}
