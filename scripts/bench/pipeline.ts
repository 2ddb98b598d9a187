/**
 * Events to scores, whole processes: ours through the built command line (ingest, train, score; a process each), beside
 * the seed prototype's way (pandas + scikit-learn in one process). Both read the same CSV files, train on the first 28
 * of 35 days and score every token-hour; they take turns.
 *
 *     npm run bench:pipeline -- [--sizes 1m,10m] [--runs 3] [--python python3] [--keep DIR] [--out FILE]
 *
 * --keep holds on to the simulated logs in DIR and uses them again the next time.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  machine,
  markdownTable,
  medianOf,
  progress,
  pythonVersions,
  runChild,
  significant,
  writeJson,
} from './lib.ts'

const DAYS = 35
const START = '2026-09-01'
/** End of the training part, day 28. */
const UNTIL = '2026-09-29'
/** Tokens grow with events, so that ten times the events are ten times the token-hours. */
const TOKENS_PER_MILLION = 700

/** One stage of one contender, in one run. */
interface Stage {
  name: string
  seconds: number
  peakMegabytes: number
}

interface PipelineRun {
  stages: Stage[]
  tokenHours: number
}

const project = fileURLToPath(new URL('../..', import.meta.url))
const main = join(project, 'dist', 'cli', 'main.js')
const seedScript = join(project, 'scripts', 'bench', 'peers', 'seed_pipeline.py')

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1m,10m' },
    runs: { type: 'string', default: '3' },
    python: { type: 'string', default: 'python3' },
    keep: { type: 'string' },
    out: { type: 'string', default: join(project, 'reports', 'bench-pipeline.json') },
  },
})

const scratch = mkdtempSync(join(tmpdir(), 'keyhound-bench-'))
try {
  await bench()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  if (!existsSync(main)) throw new Error(`${main} is missing: run "npm run build" first`)
  const versions = await pythonVersions(flags.python, ['pandas', 'sklearn', 'numpy'])
  if (versions === undefined)
    progress(`pandas and scikit-learn are not there for ${flags.python}: the seed's pipeline is left out`)
  const contenders: [string, (logs: string, run: number) => Promise<PipelineRun>][] = [['keyhound', runOurs]]
  if (versions !== undefined) contenders.push(['pandas + scikit-learn', runSeed])

  const sizes = []
  for (const size of flags.sizes.split(',')) {
    const logs = await simulateLogs(size)
    const runs: Record<string, PipelineRun[]> = Object.fromEntries(contenders.map(([name]) => [name, []]))
    for (let run = 0; run < Number(flags.runs); run++) {
      for (const [name, start] of contenders) {
        const result = await start(logs, run)
        runs[name]!.push(result)
        progress(`${size}: run ${run + 1}, ${name}: ${totalSeconds(result).toFixed(1)} s`)
      }
    }
    if (flags.keep === undefined) rmSync(logs, { recursive: true, force: true })
    sizes.push({ size, events: parseSize(size), runs })
  }

  writeJson(flags.out, {
    bench: 'pipeline',
    machine: machine(),
    versions: versions ?? null,
    days: DAYS,
    sizes,
  })
  console.log(markdownTable(sizes.flatMap(({ size, runs }) => tabulate(size, runs))))
  console.log()
  console.log(markdownTable(sizes.flatMap(({ size, runs }) => tabulateStages(size, runs))))
  console.log(`\n${linearity(sizes)}Medians of ${flags.runs} interleaved runs. JSON: ${flags.out}`)
}

/** Writes the logs of one size, CSV a day, and answers their folder. */
async function simulateLogs(size: string): Promise<string> {
  const folder = join(flags.keep ?? scratch, `logs-${size}`)
  if (existsSync(join(folder, 'events'))) return folder
  const events = parseSize(size)
  const tokens = Math.max(20, Math.round((events / 1e6) * TOKENS_PER_MILLION))
  progress(`${size}: simulating ${events} events of ${tokens} tokens`)
  const options = { out: folder, tokens, days: DAYS, events, seed: 1, start: START, format: 'csv' }
  const child = await runChild(process.execPath, [
    main,
    'simulate',
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ])
  progress(`${size}: simulated in ${child.seconds.toFixed(1)} s, ${Math.round(child.peakMegabytes)} MB`)
  return folder
}

async function runOurs(logs: string, run: number): Promise<PipelineRun> {
  const workspace = join(scratch, `workspace-${run}`)
  const keyhound = (...args: string[]) =>
    runChild(process.execPath, [main, ...args, '--workspace', workspace])
  const commands = [
    ['ingest', join(logs, 'events'), '--inventory', join(logs, 'tokens.csv'), '--tokens', 'identifier'],
    ['train', '--until', UNTIL],
    ['score', '--from', START],
  ]
  const stages: Stage[] = []
  for (const command of commands) {
    const { seconds, peakMegabytes } = await keyhound(...command)
    stages.push({ name: command[0]!, seconds, peakMegabytes })
  }
  const counted = await keyhound('query', 'SELECT count(*) AS n FROM scores', '--format', 'csv')
  rmSync(workspace, { recursive: true, force: true })
  return { stages, tokenHours: Number(counted.stdout.trim().split('\n').at(-1)) }
}

async function runSeed(logs: string): Promise<PipelineRun> {
  const scores = join(scratch, 'seed-scores.csv')
  const child = await runChild(flags.python, [seedScript, join(logs, 'events'), UNTIL, scores])
  rmSync(scores)
  const told = JSON.parse(child.stdout) as { tokenHours: number }
  const { seconds, peakMegabytes } = child
  return { stages: [{ name: 'whole', seconds, peakMegabytes }], tokenHours: told.tokenHours }
}

function totalSeconds(run: PipelineRun): number {
  return run.stages.reduce((sum, stage) => sum + stage.seconds, 0)
}

function medianSeconds(runs: readonly PipelineRun[]): number {
  return medianOf(runs.map(totalSeconds))
}

function medianPeak(runs: readonly PipelineRun[]): number {
  return medianOf(runs.map(run => Math.max(...run.stages.map(stage => stage.peakMegabytes))))
}

function tabulate(size: string, runs: Record<string, PipelineRun[]>) {
  const ours = runs.keyhound!
  return Object.entries(runs).map(([name, own]) => ({
    events: size,
    pipeline: name,
    'token-hours': own[0]!.tokenHours,
    seconds: significant(medianSeconds(own)),
    'peak MB': significant(medianPeak(own)),
    'time / ours': significant(medianSeconds(own) / medianSeconds(ours)),
    'memory / ours': significant(medianPeak(own) / medianPeak(ours)),
  }))
}

function tabulateStages(size: string, runs: Record<string, PipelineRun[]>) {
  return Object.entries(runs).flatMap(([name, own]) =>
    own[0]!.stages.map((stage, i) => ({
      events: size,
      pipeline: name,
      stage: stage.name,
      seconds: significant(medianOf(own.map(run => run.stages[i]!.seconds))),
      'peak MB': significant(medianOf(own.map(run => run.stages[i]!.peakMegabytes))),
    })),
  )
}

/** Time of each larger size over the smallest, beside the ratio of events: equal when time is linear. */
function linearity(
  sizes: readonly { size: string; events: number; runs: Record<string, PipelineRun[]> }[],
): string {
  const [small, ...larger] = [...sizes].sort((a, b) => a.events - b.events)
  return larger
    .flatMap(large =>
      Object.keys(large.runs).map(name => {
        const ratio = medianSeconds(large.runs[name]!) / medianSeconds(small!.runs[name]!)
        const events = large.events / small!.events
        return `${name}: ${large.size} takes ${ratio.toFixed(1)} times as long as ${small!.size} (${events} times the events).\n`
      }),
    )
    .join('')
}

/** "10m" -> 10,000,000 */
function parseSize(size: string): number {
  const parts = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(size)
  if (parts === null) throw new Error(`a size is a number of events such as 200k or 1m; got "${size}"`)
  return Number(parts[1]) * { '': 1, k: 1e3, m: 1e6 }[parts[2]!.toLowerCase()]!
}
