import { spawn } from 'node:child_process'
import { type FSWatcher, watch } from 'node:fs'

/** When a process is to die: so long after its start, or as soon as so many changes of files were seen. */
export type Moment = { readonly afterMs: number } | { readonly atChange: number }

/** How a process ended. */
export interface Ended {
  /** False when it had come to its end before. */
  readonly isKilled: boolean
  readonly exitCode: number | null
  readonly stderr: string
  readonly ms: number
  /** Changes seen below the watched folder. */
  readonly changes: number
}

/** Runs a command to its end, or to the moment when it is killed with SIGKILL, which no program can see coming. */
export function runUntil(command: readonly string[], watched: string, moment?: Moment): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    let changes = 0
    const kill = () => void child.kill('SIGKILL')
    const watcher: FSWatcher = watch(watched, { recursive: true }, () => {
      changes++
      if (moment !== undefined && 'atChange' in moment && changes === moment.atChange) kill()
    })
    // Files come and go while they are looked at.
    watcher.on('error', () => {})
    const timer = moment !== undefined && 'afterMs' in moment ? setTimeout(kill, moment.afterMs) : undefined
    child.stderr.on('data', piece => {
      stderr += piece
    })
    child.once('error', reject)
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer)
      watcher.close()
      const ms = performance.now() - began
      resolve({ isKilled: signal === 'SIGKILL', exitCode, stderr, ms, changes })
    })
  })
}
