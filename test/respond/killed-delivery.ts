/** Delivers what is due and waits for the receiver; the test kills it meanwhile. Arguments: workspace, configuration as JSON. */
import { openEngine } from '../../src/engine/duckdb.ts'
import { openWorkspace } from '../../src/engine/workspace.ts'
import { createRandom } from '../../src/lib/random.ts'
import { deliverAlerts } from '../../src/respond/deliver.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { configOf, NOW, outsideAt } from './alerts.ts'

const [, , root, config] = process.argv as [string, string, string, string]
const workspace = openWorkspace(root)
const engine = await openEngine({ threads: 1 })
await deliverAlerts(
  { engine, workspace, progress: silentProgress, now: NOW, config: configOf(JSON.parse(config)) },
  { outside: outsideAt(root, () => NOW, { timeoutMs: 30_000 }), random: createRandom(1) },
)
