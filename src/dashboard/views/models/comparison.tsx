import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type ApiError, api, ask, type Row } from '../../lib/api.ts'
import { useJob } from '../../lib/jobs.ts'
import { lookForChanges } from '../../lib/live.ts'
import { isAdmin, mayTriage } from '../../lib/session.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { isRunning, JobProgress } from '../../ui/job.tsx'
import { SidesTable } from '../../ui/sides.tsx'
import { say } from '../../ui/toast.tsx'
import { PromoteDialog } from './promote.tsx'

interface ComparisonProps {
  readonly champion: string
  readonly challenger: string
}

/** Champion and challenger over the stored history, what the gate says, and the promotion. */
export function ComparisonCard({ champion, challenger }: ComparisonProps) {
  const comparing = useSignal<number | null>(null)
  const promoting = useSignal<number | null>(null)
  const isAsking = useSignal(false)
  const compared = useJob(comparing.value)
  const promoted = useJob(promoting.value)
  useEffect(() => {
    comparing.value = null
    promoting.value = null
  }, [champion, challenger])
  const end = promoted.job?.status
  useEffect(() => {
    if (end !== 'done') return
    const { name, version } = promoted.job!.promotion!
    say(`${name}@${version} is used from now on`)
    void lookForChanges()
  }, [end])
  const begin = async () => {
    try {
      const body = { champion, challenger }
      comparing.value = (await ask(api.POST('/v1/comparisons', { body }))).jobId
    } catch (error) {
      say((error as ApiError).message, { tone: 'bad' })
    }
  }
  const promote = async (because: string | null) => {
    isAsking.value = false
    try {
      const request = { params: { path: { model: challenger } }, body: { because } }
      promoting.value = (await ask(api.POST('/v1/models/{model}/promotion', request))).jobId
    } catch (error) {
      say((error as ApiError).message, { tone: 'bad' })
    }
  }
  const comparison = compared.job?.comparison ?? null
  const isBusy = isRunning(compared.job) || isRunning(promoted.job)
  if (champion === challenger) return null
  return (
    <Card title={`${challenger} instead of ${champion}`} aside="over all stored hours; nothing is published">
      <div class="job-actions">
        <Button disabled={!mayTriage.value || isBusy} onClick={() => void begin()}>
          Compare over the stored hours
        </Button>
        <Button
          kind="primary"
          disabled={!isAdmin.value || isBusy}
          title={isAdmin.value ? undefined : 'it takes a key of role admin'}
          onClick={() => {
            isAsking.value = true
          }}
        >
          Promote {challenger}…
        </Button>
      </div>
      <JobProgress of={compared} />
      <JobProgress of={promoted} />
      {comparison !== null && <Comparison of={comparison} />}
      {isAsking.value && (
        <PromoteDialog
          model={challenger}
          champion={champion}
          onClose={() => {
            isAsking.value = false
          }}
          onPromote={because => void promote(because)}
        />
      )}
    </Card>
  )
}

const TONES: Readonly<Record<'passes' | 'fails' | 'unknown', Tone>> = {
  passes: 'good',
  fails: 'critical',
  unknown: 'info',
}

function Comparison({ of }: { readonly of: Row<'ModelComparison'> }) {
  return (
    <>
      <p>
        The gate would {of.passes ? 'let' : 'refuse'} {of.challenger}{' '}
        {of.passes ? 'take the place of' : 'the place of'} {of.champion}.
      </p>
      <ul class="findings">
        {of.findings.map(({ rule, verdict, text }) => (
          <li key={rule}>
            <Badge tone={TONES[verdict]}>{verdict}</Badge>
            <span>
              <strong>{rule}</strong>: {text}
            </span>
          </li>
        ))}
      </ul>
      <SidesTable of={of.replay} before={of.champion} after={of.challenger} />
    </>
  )
}
