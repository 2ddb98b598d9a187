import { formatAge, formatTime } from '../lib/format.ts'
import { zoneName } from '../lib/settings.ts'

/** A moment in the zone that the page is set to. */
export function Time({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={`${formatTime(at)} ${zoneName()} (${at})`} class="nowrap">
      {formatTime(at)}
    </time>
  )
}

/** How long ago a moment was, beside now or the end of what is scored. */
export function Age({ at, now }: { readonly at: string; readonly now: Date }) {
  return (
    <time dateTime={at} title={`${formatTime(at)} ${zoneName()}`} class="nowrap">
      {formatAge(at, now)}
    </time>
  )
}
