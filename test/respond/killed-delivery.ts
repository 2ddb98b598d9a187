/**
 * Delivers what is due and waits for the receiver; whoever starts it kills it meanwhile. Arguments: workspace, configuration as JSON,
 * minutes after NOW that its clock stands at.
 */

import { createRandom } from '../../src/lib/random.ts'
import { deliverAlerts } from '../../src/respond/deliver.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { configOf, NOW, outsideAt } from './alerts.ts'

const [, , root, config, minutes = '0'] = process.argv as string[] as [
  string,
  string,
  string,
  string,
  string?,
]
const now = new Date(NOW.getTime() + 60_000 * Number(minutes))
const workspace = openWorkspace(root)
const engine = await openEngine({ threads: 1 })
await deliverAlerts(
  { engine, workspace, progress: silentProgress, now, config: configOf(JSON.parse(config)) },
  { outside: outsideAt(root, () => now, { timeoutMs: 30_000 }), random: createRandom(1) },
)
