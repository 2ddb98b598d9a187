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

/** Those of the given checkpoints that are set. */
export async function getCheckpoints(state: State, keys: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  // A statement binds a limited number of values.
  for (let i = 0; i < keys.length; i += 500) {
    const rows = await state.db
      .selectFrom('checkpoints')
      .select(['key', 'value'])
      .where('key', 'in', keys.slice(i, i + 500))
      .execute()
    for (const { key, value } of rows) found.set(key, value)
  }
  return found
}
