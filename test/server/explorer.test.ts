import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeWindows } from '../../scripts/bench/explore/synthetic.ts'
import type { ExploreQuestion } from '../../src/schema/explore.ts'
import { openConnections } from '../../src/server/connections.ts'
import { createExplorer } from '../../src/server/explorer.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'

test('read once by whoever comes first; a question asked before is answered from memory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-explorer-'))
  const engine = await openEngine({ threads: 1 })
  try {
    const workspace = openWorkspace(folder)
    const size = { windows: 300, days: 2, tokens: 10, tenants: 2, operations: 5, networks: 3 }
    await writeWindows(engine, workspace, size)
    const lent = await openConnections(engine, 1)
    let uses = 0
    const connections: typeof lent = {
      ...lent,
      use: work => {
        uses++
        return lent.use(work)
      },
    }
    const ask = createExplorer(workspace, connections)
    const question: ExploreQuestion = {
      tenantId: null,
      ranges: {},
      values: {},
      mostValues: 3,
      mostRows: 2,
    }
    const { signal } = new AbortController()
    const [one, two] = await Promise.all([ask(question, signal), ask({ ...question, mostRows: 1 }, signal)])
    expect([one.windows, one.rows.length, two.rows.length, uses]).toEqual([300, 2, 1, 1])
    expect(await ask({ ...question }, signal)).toBe(one)
    const own = await ask({ ...question, tenantId: 'tenant-1' }, signal)
    expect(own.windows).toBe(150)
    await expect(ask({ ...question, mostRows: 3 }, AbortSignal.abort())).rejects.toThrow()
    await lent.close()
  } finally {
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
