import type { Engine } from '../sql/duckdb.ts'
import type { Workspace } from '../sql/workspace.ts'
import { loadInventory } from './inventory.ts'
import type { InventoryEntry } from './plain-events.ts'

/** The inventory of a workspace by token. */
export async function readInventoryEntries(
  engine: Engine,
  workspace: Workspace,
): Promise<Map<string, InventoryEntry>> {
  await loadInventory(engine, workspace)
  const { columns } = await engine.texts(
    'SELECT token_id, principal_id, tenant_id, role, granted_scopes, token_kind, epoch_ms(token_created_at)::VARCHAR FROM kh_inventory',
  )
  await engine.run('DROP TABLE kh_inventory')
  const entries = new Map<string, InventoryEntry>()
  columns[0]!.forEach((token, row) => {
    const created = columns[6]![row] ?? null
    entries.set(token!, {
      principal_id: columns[1]![row] ?? null,
      tenant_id: columns[2]![row] ?? null,
      role: columns[3]![row] ?? null,
      granted_scopes: columns[4]![row] ?? null,
      token_kind: columns[5]![row] ?? null,
      token_created_at: created === null ? null : Number(created),
    })
  })
  return entries
}
