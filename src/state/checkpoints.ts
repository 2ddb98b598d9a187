import type { State } from './state.ts'

/** How far a scheduled job has come: `getCheckpoint(state, 'score')` answers what was last set, or null. */
export async function getCheckpoint(state: State, key: string): Promise<string | null> {
  const { rows } = await state.client.execute({
    sql: 'SELECT value FROM checkpoints WHERE key = ?',
    args: [key],
  })
  return rows.length === 0 ? null : String(rows[0]!.value)
}

/** Sets a checkpoint; the last writer wins. */
export async function setCheckpoint(state: State, key: string, value: string, now: Date): Promise<void> {
  await state.client.execute({
    sql: `INSERT INTO checkpoints (key, value, at) VALUES (?, ?, ?)
          ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = excluded.at`,
    args: [key, value, now.getTime()],
  })
}
