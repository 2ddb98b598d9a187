/**
 * Kills ingest, score and serve with SIGKILL at random moments, goes on with a new run each time, and compares every row of the workspace with
 * that of runs that were let be: nothing may be lost, nothing may be there twice, nothing may be left lying about.
 *
 *     npm run bench:kills -- [--kills 100] [--seed 1] [--tokens 25] [--events 6000] [--only jobs,server] [--out kills.json] [--keep DIR]
 *
 * Half of the moments are drawn uniformly over the time that the undisturbed run took, half are changes of the workspace's files, drawn
 * uniformly from the first to the last, so that the short while in which results are published is hit as well.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRandom } from '../../src/lib/random.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { type KilledJobs, killJobs, runUndisturbed } from './kills/jobs.ts'
import { killServer } from './kills/server.ts'
import { type KillWorld, makeKillWorld } from './kills/world.ts'
import { machine, markdownTable, progress, writeJson } from './lib.ts'

const KEYHOUND = [process.execPath, fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))]

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    tokens: { type: 'string', default: '25' },
    events: { type: 'string', default: '6000' },
    only: { type: 'string', default: 'jobs,server' },
    out: { type: 'string', default: 'kills.json' },
    keep: { type: 'string' },
  },
})
const [kills, seed] = [Number(values.kills), Number(values.seed)]
const folder =
  values.keep === undefined ? mkdtempSync(join(tmpdir(), 'keyhound-kills-')) : resolve(values.keep)
mkdirSync(folder, { recursive: true })
// What a killed process had in the system's temporary folder stays there: let it be ours.
process.env.TMPDIR = folder
const engine = await openEngine({ threads: 1 })
try {
  const size = { tokens: Number(values.tokens), events: Number(values.events) }
  const options = { ...size, trainedDays: 7, slicedDays: 5, slicesPerDay: 2, seed }
  const world = await makeKillWorld(engine, folder, options)
  const random = createRandom(seed)
  const common = { keyhound: KEYHOUND, say: progress }
  const passes = values.only.includes('jobs') ? await killUntil(world, kills) : []
  const server = values.only.includes('server')
    ? await killServer(engine, world, { ...common, kills, batches: kills, random: random.fork('server') })
    : null
  writeJson(values.out, { machine: machine(), ...options, kills, passes, server })
  for (const pass of passes) show(pass.commands, pass)
  if (server !== null) {
    const { differences, leftovers, ...tally } = server
    show([tally], { differences, leftovers })
  }
} finally {
  engine.close()
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true })
}

/** Passes over all slices, each in a workspace of its own, until each command was killed so many times. */
async function killUntil(world: KillWorld, wanted: number): Promise<KilledJobs[]> {
  progress(`${world.slices.length} slices, undisturbed`)
  const undisturbed = await runUndisturbed(world, KEYHOUND)
  const random = createRandom(seed)
  const passes: KilledJobs[] = []
  for (let left = wanted; left > 0; ) {
    const name = `killed-${passes.length + 1}`
    const options = { keyhound: KEYHOUND, kills: left, random: random.fork(name), name, say: progress }
    const pass = await killJobs(engine, world, undisturbed, options)
    passes.push(pass)
    left -= Math.min(...pass.commands.map(one => one.kills))
  }
  return passes
}

function show(
  tallies: readonly object[],
  { differences, leftovers }: Pick<KilledJobs, 'differences' | 'leftovers'>,
): void {
  const differing = differences.filter(({ lost, twice }) => lost + twice > 0)
  const isWhole = differing.length + leftovers.length === 0
  process.stdout.write(
    `${markdownTable(tallies.map(one => ({ ...one })))}\n\n${markdownTable(differences.map(one => ({ ...one })))}\n\n` +
      `tables that differ: ${differing.map(one => one.table).join(', ') || 'none'}; left behind: ${leftovers.join(', ') || 'nothing'}\n\n`,
  )
  if (!isWhole) process.exitCode = 1
}
