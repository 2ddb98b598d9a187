import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { quantile } from '../../src/lib/stats.ts'

/** What a finished child process cost. */
export interface ChildRun {
  readonly stdout: string
  /** Wall-clock, from start to exit. */
  readonly seconds: number
  /** User and system time of the process, its threads and the children it waited for; NaN where the system does not tell. */
  readonly processorSeconds: number
  /** Largest resident set of the process, 10^6 bytes; NaN where the system does not tell. */
  readonly peakMegabytes: number
}

/** One thread for every numeric library a peer may bring. */
export const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }

const GNU_TIME = '/usr/bin/time'
const HAS_GNU_TIME = process.platform === 'linux' && existsSync(GNU_TIME)

/** Runs a command to its end; throws with its standard error when it fails. */
export async function runChild(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<ChildRun> {
  const told = join(tmpdir(), `keyhound-cost-${process.pid}-${Math.round(performance.now() * 1000)}`)
  const line = HAS_GNU_TIME ? [GNU_TIME, '-f', '%M %U %S', '-o', told, command, ...args] : [command, ...args]
  const began = performance.now()
  const child = spawn(line[0]!, line.slice(1), {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const watched = HAS_GNU_TIME ? undefined : watchCost(child.pid)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const seconds = (performance.now() - began) / 1000
  const cost = watched === undefined ? readGnuTime(told) : watched.stop()
  if (exitCode !== 0)
    throw new Error(
      `${command} ${args.join(' ')} ended with ${exitCode}:\n${(stderr || stdout).slice(-2000)}`,
    )
  return { stdout, seconds, ...cost }
}

type Cost = Pick<ChildRun, 'processorSeconds' | 'peakMegabytes'>

function readGnuTime(file: string): Cost {
  // A failed command puts a line before the figures.
  const line = readFileSync(file, 'utf8').trim().split('\n').at(-1)!
  rmSync(file, { force: true })
  const [kilobytes, user, system] = line.split(' ').map(Number)
  return { processorSeconds: user! + system!, peakMegabytes: (kilobytes! * 1024) / 1e6 }
}

/** Ticks of processor time a second in /proc; what every Linux says to programs. */
const TICKS = 100

/** Without GNU time: what the kernel says of the process (Linux), read often enough to miss little at the end. */
function watchCost(pid: number | undefined): { stop(): Cost } {
  const cost = { processorSeconds: Number.NaN, peakMegabytes: Number.NaN }
  const timer = setInterval(() => {
    try {
      const mark = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
      if (mark) cost.peakMegabytes = (Number(mark[1]) * 1024) / 1e6
      // The name may hold anything, so fields are counted from its closing bracket: user, system, then both of children.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      cost.processorSeconds = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS
    } catch {
      // Gone, or a system without /proc: the figures stay what they were.
    }
  }, 20)
  return {
    stop: () => {
      clearInterval(timer)
      return cost
    },
  }
}

/** Versions of Python and of the named modules, or undefined when one of them cannot be imported. */
export async function pythonVersions(
  python: string,
  modules: readonly string[],
): Promise<Record<string, string> | undefined> {
  const script = `import json, platform, ${modules.join(', ')}
print(json.dumps({'python': platform.python_version(), ${modules.map(m => `'${m}': ${m}.__version__`).join(', ')}}))`
  try {
    return JSON.parse((await runChild(python, ['-c', script])).stdout)
  } catch {
    return undefined
  }
}

export function medianOf(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** A number, a share or a dash. */
const FIGURE = /^-?\d+(\.\d+)?( %)?$|^–$/

/** A GitHub table, padded so that a terminal shows it aligned too; figures are right-aligned. */
export function markdownTable(rows: readonly Record<string, string | number>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const cells = rows.map(row => names.map(name => String(row[name] ?? '–')))
  const isFigure = names.map((name, c) =>
    rows.every((row, r) => typeof row[name] === 'number' || FIGURE.test(cells[r]![c]!)),
  )
  const widths = names.map((name, c) => Math.max(4, name.length, ...cells.map(row => row[c]!.length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, c) => (isFigure[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!))).join(' | ')} |`
  const rule = widths.map((width, c) => (isFigure[c] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [line(names), line(rule), ...cells.map(line)].join('\n')
}

/** A number with so many significant digits, or a dash for none. */
export function significant(value: number | undefined, digits = 3): number | string {
  return value === undefined || !Number.isFinite(value) ? '–' : Number(value.toPrecision(digits))
}

/** What the figures were measured on; nothing that identifies the machine. */
export function machine(): Record<string, string | number> {
  return { node: process.version, platform: process.platform, arch: process.arch, cpus: cpus().length }
}

export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`)
}

export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}
