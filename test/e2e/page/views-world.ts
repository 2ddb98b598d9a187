import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { train } from '../../../src/pipeline/train.ts'
import { configSchema } from '../../../src/schema/config.ts'
import { createLogger } from '../../../src/server/log.ts'
import { openServer } from '../../../src/server/open.ts'
import { dayAt } from '../../pipeline/office.ts'
import { type ApiWorld, openApiWorld } from '../../server/world.ts'

/** The built page over two tenants with two model versions, beside the API over the same. */
export interface ViewsWorld {
  readonly url: string
  readonly api: ApiWorld
  /** Where budgets that are applied are written. */
  readonly configFile: string
  close(): Promise<void>
}

export async function openViewsWorld(): Promise<ViewsWorld> {
  const api = await openApiWorld()
  await train(api.office.context, { until: dayAt(6) })
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-views-'))
  const site = join(folder, 'site')
  const page = fileURLToPath(new URL('../../../src/dashboard/vite.config.ts', import.meta.url))
  await build({ configFile: page, build: { outDir: site } })
  const configFile = join(folder, 'keyhound.json')
  const settings = {
    alerts: { budgetPerDay: 0.5 },
    server: { burst: 5000, requestsPerSecond: 1000 },
  }
  writeFileSync(configFile, JSON.stringify(settings))
  const server = await openServer({
    workspace: api.services.workspace,
    config: configSchema.parse(settings),
    configFile,
    site,
    logger: createLogger(undefined, 'silent'),
    version: 'test',
    clock: api.services.clock,
    port: 0,
  })
  return {
    url: server.url,
    api,
    configFile,
    async close() {
      await server.close(0)
      await api.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
