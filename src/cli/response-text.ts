import type { ResponseAction } from '../state/responses.ts'
import { minute, printable, table } from './format.ts'
import type { Shell } from './shell.ts'

/** Actions of playbooks, one a line. */
export function responseTable(responses: readonly ResponseAction[], colors: Shell['colors']): string {
  return table(
    ['response', 'status', 'playbook', 'action', 'alert', 'until (UTC)', 'what'],
    responses.map(one => [
      one.id,
      one.dryRun ? `${one.status} (dry run)` : one.status,
      printable(one.playbook),
      one.action,
      one.alertId.slice(0, 8),
      one.expiresAt === null ? '-' : minute(one.expiresAt),
      whatOf(one),
    ]),
    colors,
  )
}

/** How one action stands. */
export function responseText(response: ResponseAction): string {
  const { id, status, expiresAt } = response
  const until =
    status === 'executed' && expiresAt !== null ? `; it is undone at ${minute(expiresAt)} UTC` : ''
  return `${id}: ${status}: ${whatOf(response)}${until}`
}

/** What would be or was done, and what went wrong. */
function whatOf({ detail }: ResponseAction): string {
  const what = printable(String(detail.would ?? ''))
  const more = detail.error ?? detail.because ?? detail.note
  return more ? `${what} (${printable(String(more))})` : what
}
