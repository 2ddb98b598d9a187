import { computed, signal } from '@preact/signals'
import { api, ask, onLoggedOut, type Row } from './api.ts'

/** Who is logged in; null while that is not known yet. */
export const session = signal<Row<'Session'> | null>(null)

/** Whether the key may judge alerts. */
export const mayTriage = computed(() => ['analyst', 'admin'].includes(session.value?.who?.role ?? ''))
/** Whether the key sees the whole installation, and not one tenant alone. */
export const seesInstallation = computed(
  () => session.value?.who != null && session.value.who.tenantId === null,
)
export const isAdmin = computed(() => session.value?.who?.role === 'admin')

onLoggedOut(() => {
  if (session.value?.who != null)
    session.value = { ...session.value, who: null, until: null, isKeyNeeded: true }
})

export async function loadSession(): Promise<void> {
  session.value = await ask(api.GET('/v1/session'))
}

/** Logs in; throws {@link ApiError} for a key that is refused. The key is sent once and kept nowhere. */
export async function logIn(key: string): Promise<void> {
  session.value = await ask(api.POST('/v1/session', { body: { key } }))
}

export async function logOut(): Promise<void> {
  session.value = await ask(api.DELETE('/v1/session'))
}
