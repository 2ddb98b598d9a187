/**
 * Watches a file and kills itself, as `kill -9` does, as soon as a batch passes a point. Arguments: workspace, file, the
 * point, its time of day.
 */

import { watch } from '../../src/pipeline/watch.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
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
const workspace = openWorkspace(root)
const engine = await openEngine({ threads: 1 })
await watch(
  { engine, workspace, progress: silentProgress, now, config: officeConfig },
  {
    ...liveOptions(workspace, file, now),
    on(reached) {
      if (reached === moment) process.kill(process.pid, 'SIGKILL')
    },
  },
)
