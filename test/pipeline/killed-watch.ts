/**
 * Watches a file and kills itself, as `kill -9` does, when a batch passes a point for the second time. Arguments: workspace, file, the
 * point, its time of day.
 */
import { openEngine } from '../../src/engine/duckdb.ts'
import { openWorkspace } from '../../src/engine/workspace.ts'
import { watch } from '../../src/pipeline/watch.ts'
import { liveOptions, officeConfig } from './live-office.ts'

const [, , root, file, moment, time] = process.argv as unknown as [
  string,
  string,
  string,
  string,
  string,
  string,
]
const now = new Date(time)
const { silentProgress } = await import('../../src/schema/run.ts')
const workspace = openWorkspace(root)
const engine = await openEngine({ threads: 1 })
let passed = 0
await watch(
  { engine, workspace, progress: silentProgress, now, config: officeConfig },
  {
    ...liveOptions(workspace, file, now),
    on(reached) {
      if (reached === moment && ++passed === 2) process.kill(process.pid, 'SIGKILL')
    },
  },
)
