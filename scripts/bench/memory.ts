/**
 * Peak memory of whole processes: `ingest` alone, and `run` from logs to alerts, as the log grows.
 *
 *     npm run bench:memory -- [--sizes 1m,3m] [--runs 1] [--keep DIR] [--out FILE]
 *
 * Sizes and --keep as in bench:pipeline. The peak is the largest resident set, as the kernel tells it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { count, keyhound, PROJECT } from './keyhound.ts'
import { type ChildRun, machine, markdownTable, medianOf, progress, significant, writeJson } from './lib.ts'
import { ingestArguments, simulateLogs, UNTIL } from './logs.ts'

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1m,3m' },
    runs: { type: 'string', default: '1' },
    keep: { type: 'string' },
    out: { type: 'string', default: join(PROJECT, 'reports', 'bench-memory.json') },
  },
})

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  ingest: [],
  run: ['--until', UNTIL, '--from', UNTIL],
}

const scratch = mkdtempSync(join(tmpdir(), 'keyhound-bench-'))
try {
  await bench()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  const results = []
  for (const size of flags.sizes.split(','))
    for (const command of Object.keys(COMMANDS)) results.push(await measure(size, command))
  writeJson(flags.out, { bench: 'memory', machine: machine(), results })
  const rows = results.map(({ command, events, costs }) => {
    const median = (of: (cost: Cost) => number) => significant(medianOf(costs.map(of)))
    return {
      command,
      events,
      'peak MB': median(cost => cost.peakMegabytes),
      'processor s': median(cost => cost.processorSeconds),
      'wall s': median(cost => cost.seconds),
    }
  })
  console.log(markdownTable(rows))
  console.log(`\nMedians of ${flags.runs} runs, whole processes. JSON: ${flags.out}`)
}

type Cost = Omit<ChildRun, 'stdout'>

async function measure(size: string, command: string) {
  const folder = flags.keep ?? scratch
  mkdirSync(folder, { recursive: true })
  const logs = await simulateLogs(size, folder)
  const workspace = join(scratch, 'workspace')
  const costs: Cost[] = []
  let events = 0
  for (let run = 0; run < Number(flags.runs); run++) {
    rmSync(workspace, { recursive: true, force: true })
    const argv = [command, ...ingestArguments(logs), ...COMMANDS[command]!, '--workspace', workspace]
    const { stdout: _, ...cost } = await keyhound(argv)
    costs.push(cost)
    progress(`${size}, ${command}: ${Math.round(cost.peakMegabytes)} MB`)
    events = await count(workspace, 'SELECT count(*) AS n FROM events')
  }
  rmSync(workspace, { recursive: true, force: true })
  return { size, command, events, costs }
}
