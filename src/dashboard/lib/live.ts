import { effect, signal } from '@preact/signals'
import { api, ask, type Row } from './api.ts'
import { session } from './session.ts'

export type Change = keyof Row<'Changes'>

/** How often the marks of change are asked for while the page is seen, ms: scoring runs once an hour, colleagues judge once a minute. */
const EVERY_MS = 5000

/** The newest marks; null until the first answer. */
export const changes = signal<Row<'Changes'> | null>(null)
/** Whether the server answered when it was last asked. */
export const isLive = signal(true)

/** Asks now: to be called after a change of one's own, so that everything that shows it is read again. */
export async function lookForChanges(): Promise<void> {
  try {
    changes.value = await ask(api.GET('/v1/changes'))
    isLive.value = true
  } catch {
    isLive.value = false
  }
}

/** Asks every few seconds from now on, while somebody is logged in and looks. */
export function startLive(): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const next = async () => {
    clearTimeout(timer)
    if (session.value?.who != null && !document.hidden) await lookForChanges()
    timer = setTimeout(next, EVERY_MS)
  }
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void next()
  })
  effect(() => {
    if (session.value?.who != null) void next()
  })
}
