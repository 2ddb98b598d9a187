import type { State } from './state.ts'

/** How far a scheduled job has come: `getCheckpoint(state, 'score')` answers what was last set, or null. */
export async function getCheckpoint(state: State, key: string): Promise<string | null> {
  const row = await state.db
    .selectFrom('checkpoints')
    .select('value')
    .where('key', '=', key)
    .executeTakeFirst()
  return row?.value ?? null
}

/** Sets a checkpoint; the last writer wins. Bookkeeping of a machine: the audit trail has no line of it. */
export async function setCheckpoint(state: State, key: string, value: string, now: Date): Promise<void> {
  await state.db
    .insertInto('checkpoints')
    .values({ key, value, at: now.getTime() })
    .onConflict(conflict =>
      conflict
        .column('key')
        .doUpdateSet(({ ref }) => ({ value: ref('excluded.value'), at: ref('excluded.at') })),
    )
    .execute()
}
