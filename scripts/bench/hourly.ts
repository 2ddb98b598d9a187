/**
 * What an hour of new logs costs a scheduled job, as whole processes through the built command line: `ingest` and `score` of one hour at a
 * time, on workspaces that differ in the days behind them and in the events of an hour. The hours measured are of the last day, from
 * eight in the morning on.
 *
 *     npm run bench:hourly -- [--days 10,30] [--rates 1200,12000] [--hours 6] [--out FILE]
 *
 * Rates are events an hour, on average.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openEngine, quoteText } from '../../src/sql/duckdb.ts'
import {
  type ChildRun,
  machine,
  markdownTable,
  medianOf,
  progress,
  runChild,
  significant,
  writeJson,
} from './lib.ts'

const START = '2026-09-01'
const DAY_MS = 86_400_000
const FIRST_HOUR = 8

interface HourRun {
  readonly hour: number
  readonly events: number
  readonly ingest: Omit<ChildRun, 'stdout'>
  readonly score: Omit<ChildRun, 'stdout'>
}

const project = fileURLToPath(new URL('../..', import.meta.url))
const main = join(project, 'dist', 'cli', 'main.js')
const { values: flags } = parseArgs({
  options: {
    days: { type: 'string', default: '10,30' },
    rates: { type: 'string', default: '1200,12000' },
    hours: { type: 'string', default: '6' },
    out: { type: 'string', default: join(project, 'reports', 'bench-hourly.json') },
  },
})

const scratch = mkdtempSync(join(tmpdir(), 'keyhound-hourly-'))
try {
  await bench()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  if (!existsSync(main)) throw new Error(`${main} is missing: run "npm run build" first`)
  const cases = []
  for (const rate of flags.rates.split(',').map(Number))
    for (const days of flags.days.split(',').map(Number)) {
      progress(`${days} days behind, ${rate} events an hour`)
      cases.push({ days, rate, runs: await measure(days, rate) })
    }
  writeJson(flags.out, { bench: 'hourly', machine: machine(), cases })
  const rows = cases.map(({ days, rate, runs }) => {
    const median = (of: (run: HourRun) => number) => significant(medianOf(runs.map(of)))
    return {
      'days behind': days,
      'events behind': Math.round(days * 24 * rate),
      'events of the hour': median(run => run.events),
      'ingest, s': median(run => run.ingest.seconds),
      'score, s': median(run => run.score.seconds),
      'processor s': median(run => run.ingest.processorSeconds + run.score.processorSeconds),
      'peak MB': median(run => Math.max(run.ingest.peakMegabytes, run.score.peakMegabytes)),
    }
  })
  console.log(markdownTable(rows))
  console.log(`\nMedians of ${flags.hours} hours, starting the processes among it. JSON: ${flags.out}`)
}

async function measure(days: number, rate: number): Promise<HourRun[]> {
  const folder = join(scratch, `${days}-${rate}`)
  const [logs, workspace] = [join(folder, 'logs'), join(folder, 'workspace')]
  const keyhound = (...args: string[]) => runChild(process.execPath, [main, ...args])
  const tokens = Math.max(20, Math.round(rate / 2))
  const simulated = {
    out: logs,
    tokens,
    days: days + 1,
    events: rate * 24 * (days + 1),
    seed: 1,
    start: START,
    format: 'parquet',
  }
  await keyhound(
    'simulate',
    ...Object.entries(simulated).flatMap(([name, value]) => [`--${name}`, String(value)]),
  )
  const lastDay = new Date(Date.parse(START) + days * DAY_MS)
  const { before, hours } = await slices(join(logs, 'events'), folder, lastDay)
  const options = ['--tokens', 'identifier', '--workspace', workspace]
  await keyhound('ingest', before, '--inventory', join(logs, 'tokens.csv'), ...options)
  await keyhound(
    'train',
    '--until',
    new Date(lastDay.getTime() - DAY_MS).toISOString().slice(0, 10),
    '--workspace',
    workspace,
  )
  await keyhound('score', '--to', at(lastDay, FIRST_HOUR), '--workspace', workspace)
  const runs: HourRun[] = []
  for (const { hour, events, path } of hours) {
    const ingest = await keyhound('ingest', path, ...options)
    const score = await keyhound(
      'score',
      '--from',
      at(lastDay, hour),
      '--to',
      at(lastDay, hour + 1),
      '--workspace',
      workspace,
    )
    runs.push({ hour, events, ingest: costOf(ingest), score: costOf(score) })
    progress(
      `  hour ${hour}: ${events} events, ingest ${ingest.seconds.toFixed(1)} s, score ${score.seconds.toFixed(1)} s`,
    )
  }
  rmSync(folder, { recursive: true, force: true })
  return runs
}

/** The log up to the first hour measured as one file, and each hour measured as one of its own. */
async function slices(events: string, folder: string, lastDay: Date) {
  const engine = await openEngine()
  try {
    const source = `read_parquet(${quoteText(join(events, '**', '*.parquet'))}, union_by_name = true, hive_partitioning = false)`
    const copy = async (name: string, where: string) => {
      const path = join(folder, `${name}.parquet`)
      await engine.run(`COPY (SELECT * FROM ${source} WHERE ${where}) TO ${quoteText(path)} (FORMAT parquet)`)
      const [row] = await engine.rows<{ n: number }>(
        `SELECT count(*)::INTEGER AS n FROM read_parquet(${quoteText(path)})`,
      )
      return { path, events: row!.n }
    }
    const before = await copy('before', `time < TIMESTAMP '${at(lastDay, FIRST_HOUR)}'`)
    const hours = []
    for (let hour = FIRST_HOUR; hour < FIRST_HOUR + Number(flags.hours); hour++) {
      const where = `time >= TIMESTAMP '${at(lastDay, hour)}' AND time < TIMESTAMP '${at(lastDay, hour + 1)}'`
      hours.push({ hour, ...(await copy(`hour-${hour}`, where)) })
    }
    return { before: before.path, hours }
  } finally {
    engine.close()
  }
}

function at(day: Date, hour: number): string {
  return `${day.toISOString().slice(0, 10)}T${String(hour).padStart(2, '0')}:00:00`
}

function costOf({ stdout: _, ...cost }: ChildRun): Omit<ChildRun, 'stdout'> {
  return cost
}
