import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type ApiError, api, ask, type Row } from './api.ts'

/** A running job is looked at so often, ms. */
const EVERY_MS = 700

export interface Watched {
  readonly job: Row<'Job'> | null
  readonly error: ApiError | null
  set(job: Row<'Job'>): void
}

/** A job, looked at again and again while it runs. */
export function useJob(jobId: number | null): Watched {
  const shown = useSignal<Pick<Watched, 'job' | 'error'>>({ job: null, error: null })
  useEffect(() => {
    if (jobId === null) {
      shown.value = { job: null, error: null }
      return
    }
    let timer: ReturnType<typeof setTimeout> | undefined
    let isGone = false
    const look = async () => {
      try {
        const job = await ask(api.GET('/v1/jobs/{jobId}', { params: { path: { jobId } } }))
        if (isGone) return
        shown.value = { job, error: null }
        if (job.status === 'running') timer = setTimeout(look, EVERY_MS)
      } catch (error) {
        if (!isGone) shown.value = { ...shown.peek(), error: error as ApiError }
      }
    }
    void look()
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [jobId])
  return {
    ...shown.value,
    set: job => {
      shown.value = { job, error: null }
    },
  }
}

/** Ends a job that runs. */
export async function cancelJob(jobId: number): Promise<void> {
  await ask(api.DELETE('/v1/jobs/{jobId}', { params: { path: { jobId } } }))
}

/** The newest job of a kind that this server began, or null: a view that is opened again goes on with it. */
export async function newestJob(kind: Row<'JobSummary'>['kind']): Promise<number | null> {
  const { items } = await ask(api.GET('/v1/jobs'))
  return items.find(job => job.kind === kind)?.jobId ?? null
}
