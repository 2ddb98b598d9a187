/**
 * What features cost: processor time of `prepare` (all threads), from events that are ingested already to the features of all days, an
 * event and a token-hour. A process for each run, on a fresh copy of the workspace; starting it is not counted.
 *
 *     npm run bench:features -- [--sizes 1m,3m-6300t] [--runs 3] [--keep DIR] [--out FILE]
 *
 * A size is a number of events, and of tokens where they are not 700 a million. --keep as in bench:pipeline.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { count, keyhound, PROJECT } from './keyhound.ts'
import { machine, markdownTable, medianOf, progress, runChild, significant, writeJson } from './lib.ts'
import { ingestArguments, simulateLogs } from './logs.ts'

const CHILD = fileURLToPath(new URL('features/prepare.mjs', import.meta.url))

/** One run of `prepare`. */
interface Run {
  readonly seconds: number
  readonly processorSeconds: number
  /** Of the whole process. */
  readonly peakMegabytes: number
}

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1m,3m-6300t' },
    runs: { type: 'string', default: '3' },
    keep: { type: 'string' },
    out: { type: 'string', default: join(PROJECT, 'reports', 'bench-features.json') },
  },
})

const scratch = mkdtempSync(join(tmpdir(), 'keyhound-bench-'))
try {
  await bench()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  const results = []
  for (const size of flags.sizes.split(',')) results.push(await measure(size))
  writeJson(flags.out, { bench: 'features', machine: machine(), results })
  const rows = results.map(({ tokens, events, tokenHours, runs }) => {
    const median = (of: (run: Run) => number) => significant(medianOf(runs.map(of)))
    return {
      tokens,
      events,
      'token-hours': tokenHours,
      'processor s': median(run => run.processorSeconds),
      'wall s': median(run => run.seconds),
      'µs an event': median(run => (1e6 * run.processorSeconds) / events),
      'µs a token-hour': median(run => (1e6 * run.processorSeconds) / tokenHours),
      'peak MB': median(run => run.peakMegabytes),
    }
  })
  console.log(markdownTable(rows))
  console.log(`\nMedians of ${flags.runs} runs; microseconds of processor time. JSON: ${flags.out}`)
}

async function measure(size: string) {
  const folder = flags.keep ?? scratch
  mkdirSync(folder, { recursive: true })
  const logs = await simulateLogs(size, folder)
  const ingested = join(scratch, 'ingested')
  progress(`${size}: ingesting`)
  await keyhound(['ingest', ...ingestArguments(logs), '--workspace', ingested])
  const runs: Run[] = []
  for (let run = 1; run <= Number(flags.runs); run++) {
    const workspace = join(scratch, 'workspace')
    cpSync(ingested, workspace, { recursive: true })
    const { stdout, peakMegabytes } = await runChild(process.execPath, [
      CHILD,
      join(PROJECT, 'dist'),
      workspace,
    ])
    runs.push({ ...(JSON.parse(stdout) as Omit<Run, 'peakMegabytes'>), peakMegabytes })
    progress(`${size}, run ${run}: ${runs.at(-1)!.processorSeconds.toFixed(1)} s of processors`)
    rmSync(workspace, { recursive: true, force: true })
  }
  const hours = "SELECT DISTINCT tenant_id, token_id, date_trunc('hour', time) AS hour FROM events"
  const result = {
    size,
    tokens: await count(ingested, 'SELECT count(DISTINCT (tenant_id, token_id)) AS n FROM events'),
    events: await count(ingested, 'SELECT count(*) AS n FROM events'),
    tokenHours: await count(ingested, `SELECT count(*) AS n FROM (${hours})`),
    runs,
  }
  rmSync(ingested, { recursive: true, force: true })
  if (flags.keep === undefined) rmSync(join(folder, `logs-${size}`), { recursive: true, force: true })
  return result
}
