import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { score } from '../../../src/pipeline/score.ts'
import { train } from '../../../src/pipeline/train.ts'
import { listAlerts } from '../../../src/pipeline/triage.ts'
import { configSchema } from '../../../src/schema/config.ts'
import { createLogger } from '../../../src/server/log.ts'
import { openServer } from '../../../src/server/open.ts'
import { createApiKey } from '../../../src/state/api-keys.ts'
import { closeState, openState } from '../../../src/state/state.ts'
import type { Role } from '../../../src/state/tables.ts'
import type { TinyEvent } from '../../engine/tiny-world.ts'
import { dayAt, days, openOffice, takeover } from '../../pipeline/office.ts'

/** Three offices of twelve tokens; each is a tenant. */
const TENANTS = ['acme', 'globex', 'initech']
/** Taken over one after the other, on days 6 to 8, each by a thief of their own: alerts that do not fold into each other. */
const VICTIMS = 24
/** Days of quiet before, to learn from. */
const FIRST_THEFT = 6

const ofTenant = (events: readonly TinyEvent[], tenant: string): TinyEvent[] =>
  events.map(event => ({
    ...event,
    tenant_id: tenant,
    event_id: `${tenant}:${event.event_id}`,
    token_id: `${tenant}-${event.token_id}`,
    principal_id: `${tenant}-${event.principal_id}`,
  }))

/** The takeover of the n-th victim, from a place and with a client that no other thief has. */
function theft(n: number): TinyEvent[] {
  const tenant = TENANTS[n % TENANTS.length]!
  const token = Math.floor(n / TENANTS.length)
  const day = FIRST_THEFT + (n % 3)
  const stolen = takeover(day, token).map(event => ({
    ...event,
    event_id: `${event.event_id}-${n}`,
    source_ip: `203.0.${n}.7`,
    net: `203.0.${n}.0/24`,
    asn: 64_500 + n,
    as_org: `Hosting ${n}`,
    client: `thief-${n}`,
    user_agent: `thief-${n}/1`,
  }))
  return ofTenant(stolen, tenant)
}

export interface PageWorld {
  readonly url: string
  /** A key of each role, over all tenants. */
  readonly keys: Readonly<Record<'viewer' | 'analyst' | 'admin' | 'scorer', string>>
  /** The riskiest open alert. */
  readonly worst: { readonly alertId: string; readonly tokenId: string; readonly tenantId: string }
  close(): Promise<void>
}

/** The built page over a served workspace with two dozen alerts. */
export async function openPageWorld(): Promise<PageWorld> {
  const offices = TENANTS.flatMap(tenant => ofTenant(days(0, FIRST_THEFT + 3), tenant))
  const thefts = Array.from({ length: VICTIMS }, (_, n) => theft(n)).flat()
  const office = await openOffice([...offices, ...thefts])
  const config = configSchema.parse({
    alerts: { budgetPerDay: 8 },
    // Alerts of the queue alone: those shown to learn from count for no precision.
    filter: { exploreShare: 0, sampleShare: 0 },
    forest: { trees: 30, subsample: 128 },
    // A browser that clicks through every view asks more often than people do.
    server: { burst: 5000, requestsPerSecond: 1000 },
  })
  const context = { ...office.context, config }
  await train(context, { until: dayAt(FIRST_THEFT) })
  await score(context)
  const [worst] = await listAlerts(context, { status: 'open' })
  const { workspace } = context
  const state = await openState(workspace)
  const by = { actor: 'test', at: dayAt(10) }
  const keyOf = async (role: Role) =>
    (await createApiKey(state, { name: `${role} of the test`, role }, by)).key
  const keys = {
    viewer: await keyOf('viewer'),
    analyst: await keyOf('analyst'),
    admin: await keyOf('admin'),
    scorer: await keyOf('scorer'),
  }
  await closeState(state)
  const site = mkdtempSync(join(tmpdir(), 'keyhound-page-'))
  const configFile = fileURLToPath(new URL('../../../src/dashboard/vite.config.ts', import.meta.url))
  await build({ configFile, build: { outDir: site } })
  const server = await openServer({
    workspace,
    config,
    site,
    logger: createLogger(undefined, 'silent'),
    version: 'test',
    clock: () => new Date(),
    port: 0,
  })
  return {
    url: server.url,
    keys,
    worst: worst!,
    async close() {
      await server.close(0)
      office.world.close()
      rmSync(site, { recursive: true, force: true })
    },
  }
}
