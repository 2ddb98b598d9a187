import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, KeyhoundError } from '../../lib/errors.ts'
import type { JobFrame, JobProgress, JobRunner, JobTask } from './task.ts'

export interface ToJob {
  readonly task: JobTask
  readonly frame: JobFrame
}

export type FromJob =
  | { readonly progress: JobProgress }
  | { readonly result: string }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } }

// The same file as source and as built; sources are read by tsx, whoever runs this one.
const entry = fileURLToPath(new URL(`process${extname(import.meta.url)}`, import.meta.url))
const execArgv = entry.endsWith('.ts') ? ['--import', 'tsx'] : process.execArgv

/**
 * Does tasks in a process of their own: requests are answered meanwhile, and a task that is cancelled is gone at once, with its memory.
 */
export const forkJobs: JobRunner = (task, frame, onProgress, signal) =>
  new Promise<string>((resolve, reject) => {
    signal.throwIfAborted()
    const child = fork(entry, [], { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let said = ''
    child.stderr?.on('data', piece => {
      said = `${said}${piece}`.slice(-MOST_SAID)
    })
    const stop = () => void child.kill('SIGKILL')
    signal.addEventListener('abort', stop, { once: true })
    let settled: (() => void) | undefined
    child.on('message', (message: FromJob) => {
      if ('progress' in message) onProgress(message.progress)
      else if ('result' in message) settled = () => resolve(message.result)
      else settled = () => reject(new KeyhoundError(message.error.code, message.error.message))
    })
    child.once('error', reject)
    // Settled once the process is gone: what it worked on may be removed then.
    child.once('close', (code, killed) => {
      signal.removeEventListener('abort', stop)
      if (signal.aborted) reject(signal.reason)
      else if (settled !== undefined) settled()
      else reject(new Error(`the process of the job ended with ${killed ?? code}: ${said}`))
    })
    child.send({ task, frame } satisfies ToJob)
  })

/** Of what a process said before it died, the end: it goes to the log. */
const MOST_SAID = 4000
