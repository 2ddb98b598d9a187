/**
 * Isolation forests side by side, 100 trees x 256 rows, float32: ours on one thread and on two, scikit-learn's and the npm
 * package's on one.
 * Every run is a process of its own; the peers take turns, so that a slow minute of the machine hits all of them.
 *
 *     npm run bench:forest -- [--sizes 100kx16,100kx64,1mx16,1mx64] [--runs 3] [--passes 3] [--parity-seeds 20]
 *                             [--python python3] [--out FILE]
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { auroc, averagePrecision } from '../../src/lib/metrics.ts'
import { mean } from '../../src/lib/stats.ts'
import {
  type ChildRun,
  machine,
  markdownTable,
  medianOf,
  ONE_THREAD,
  progress,
  pythonVersions,
  runChild,
  significant,
  writeJson,
} from './lib.ts'
import { writeSyntheticTable } from './synthetic.ts'

/** The npm package takes minutes and gigabytes beyond this. */
const NPM_MOST_CELLS = 2_000_000

const OURS = 'keyhound'

/** One seed moves AUROC here by 0.01 and AP by 0.05: ranking is compared over many seeds, on a small table. */
const PARITY_SIZE = '20kx16'

interface Job {
  table: string
  rows: number
  cols: number
  seed: number
  passes: number
  scores: string
}

interface Peer {
  name: string
  /** Worth comparing over seeds. */
  seeded: boolean
  takes(rows: number, cols: number): boolean
  run(job: Job): Promise<ChildRun>
}

interface Measurement {
  fitSeconds: number
  /** Pass after pass in one process; the first includes warming up. */
  scoreSeconds: number[]
  /** Of all threads, pass after pass. */
  processorSeconds: number[]
  peakMegabytes: number
  auroc: number
  ap: number
}

const project = fileURLToPath(new URL('../..', import.meta.url))
const peers = join(project, 'scripts', 'bench', 'peers')

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100kx16,100kx64,1mx16,1mx64' },
    runs: { type: 'string', default: '3' },
    passes: { type: 'string', default: '3' },
    'parity-seeds': { type: 'string', default: '20' },
    python: { type: 'string', default: 'python3' },
    out: { type: 'string', default: join(project, 'reports', 'bench-forest.json') },
  },
})

const scratch = mkdtempSync(join(tmpdir(), 'keyhound-bench-'))
try {
  await main()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function main(): Promise<void> {
  const versions = await pythonVersions(flags.python, ['sklearn', 'numpy'])
  if (versions === undefined) progress(`scikit-learn is not there for ${flags.python}: its rows are left out`)
  const contenders = listPeers(compileSources(), versions !== undefined)
  const sizes = []
  for (const size of flags.sizes.split(',')) sizes.push(await measureSize(size, contenders))
  const parity = Number(flags['parity-seeds']) > 1 ? await measureParity(contenders) : []
  writeJson(flags.out, {
    bench: 'forest',
    machine: machine(),
    versions: versions ?? null,
    sizes,
    parity,
  })
  const rows = sizes.flatMap(size => size.rows)
  console.log(markdownTable(rows))
  if (parity.length > 0) console.log(`\n${markdownTable(parity)}`)
  console.log(
    `\nMedians of ${flags.runs} interleaved runs, ${flags.passes} scoring passes each; "first" is the first pass of a fresh process. ` +
      `Peak memory is the whole process with its table. JSON: ${flags.out}`,
  )
}

/** Compiles src as it is now, so that what is measured is what ships, not a loader's rendering of it. */
function compileSources(): string {
  const root = join(scratch, 'compiled')
  spawnSync(
    process.execPath,
    [
      join(project, 'node_modules', 'typescript', 'bin', 'tsc'),
      '-p',
      join(project, 'tsconfig.json'),
      '--outDir',
      root,
    ],
    { cwd: project },
  )
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  return root
}

function listPeers(compiled: string, withPython: boolean): Peer[] {
  const all = () => true
  const keyhound = (name: string, threads: number, seeded: boolean): Peer => ({
    name,
    seeded,
    takes: all,
    run: job =>
      runChild(process.execPath, [
        join(peers, 'keyhound_forest.mjs'),
        ...[compiled, job.table, job.rows, job.cols, job.seed, job.passes, job.scores, threads].map(String),
      ]),
  })
  return [
    keyhound(OURS, 1, true),
    // The same bits, so not compared over seeds again; small tables stay on one thread.
    keyhound(`${OURS}, 2 threads`, 2, false),
    {
      name: 'scikit-learn',
      seeded: true,
      takes: () => withPython,
      run: job =>
        runChild(
          flags.python,
          [
            join(peers, 'sklearn_forest.py'),
            ...[job.table, job.rows, job.cols, job.seed, job.passes, job.scores].map(String),
          ],
          ONE_THREAD,
        ),
    },
    {
      name: 'npm isolation-forest',
      seeded: false,
      takes: (rows, cols) => rows * cols <= NPM_MOST_CELLS,
      run: job =>
        runChild(process.execPath, [
          '--max-old-space-size=8192',
          join(peers, 'npm_forest.mjs'),
          ...[job.table, job.rows, job.cols, job.passes, job.scores].map(String),
        ]),
    },
  ]
}

async function measureSize(size: string, contenders: readonly Peer[]) {
  const { rows, cols } = parseSize(size)
  progress(`${size}: writing the table`)
  const table = join(scratch, `${size}.f32`)
  const labels = writeSyntheticTable(table, rows, cols, 1)
  const measured = new Map<string, Measurement[]>()
  for (let run = 0; run < Number(flags.runs); run++) {
    for (const peer of contenders.filter(contender => contender.takes(rows, cols))) {
      const job = {
        table,
        rows,
        cols,
        seed: run,
        passes: Number(flags.passes),
        scores: join(scratch, 'scores.f64'),
      }
      const measurement = await measure(peer, job, labels)
      measured.set(peer.name, [...(measured.get(peer.name) ?? []), measurement])
      progress(
        `${size}: run ${run + 1}, ${peer.name}: scored in ${medianOf(measurement.scoreSeconds).toFixed(3)} s`,
      )
    }
  }
  rmSync(table)
  return { size, rows: tabulate(size, measured), runs: Object.fromEntries(measured) }
}

async function measure(peer: Peer, job: Job, labels: Uint8Array): Promise<Measurement> {
  const child = await peer.run(job)
  const timing = JSON.parse(child.stdout) as Pick<
    Measurement,
    'fitSeconds' | 'scoreSeconds' | 'processorSeconds'
  >
  const ranking = readFloats(job.scores)
  return {
    ...timing,
    peakMegabytes: child.peakMegabytes,
    auroc: auroc(ranking, labels),
    ap: averagePrecision(ranking, labels),
  }
}

/** Ranking quality of the forests that use their subsample, mean and standard error over the seeds. */
async function measureParity(contenders: readonly Peer[]) {
  const { rows, cols } = parseSize(PARITY_SIZE)
  const seeds = Number(flags['parity-seeds'])
  const table = join(scratch, 'parity.f32')
  const labels = writeSyntheticTable(table, rows, cols, 2)
  const results = []
  for (const peer of contenders.filter(contender => contender.seeded && contender.takes(rows, cols))) {
    progress(`${PARITY_SIZE}: ranking of ${peer.name} over ${seeds} seeds`)
    const runs: Measurement[] = []
    for (let seed = 0; seed < seeds; seed++) {
      const job = { table, rows, cols, seed, passes: 1, scores: join(scratch, 'scores.f64') }
      runs.push(await measure(peer, job, labels))
    }
    const areas = runs.map(run => run.auroc)
    const precisions = runs.map(run => run.ap)
    results.push({
      size: PARITY_SIZE,
      forest: peer.name,
      seeds,
      'AUROC mean': significant(mean(areas), 4),
      'standard error': significant(standardError(areas), 2),
      'AP mean': significant(mean(precisions), 4),
      'standard error of AP': significant(standardError(precisions), 2),
      'base rate': significant(mean(labels)),
    })
  }
  return results
}

function standardError(values: readonly number[]): number {
  const centre = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}

function tabulate(size: string, measured: ReadonlyMap<string, Measurement[]>) {
  const scoring = (runs: readonly Measurement[]) => medianOf(runs.flatMap(run => run.scoreSeconds))
  const fitting = (runs: readonly Measurement[]) => medianOf(runs.map(run => run.fitSeconds))
  const ours = measured.get(OURS)!
  return [...measured].map(([name, runs]) => ({
    size,
    forest: name,
    'fit s': significant(fitting(runs)),
    'score s': significant(scoring(runs)),
    'processor s': significant(medianOf(runs.flatMap(run => run.processorSeconds))),
    'first s': significant(medianOf(runs.map(run => run.scoreSeconds[0]!))),
    'fit / ours': significant(fitting(runs) / fitting(ours)),
    'score / ours': significant(scoring(runs) / scoring(ours)),
    'peak MB': significant(medianOf(runs.map(run => run.peakMegabytes))),
    AUROC: significant(medianOf(runs.map(run => run.auroc))),
    AP: significant(medianOf(runs.map(run => run.ap))),
  }))
}

function readFloats(path: string): Float64Array {
  const bytes = readFileSync(path)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

/** "100kx16" -> 100,000 rows of 16 columns. */
function parseSize(size: string): { rows: number; cols: number } {
  const parts = /^(\d+)([km]?)x(\d+)$/i.exec(size)
  if (parts === null) throw new Error(`a size is ROWSxCOLS such as 100kx16 or 1mx64; got "${size}"`)
  const unit = { '': 1, k: 1e3, m: 1e6 }[parts[2]!.toLowerCase()]!
  return { rows: Number(parts[1]) * unit, cols: Number(parts[3]) }
}
