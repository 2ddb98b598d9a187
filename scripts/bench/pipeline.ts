/**
 * Events to scores, whole processes from start to exit, on simulated CSV logs of 36 days: trained to day 21, days 22 to 36 scored, with
 * shipped defaults and features written. Ours as `run` and as three commands (ingest, train, score), beside pandas and scikit-learn in
 * one process (22 plain features, a forest of the same days, the same hours scored). They take turns.
 *
 *     npm run bench:pipeline -- [--sizes 1.06m] [--runs 3] [--only run,commands,peer] [--peer-most 11m]
 *                               [--keep DIR] [--peer-dir DIR] [--python python3] [--out FILE]
 *
 * A size is a number of events: 1m,3m,10m,30m shows whether time is linear; the peer holds the log in memory and sits out above
 * --peer-most. --keep holds on to the logs in DIR/logs-SIZE and uses those that lie there. The peer's packages go to --peer-dir, once.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PROJECT } from './keyhound.ts'
import { machine, markdownTable, medianOf, progress, significant, writeJson } from './lib.ts'
import { fitLine } from './linear-fit.ts'
import { parseSize, simulateLogs, UNTIL } from './logs.ts'
import { peerPython } from './peers/python.ts'
import {
  asCommands,
  asPeer,
  asRun,
  type Contender,
  type PipelineRun,
  type Stage,
} from './pipeline/contenders.ts'

const RUN = 'keyhound run'
const COMMANDS = 'three commands'
const PEER = 'pandas + scikit-learn'

interface SizeResult {
  readonly size: string
  /** By contender. */
  readonly runs: Readonly<Record<string, PipelineRun[]>>
}

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1.06m' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: 'run,commands,peer' },
    'peer-most': { type: 'string', default: '11m' },
    keep: { type: 'string' },
    'peer-dir': { type: 'string', default: join(tmpdir(), 'keyhound-peers') },
    python: { type: 'string', default: 'python3' },
    out: { type: 'string', default: join(PROJECT, 'reports', 'bench-pipeline.json') },
  },
})

const scratch = mkdtempSync(join(tmpdir(), 'keyhound-bench-'))
try {
  await bench()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  const only = flags.only.split(',')
  const unknown = only.filter(name => !['run', 'commands', 'peer'].includes(name))
  if (unknown.length > 0) throw new Error(`--only takes run, commands and peer; got ${unknown.join(', ')}`)
  const peer = only.includes('peer') ? await peerPython(flags['peer-dir'], flags.python) : undefined
  const contenders: Record<string, Contender> = {
    ...(only.includes('run') && { [RUN]: asRun }),
    ...(only.includes('commands') && { [COMMANDS]: asCommands }),
    ...(peer && { [PEER]: asPeer(peer.python) }),
  }
  const results: SizeResult[] = []
  for (const size of flags.sizes.split(',')) results.push(await measure(size, contenders))
  writeJson(flags.out, {
    bench: 'pipeline',
    machine: machine(),
    versions: peer?.versions ?? null,
    until: UNTIL,
    results,
    fits: fits(results),
  })
  console.log(markdownTable(results.flatMap(tabulate)))
  console.log(`\n${markdownTable(results.flatMap(tabulateStages))}`)
  if (results.length > 1) console.log(`\n${markdownTable(fits(results))}`)
  console.log(
    `\nMedians of ${flags.runs} interleaved runs, whole processes. "processor s" is user and system time. JSON: ${flags.out}`,
  )
}

async function measure(size: string, contenders: Readonly<Record<string, Contender>>): Promise<SizeResult> {
  const folder = flags.keep ?? scratch
  mkdirSync(folder, { recursive: true })
  const logs = await simulateLogs(size, folder)
  const isTooLarge = parseSize(size).events > parseSize(flags['peer-most']).events
  const names = Object.keys(contenders).filter(name => name !== PEER || !isTooLarge)
  const runs: Record<string, PipelineRun[]> = Object.fromEntries(names.map(name => [name, []]))
  for (let run = 1; run <= Number(flags.runs); run++) {
    for (const name of names) {
      const result = await contenders[name]!(logs, scratch)
      runs[name]!.push(result)
      progress(
        `${size}, run ${run}, ${name}: ${wall(result).toFixed(1)} s, ${processor(result).toFixed(1)} of processors`,
      )
    }
  }
  if (flags.keep === undefined) rmSync(join(folder, `logs-${size}`), { recursive: true, force: true })
  return { size, runs }
}

function sum(run: PipelineRun, of: (stage: Stage) => number): number {
  return run.stages.reduce((total, stage) => total + of(stage), 0)
}

function wall(run: PipelineRun): number {
  return sum(run, stage => stage.seconds)
}

function processor(run: PipelineRun): number {
  return sum(run, stage => stage.processorSeconds)
}

function peak(run: PipelineRun): number {
  return Math.max(...run.stages.map(stage => stage.peakMegabytes))
}

function tabulate({ runs }: SizeResult) {
  const over = (own: readonly PipelineRun[], of: (run: PipelineRun) => number) =>
    runs[PEER] && significant(medianOf(own.map(of)) / medianOf(runs[PEER].map(of)))
  return Object.entries(runs).map(([pipeline, own]) => ({
    events: own[0]!.events,
    pipeline,
    'token-hours scored': own[0]!.tokenHours,
    'wall s': significant(medianOf(own.map(wall))),
    'processor s': significant(medianOf(own.map(processor))),
    'peak MB': significant(medianOf(own.map(peak))),
    'wall / peer': over(own, wall) ?? '–',
    'processor / peer': over(own, processor) ?? '–',
    'memory / peer': over(own, peak) ?? '–',
  }))
}

function tabulateStages({ runs }: SizeResult) {
  return Object.entries(runs).flatMap(([pipeline, own]) =>
    own[0]!.stages.map((stage, i) => {
      const median = (of: (stage: Stage) => number) =>
        significant(medianOf(own.map(run => of(run.stages[i]!))))
      return {
        events: own[0]!.events,
        pipeline,
        stage: stage.name,
        'wall s': median(one => one.seconds),
        'processor s': median(one => one.processorSeconds),
        'peak MB': median(one => one.peakMegabytes),
      }
    }),
  )
}

/** Straight lines over the sizes: what starting costs, what a million events more cost, and how straight it is. */
function fits(results: readonly SizeResult[]) {
  const measured = { 'wall s': wall, 'processor s': processor, 'peak MB': peak }
  return [RUN, COMMANDS].flatMap(pipeline => {
    const sized = results
      .filter(({ runs }) => runs[pipeline] !== undefined)
      .map(({ runs }) => runs[pipeline]!)
    if (sized.length < 2) return []
    const millions = sized.map(own => own[0]!.events / 1e6)
    return Object.entries(measured).map(([what, of]) => {
      const { start, slope, r2, farthest } = fitLine(
        millions,
        sized.map(own => medianOf(own.map(of))),
      )
      return {
        pipeline,
        what,
        'at no events': significant(start),
        'a million events': significant(slope),
        'R²': significant(r2, 4),
        'farthest from the line': `${significant(100 * farthest, 2)} %`,
      }
    })
  })
}
