/**
 * Where the time of `keyhound run` goes, by room of src/: JavaScript by V8's sampling profiler, and the rest of the process's processor
 * time, which is the SQL engine's threads for the most part (those of V8's garbage collector and compiler are in it too).
 *
 *     npm run profile -- [--size 200k] [--keep DIR] [--top 15] [--out FILE]
 *
 * Sizes and --keep as in bench:pipeline. The profiles themselves lie in reports/profile, for a browser's developer tools.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { keyhound, PROJECT } from './bench/keyhound.ts'
import { machine, markdownTable, progress, significant, writeJson } from './bench/lib.ts'
import { ingestArguments, simulateLogs, UNTIL } from './bench/logs.ts'
import { addTimes, type CpuProfile, IDLE, timesByRoom } from './profile/rooms.ts'

const BAR_WIDTH = 40

const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: '200k' },
    keep: { type: 'string' },
    top: { type: 'string', default: '15' },
    out: { type: 'string', default: join(PROJECT, 'reports', 'profile.json') },
  },
})

const scratch = mkdtempSync(join(tmpdir(), 'keyhound-profile-'))
try {
  await profile()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function profile(): Promise<void> {
  const folder = flags.keep ?? scratch
  mkdirSync(folder, { recursive: true })
  const logs = await simulateLogs(flags.size, folder)
  const profiles = join(PROJECT, 'reports', 'profile')
  rmSync(profiles, { recursive: true, force: true })
  progress(`${flags.size}: from logs to alerts`)
  const argv = ['run', ...ingestArguments(logs), '--until', UNTIL, '--from', UNTIL]
  const { processorSeconds, seconds } = await keyhound(
    [...argv, '--workspace', join(scratch, 'workspace')],
    ['--cpu-prof', '--cpu-prof-dir', profiles],
  )
  const dist = pathToFileURL(join(PROJECT, 'dist')).href
  const files = readdirSync(profiles).filter(file => file.endsWith('.cpuprofile'))
  const { rooms, functions } = addTimes(
    files.map(file =>
      timesByRoom(JSON.parse(readFileSync(join(profiles, file), 'utf8')) as CpuProfile, dist),
    ),
  )
  const sampled = [...rooms].filter(([room]) => room !== IDLE)
  const onThreads = processorSeconds - sampled.reduce((sum, [, own]) => sum + own, 0)
  const times = descending([...sampled, ['sql (native)', Math.max(0, onThreads)]])
  const idleSeconds = rooms.get(IDLE) ?? 0
  const heaviest = descending(functions).slice(0, Number(flags.top))
  writeJson(flags.out, {
    bench: 'profile',
    machine: machine(),
    size: flags.size,
    seconds,
    processorSeconds,
    idleSeconds,
    rooms: Object.fromEntries(times),
    functions: Object.fromEntries(heaviest),
  })
  const idle = {
    room: `${IDLE} (JavaScript waits)`,
    'processor s': idleSeconds.toFixed(2),
    share: '–',
    '': '',
  }
  console.log(markdownTable([...tabulate('room', times, processorSeconds), idle]))
  console.log(`\n${markdownTable(tabulate('function', heaviest, processorSeconds))}`)
  console.log(
    `\n${significant(processorSeconds)} s of processors in ${significant(seconds)} s. Seconds of idle are of wall time, and in no share. ` +
      `Profiles: ${profiles}. JSON: ${flags.out}`,
  )
}

function descending(times: Iterable<readonly [string, number]>): (readonly [string, number])[] {
  return [...times].sort((a, b) => b[1] - a[1])
}

function tabulate(what: string, times: readonly (readonly [string, number])[], all: number) {
  const longest = Math.max(...times.map(([, seconds]) => seconds))
  return times.map(([name, seconds]) => ({
    [what]: name,
    'processor s': seconds.toFixed(2),
    share: `${((100 * seconds) / all).toFixed(1)} %`,
    '': '█'.repeat(Math.round((BAR_WIDTH * seconds) / longest)),
  }))
}
