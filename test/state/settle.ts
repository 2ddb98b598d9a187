import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { expect } from 'vitest'

/**
 * SQLite moves its log into state.db when the last reader closes, at no set time. Makes the move happen now, so that the bytes of an
 * untouched workspace stay as they are.
 */
export async function settleState(root: string): Promise<void> {
  const settle = createClient({ url: `file:${join(root, 'state.db')}` })
  const { rows } = await settle.execute('PRAGMA wal_checkpoint(TRUNCATE)')
  settle.close()
  expect(rows[0]).toMatchObject({ busy: 0 })
}
