import { useSignal } from '@preact/signals'
import { type ApiError, api, ask, type Row } from '../../lib/api.ts'
import { lookForChanges } from '../../lib/live.ts'
import { isAdmin, mayTriage } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { say } from '../../ui/toast.tsx'

interface ApplyProps {
  readonly job: Row<'Job'>
  /** Known incidents that the change loses. */
  readonly lost: number
  readonly onApplied: (job: Row<'Job'>) => void
}

/** Applies a change that was replayed: where it can be, by whoever may, and over lost incidents only when that is said. */
export function Apply({ job, lost, onApplied }: ApplyProps) {
  const acceptLost = useSignal(false)
  const isBusy = useSignal(false)
  if (job.applied !== null) {
    return (
      <div role="status">
        {job.applied.map(line => (
          <p key={line}>Applied: {line}</p>
        ))}
      </div>
    )
  }
  const { applicable, replay } = job
  if (applicable === null || replay === null) return null
  if (!applicable.isApplicable) return <p class="quiet small">Cannot be applied here: {applicable.because}</p>
  const { suppressions: _, ...rest } = replay.change
  const mayApply = Object.keys(rest).length > 0 ? isAdmin.value : mayTriage.value
  const apply = async () => {
    isBusy.value = true
    try {
      const request = { params: { path: { jobId: job.jobId } }, body: { acceptLost: acceptLost.value } }
      onApplied(await ask(api.POST('/v1/replays/{jobId}/application', request)))
      say('Applied; the next scoring goes by it')
      void lookForChanges()
    } catch (error) {
      say((error as ApiError).message, { tone: 'bad' })
    }
    isBusy.value = false
  }
  return (
    <div class="apply">
      {lost > 0 && (
        <label>
          <input
            type="checkbox"
            checked={acceptLost.value}
            onChange={event => {
              acceptLost.value = event.currentTarget.checked
            }}
          />{' '}
          Apply it though {lost} known {lost === 1 ? 'incident is' : 'incidents are'} lost
        </label>
      )}
      <Button
        kind={lost > 0 ? 'danger' : 'primary'}
        disabled={!mayApply || isBusy.value || (lost > 0 && !acceptLost.value)}
        title={mayApply ? undefined : 'it takes a key of role admin'}
        onClick={() => void apply()}
      >
        Apply the change
      </Button>
    </div>
  )
}
