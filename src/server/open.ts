import { availableParallelism } from 'node:os'
import type { Logger } from 'pino'
import { KeyhoundError } from '../lib/errors.ts'
import { loadFeatures } from '../pipeline/own-features.ts'
import type { Config } from '../schema/config.ts'
import { type Engine, openEngine } from '../sql/duckdb.ts'
import type { Workspace } from '../sql/workspace.ts'
import { closeState, openState } from '../state/state.ts'
import { createApp } from './app.ts'
import { openConnections } from './connections.ts'
import { createExplorer } from './explorer.ts'
import { createGate } from './gate.ts'
import { forkJobs } from './jobs/fork.ts'
import { createJobs, type Jobs } from './jobs/jobs.ts'
import { stateKeys } from './key-store.ts'
import { isLoopback, type Listening, listen } from './listen.ts'
import { createMetrics } from './metrics.ts'
import { createRateLimiter } from './rate-limit.ts'
import { createReadyScoring, createScorers, limitsOf, makeReady, type Services } from './services.ts'
import { createSessions } from './sessions.ts'
import { BUILT_SITE, openSite } from './site.ts'

/** Requests that wait for others of their kind at most: what a minute takes. */
const MOST_WAITING = 32

export interface ServeOptions {
  readonly workspace: Workspace
  readonly config: Config
  /** Where the configuration was read from; budgets that are applied are written there. */
  readonly configFile?: string
  readonly logger: Logger
  readonly version: string
  readonly clock: () => Date
  /** @default 127.0.0.1 */
  readonly host?: string
  /** 0: any free one. */
  readonly port: number
  /** Where the engine spills what does not fit its memory. */
  readonly temporaryFolder?: string
  /** Folder of the built page. @default the one of this package */
  readonly site?: string
}

/** Work that is running when the server is asked to stop may take as long as ever, and its answer a little, ms. */
const GRACE_MS = 5_000

/** Connections beside the processors: work waits for the disk at times. */
const SPARE_CONNECTIONS = 2

/**
 * Opens the workspace and serves it. Throws `usage` when it should be reachable from elsewhere and there is no API key: everybody
 * could then read and change everything.
 */
export async function openServer(options: ServeOptions): Promise<Listening & { readonly hasPage: boolean }> {
  const { workspace, config, host = '127.0.0.1' } = options
  const catalogue = await loadFeatures(config)
  const state = await openState(workspace)
  const keys = stateKeys(state)
  let engine: Engine | undefined
  let jobs: Jobs | undefined
  try {
    if (!isLoopback(host) && !(await keys.hasAny())) {
      throw new KeyhoundError(
        'usage',
        `${host} can be reached from elsewhere, and there is no API key: make one first (keyhound keys create), or leave --host out`,
      )
    }
    engine = await openEngine(
      options.temporaryFolder === undefined ? {} : { temporaryFolder: options.temporaryFolder },
    )
    const connections = await openConnections(engine, availableParallelism() + SPARE_CONNECTIONS)
    jobs = createJobs(forkJobs, options.clock, options.logger)
    const services: Services = {
      workspace,
      config,
      catalogue,
      configFile: options.configFile ?? null,
      jobs,
      state,
      keys,
      wrongKeys: createRateLimiter(limitsOf(config).rate),
      sessions: createSessions(),
      connections,
      ingestGate: createGate(1, MOST_WAITING),
      scoreGate: createGate(availableParallelism(), MOST_WAITING),
      scorers: createScorers(workspace, config, catalogue),
      scoreNow: createReadyScoring(workspace, config, catalogue, connections, options.clock),
      explorer: createExplorer(workspace, connections),
      metrics: createMetrics(),
      logger: options.logger,
      limits: limitsOf(config),
      version: options.version,
      clock: options.clock,
    }
    const site = openSite(options.site ?? BUILT_SITE)
    const listening = await listen(createApp(services, site ?? undefined), { host, port: options.port })
    const opened = engine
    // Whoever asks whether the server is ready waits for this, and is told what fails.
    makeReady(services).catch(() => {})
    return {
      url: listening.url,
      hasPage: site !== null,
      async close(graceMs = limitsOf(config).timeoutMs + GRACE_MS) {
        await services.jobs.close()
        await listening.close(graceMs)
        await connections.close()
        opened.close()
        await closeState(state)
      },
    }
  } catch (error) {
    await jobs?.close()
    engine?.close()
    await closeState(state)
    throw error
  }
}
