import { type ApiError, api, ask, type Row } from '../../lib/api.ts'
import { formatBytes, formatNumber, formatShare } from '../../lib/format.ts'
import { useResource, useResting } from '../../lib/resource.ts'
import { Severity } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Reasons } from '../../ui/reasons.tsx'
import { EmptyState, Loaded } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { type Activity, hourEnd } from './story.ts'

interface HourProps {
  readonly activity: Activity
  readonly chosen: string
  readonly onChoose: (hour: string) => void
}

/** An hour that is looked at for so long is explained in full, ms. */
const REST_MS = 500

/** Why an hour got its risk; the hours before and after with traffic are a step away. */
export function Hour({ activity, chosen, onChoose }: HourProps) {
  const { tokenId, tenantId } = activity.subject
  const at = activity.hours.findIndex(hour => hour.start === chosen)
  const hour = activity.hours[at]
  const why = useResource(
    async () => {
      const query = { tenantId, from: chosen, to: hourEnd(chosen) }
      const request = api.GET('/v1/tokens/{tokenId}/history', { params: { path: { tokenId }, query } })
      const found = await ask(request).catch((error: ApiError) => {
        // Not an hour of it is scored.
        if (error.status === 404) return { items: [] }
        throw error
      })
      return found.items.length === 0 ? ('unscored' as const) : found.items[0]!
    },
    `${tenantId} ${tokenId} ${chosen}`,
    ['scores'],
  )
  const step = (by: number) => {
    const other = activity.hours[at + by]
    if (other !== undefined) onChoose(other.start)
  }
  return (
    <Card
      title="The hour"
      aside={
        <span class="row">
          <Button kind="quiet" disabled={at <= 0} aria-label="The hour before" onClick={() => step(-1)}>
            ←
          </Button>
          <Time at={chosen} />
          <Button
            kind="quiet"
            disabled={at >= activity.hours.length - 1}
            aria-label="The hour after"
            onClick={() => step(1)}
          >
            →
          </Button>
        </span>
      }
    >
      {hour && (
        <p class="quiet">
          {formatNumber(hour.requests)} requests
          {hour.denied === null || hour.denied === 0 ? '' : `, ${formatNumber(hour.denied)} denied`}
          {hour.responseBytes === null ? '' : `, ${formatBytes(hour.responseBytes)} sent back`}
        </p>
      )}
      <Loaded of={why} what="reasons">
        {data =>
          data === 'unscored' ? (
            <EmptyState title="Not scored">
              <p>This hour was trained on, or waits for the next scoring.</p>
            </EmptyState>
          ) : (
            <>
              <div class="row">
                <Severity of={data.severity} />
                <span>risk {data.risk.toFixed(1)} of 100</span>
                <span class="quiet">
                  score {data.score.toFixed(1)} · history behind it {formatShare(data.maturity, 0)} ·{' '}
                  {data.model}
                </span>
              </div>
              <Why hour={data} />
            </>
          )
        }
      </Loaded>
    </Card>
  )
}

/**
 * The reasons as they were published, and for hours that are worth a look, a second later, with what is usual for the token itself, its role
 * and its tenant: that is worked out anew, by the model that scored the hour.
 */
function Why({ hour }: { readonly hour: Row<'Hour'> }) {
  const { tokenId, tenantId, windowStart, severity, reasons } = hour
  const key = `${tenantId} ${tokenId} ${windowStart}`
  const isWanted = useResting(key, REST_MS) === key && severity !== 'info'
  const full = useResource(async () => {
    if (!isWanted) return null
    const params = { path: { tokenId }, query: { tenantId, hour: windowStart } }
    // Its model or its features may be gone by now: then what was published has to do.
    return ask(api.GET('/v1/tokens/{tokenId}/explanation', { params })).catch(() => null)
  }, `${key} ${isWanted}`)
  return <Reasons of={full.data?.reasons ?? reasons} />
}
