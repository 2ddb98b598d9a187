import './what-if.css'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type ApiError, api, ask } from '../../lib/api.ts'
import { newestJob, useJob } from '../../lib/jobs.ts'
import { mayTriage } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Field } from '../../ui/field.tsx'
import { isRunning, JobProgress } from '../../ui/job.tsx'
import { EmptyState } from '../../ui/states.tsx'
import { changeOf, type Draft, EMPTY_DRAFT } from './change.ts'
import { ChangeForm } from './form.tsx'
import { ReplayResult } from './result.tsx'

/** Tries a change on the stored history, shows what it would have made of it, and applies it. */
export default function WhatIf() {
  const draft = useSignal<Draft>(EMPTY_DRAFT)
  const from = useSignal('')
  const to = useSignal('')
  const jobId = useSignal<number | null>(null)
  const wrong = useSignal<string | null>(null)
  const watched = useJob(jobId.value)
  useEffect(() => {
    // What was begun before goes on here.
    newestJob('replay')
      .then(found => {
        jobId.value ??= found
      })
      .catch((error: ApiError) => {
        wrong.value = error.message
      })
  }, [])
  const change = changeOf(draft.value)
  const begin = async (event: Event) => {
    event.preventDefault()
    if (change === null) return
    wrong.value = null
    const day = (text: string) => (text === '' ? null : `${text}T00:00:00Z`)
    try {
      const body = { change, from: day(from.value), to: day(to.value) }
      jobId.value = (await ask(api.POST('/v1/replays', { body }))).jobId
    } catch (error) {
      wrong.value = (error as ApiError).message
    }
  }
  const { job } = watched
  return (
    <div class="view">
      <div class="view-head">
        <h1>What if</h1>
        <span class="quiet">
          every stored day is scored twice, as it was and with the change; nothing is published
        </span>
      </div>
      <div class="what-if">
        <Card title="The change">
          <form class="change" onSubmit={begin}>
            <ChangeForm
              draft={draft.value}
              onChange={changed => {
                draft.value = { ...draft.value, ...changed }
              }}
            />
            <div class="period">
              <Field
                label="From (UTC)"
                type="date"
                value={from.value}
                onInput={event => {
                  from.value = event.currentTarget.value
                }}
              />
              <Field
                label="Until (UTC)"
                type="date"
                value={to.value}
                onInput={event => {
                  to.value = event.currentTarget.value
                }}
              />
            </div>
            <p class="quiet small">Without days: all that is scored.</p>
            {wrong.value !== null && (
              <p class="job-wrong" role="alert">
                {wrong.value}
              </p>
            )}
            <Button
              kind="primary"
              type="submit"
              disabled={change === null || !mayTriage.value || isRunning(job)}
              title={mayTriage.value ? undefined : 'it takes a key of role analyst or admin'}
            >
              Show the difference
            </Button>
          </form>
        </Card>
        <div class="outcome">
          {job === null ? (
            <div class="card">
              <EmptyState title="Nothing is tried yet">
                <p>
                  Alerts gained and lost, known incidents lost and analyst hours appear here, before anything
                  is applied.
                </p>
              </EmptyState>
            </div>
          ) : (
            <>
              {job.status !== 'done' && (
                <div class="card">
                  <JobProgress of={watched} />
                </div>
              )}
              {job.replay !== null && <ReplayResult job={job} replay={job.replay} onApplied={watched.set} />}
            </>
          )}
        </div>
      </div>
    </div>
  )
}
