import './job.css'
import type { Row } from '../lib/api.ts'
import { formatNumber } from '../lib/format.ts'
import { cancelJob, type Watched } from '../lib/jobs.ts'
import { Button } from './button.tsx'
import { ErrorState } from './states.tsx'
import { say } from './toast.tsx'

const STAGES: Readonly<Record<string, string>> = {
  replay: 'Scoring stored days twice',
  drift: 'Comparing with training',
  train: 'Training aside',
}

/** How far a job is, or what went wrong with it; nothing once it is done. */
export function JobProgress({ of: { job, error } }: { readonly of: Watched }) {
  if (error !== null) return <ErrorState error={error} />
  if (job === null || job.status === 'done') return null
  if (job.status === 'failed') {
    return (
      <p class="job-wrong" role="alert">
        It failed: {job.error}
      </p>
    )
  }
  if (job.status === 'cancelled') return <p class="quiet">Cancelled; nothing was changed.</p>
  const { progress } = job
  return (
    <div class="job" role="status">
      <span>
        {progress === null ? 'Starting…' : (STAGES[progress.stage] ?? progress.stage)}
        {progress !== null && progress.total > 0 && (
          <span class="quiet">
            {' '}
            {formatNumber(progress.done)} of {formatNumber(progress.total)}
            {progress.note !== null && `, ${progress.note}`}
          </span>
        )}
      </span>
      <progress
        aria-label="progress"
        max={Math.max(1, progress?.total ?? 1)}
        value={progress === null || progress.total === 0 ? undefined : progress.done}
      />
      <Button
        onClick={() => {
          cancelJob(job.jobId).catch((failed: Error) => say(failed.message, { tone: 'bad' }))
        }}
      >
        Cancel
      </Button>
    </div>
  )
}

/** Whether a job is at work. */
export const isRunning = (job: Row<'Job'> | null): boolean => job?.status === 'running'
