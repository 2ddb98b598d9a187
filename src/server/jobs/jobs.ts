import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { ProblemError, problemOf } from '../problem.ts'
import type { JobResult } from '../replay-schemas.ts'
import type { JobFrame, JobProgress, JobRunner, JobTask } from './task.ts'

export const JOB_STATUSES = ['running', 'done', 'failed', 'cancelled'] as const

/** One piece of long work, and what came of it. */
export interface Job {
  readonly jobId: number
  readonly task: JobTask
  readonly startedBy: string
  readonly startedAt: Date
  endedAt: Date | null
  status: (typeof JOB_STATUSES)[number]
  progress: JobProgress | null
  error: string | null
  result: JobResult | null
  /** What was done when its change was applied; null before. */
  applied: readonly string[] | null
}

/** Jobs of this server: one at a time, since each takes a processor and the engine's memory. They are gone when it ends. */
export interface Jobs {
  /** Newest first. */
  list(): readonly Job[]
  find(jobId: number): Job | undefined
  /** Begins a job; throws 409 while another runs. */
  start(task: JobTask, frame: Omit<JobFrame, 'scratch' | 'now'>): Job
  /** Ends a running job; resolves once nothing of it runs. */
  cancel(jobId: number): Promise<void>
  /** Cancels what runs, and takes no more. */
  close(): Promise<void>
}

/** Results are some hundred kilobytes. */
const MOST_KEPT = 20

export function createJobs(run: JobRunner, clock: () => Date, logger: Logger): Jobs {
  const jobs: Job[] = []
  let running: { job: Job; abort: AbortController; ended: Promise<void> } | null = null
  let isClosed = false
  let nextId = 1

  const carryOut = async (job: Job, frame: Omit<JobFrame, 'scratch' | 'now'>, signal: AbortSignal) => {
    const scratch = mkdtempSync(join(tmpdir(), 'keyhound-job-'))
    try {
      const tell = (progress: JobProgress) => {
        job.progress = progress
      }
      const now = job.startedAt.getTime()
      job.result = JSON.parse(await run(job.task, { ...frame, now, scratch }, tell, signal)) as JobResult
      job.status = 'done'
    } catch (error) {
      job.status = signal.aborted ? 'cancelled' : 'failed'
      if (!signal.aborted) {
        const problem = problemOf(error)
        if (problem.status === 500) logger.error({ err: error, jobId: job.jobId }, 'job failed')
        job.error = problem.message.replaceAll(`${frame.root}/`, '')
      }
    } finally {
      job.endedAt = clock()
      rmSync(scratch, { recursive: true, force: true })
      running = null
      const { jobId, task, status } = job
      logger.info({ jobId, kind: task.kind, status }, 'job ended')
    }
  }

  return {
    list: () => jobs.toReversed(),
    find: jobId => jobs.find(job => job.jobId === jobId),
    start(task, frame) {
      if (isClosed) throw new ProblemError(503, 'stopping', 'the server is stopping')
      if (running !== null) {
        const { jobId, task: other } = running.job
        throw new ProblemError(
          409,
          'busy',
          `job ${jobId} (${other.kind}) is running; wait for it, or cancel it`,
        )
      }
      const job: Job = {
        jobId: nextId++,
        task,
        startedBy: frame.owner,
        startedAt: clock(),
        endedAt: null,
        status: 'running',
        progress: null,
        error: null,
        result: null,
        applied: null,
      }
      jobs.push(job)
      if (jobs.length > MOST_KEPT) jobs.shift()
      const abort = new AbortController()
      running = { job, abort, ended: Promise.resolve() }
      running.ended = carryOut(job, frame, abort.signal)
      return job
    },
    async cancel(jobId) {
      if (running?.job.jobId !== jobId) return
      const { abort, ended } = running
      abort.abort()
      await ended
    },
    async close() {
      isClosed = true
      if (running !== null) await this.cancel(running.job.jobId)
    },
  }
}
