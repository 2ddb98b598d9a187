import type { DeliveryOptions } from '../respond/deliver.ts'
import type { Outside } from '../respond/outside.ts'
import type { Shell } from './shell.ts'

/** The world as sinks and adapters are given it by the command line. */
export async function outsideOf(shell: Shell, productVersion: string): Promise<Outside> {
  const { delivery } = await shell.config()
  return {
    env: shell.effects.env,
    clock: shell.effects.now,
    timeoutMs: 1000 * delivery.timeoutSeconds,
    root: (await shell.workspace()).root,
    productVersion,
  }
}

/** What `deliverAlerts` needs of the command line; pauses between attempts are spread by the configuration's seed. */
export async function deliveryOptionsOf(shell: Shell, productVersion: string): Promise<DeliveryOptions> {
  const { createRandom } = await import('../lib/random.ts')
  const { seed } = await shell.config()
  return { outside: await outsideOf(shell, productVersion), random: createRandom(seed) }
}
