import { useSignal } from '@preact/signals'
import { formatNumber } from '../../lib/format.ts'
import { zone, zoneName } from '../../lib/settings.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Legend, Picture } from '../../ui/plot.tsx'
import type { Activity, Window } from './story.ts'
import { arePeersShown, byDay, byHour, HEIGHT } from './timeline-plot.ts'

interface TimelineProps {
  readonly activity: Activity
  readonly windows: readonly Window[]
  readonly chosen: string | null
  readonly onChoose: (hour: string) => void
}

/** Requests beside what is usual for the token and its peers, with the windows of its alerts. */
export function Timeline({ activity, windows, chosen, onChoose }: TimelineProps) {
  const isByHour = useSignal(false)
  const { subject } = activity
  return (
    <Card
      title="Activity"
      aside={
        <span class="row">
          {formatNumber(subject.requests)} requests · {zoneName()}
          <fieldset class="row plain" aria-label="Resolution">
            <Button kind="quiet" aria-pressed={!isByHour.value} onClick={() => (isByHour.value = false)}>
              by day
            </Button>
            <Button kind="quiet" aria-pressed={isByHour.value} onClick={() => (isByHour.value = true)}>
              by hour
            </Button>
          </fieldset>
        </span>
      }
    >
      <Picture
        label={
          isByHour.value
            ? `Requests an hour around ${chosen}, beside what is usual at that hour of the day`
            : `Requests a day from ${subject.from.slice(0, 10)} to ${subject.to.slice(0, 10)}, beside the 28 days before each and the median of ${subject.peers} peers`
        }
        height={HEIGHT}
        on={[activity, windows, isByHour.value, isByHour.value && chosen, zone.value]}
        draw={(Plot, width) =>
          isByHour.value
            ? byHour(Plot, width, activity, windows, chosen, onChoose)
            : byDay(Plot, width, activity, windows, onChoose)
        }
      />
      <Legend
        of={[
          ['var(--series-1)', 'requests'],
          bandLegend(activity, isByHour.value),
          ...(isByHour.value ? [] : peerLegend(activity)),
          ...(windows.length === 0 ? [] : [['var(--critical)', 'windows of its alerts'] as const]),
        ]}
      />
    </Card>
  )
}

function bandLegend({ days }: Activity, isByHour: boolean): [string, string] {
  if (isByHour) return ['var(--band)', 'usual at that hour, 5 to 95 %']
  if (days.every(day => day.low === null)) return ['transparent', 'not known for a week yet: no band']
  return ['var(--band)', 'usual for it, 5 to 95 % of 28 days before']
}

function peerLegend({ days, subject }: Activity): [string, string][] {
  const medians = days.flatMap(day => day.peerMedian ?? []).sort((a, b) => a - b)
  if (medians.length === 0) return []
  const who = subject.peers === 1 ? 'its one peer' : `its ${subject.peers} peers`
  if (arePeersShown(days)) return [['var(--series-3)', `median of ${who}`]]
  const usual = medians[Math.floor(medians.length / 2)]!
  return [['transparent', `${who}: about ${formatNumber(Math.round(usual))} a day, beyond this scale`]]
}
