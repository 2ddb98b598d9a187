import type { Logger } from 'pino'
import type { Catalogue } from '../features/catalogue.ts'
import type { Context } from '../pipeline/context.ts'
import { showModel } from '../pipeline/models.ts'
import { createScoreNow, type ScoreNow } from '../pipeline/score-now/score-now.ts'
import { type Config, loadConfig } from '../schema/config.ts'
import { silentProgress } from '../schema/run.ts'
import { openScorer, type Scorer } from '../scoring.ts'
import type { Workspace } from '../sql/workspace.ts'
import type { State } from '../state/state.ts'
import { actorOf, type Caller, type KeyStore } from './caller.ts'
import type { Connections } from './connections.ts'
import type { Explorer } from './explorer.ts'
import type { Gate } from './gate.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { Metrics } from './metrics.ts'
import type { RateLimit, RateLimiter } from './rate-limit.ts'
import { remembering } from './remembering.ts'
import type { Sessions } from './sessions.ts'

/** What may be asked of the server, and how much of it. */
export interface Limits {
  /** Of every caller. */
  readonly rate: RateLimit
  /** Largest body of a request, bytes. */
  readonly bodyBytes: number
  /** Largest body of events or vectors, bytes. */
  readonly dataBytes: number
  /** Milliseconds after which a request is given up. */
  readonly timeoutMs: number
}

/** Other bodies are settings and judgements. */
const BODY_BYTES = 1_000_000

/** The limits that a configuration sets. */
export function limitsOf({ server }: Config): Limits {
  return {
    rate: { burst: server.burst, perSecond: server.requestsPerSecond },
    bodyBytes: BODY_BYTES,
    dataBytes: server.bodyMegabytes * 1_000_000,
    timeoutMs: server.timeoutSeconds * 1000,
  }
}

/** Everything that the routes work with. */
export interface Services {
  readonly workspace: Workspace
  /** As it was when the server began. */
  readonly config: Config
  /** Features that rows are made of, as when the server began. */
  readonly catalogue: Catalogue
  /** Where it was read from, and changes of it are written; null for the defaults. */
  readonly configFile: string | null
  readonly state: State
  readonly keys: KeyStore
  /** Requests with a wrong key, by address: refused before a key is looked up. */
  readonly wrongKeys: RateLimiter
  /** Who has logged in to the page. */
  readonly sessions: Sessions
  readonly connections: Connections
  /** Ingests one after the other: two at once could both take in the same event. */
  readonly ingestGate: Gate
  /** Scoring events takes a processor for a second or so: as many at once as there are processors. */
  readonly scoreGate: Gate
  readonly scorers: Scorers
  /** Scores events by what stands ready in memory. */
  readonly scoreNow: ScoreNow
  readonly explorer: Explorer
  readonly jobs: Jobs
  readonly metrics: Metrics
  readonly logger: Logger
  readonly limits: Limits
  readonly version: string
  readonly clock: () => Date
}

/** The configuration as the file has it now: a budget that was applied counts in the next replay. */
export function currentConfig({ config, configFile }: Pick<Services, 'config' | 'configFile'>): Config {
  if (configFile === null) return config
  const result = loadConfig(configFile)
  return result.ok ? result.config : config
}

/** Champion, challenger and the one before: who asks for more at once waits for loading. */
const MOST_LOADED = 4

/** Models kept loaded. */
export interface Scorers {
  /** The scorer of a model, by name, name@version or content id; of what is promoted, when a name alone is given. */
  of(reference?: string): Promise<Scorer>
}

/** A name is looked up anew after so long: a promotion counts from then on, ms. */
const NAME_MS = 1000

/** Loads each model once, by content: one that is promoted anew is another. */
export function createScorers(workspace: Workspace, config: Config, catalogue: Catalogue): Scorers {
  const loaded = new Map<string, Promise<Scorer>>()
  const find = remembering((reference: string) => showModel(workspace, reference), NAME_MS)
  return {
    async of(reference = 'default') {
      const { name, version, contentId } = find(reference)
      const known = loaded.get(contentId)
      if (known !== undefined) return known
      const opening = openScorer(workspace.root, { model: `${name}@${version}`, config, catalogue })
      loaded.set(contentId, opening)
      for (const oldest of [...loaded.keys()].slice(0, -MOST_LOADED)) loaded.delete(oldest)
      // A model that cannot be loaded today may be restored tomorrow.
      opening.catch(() => loaded.delete(contentId))
      return opening
    },
  }
}

/** What another process ingests or trains is seen within five seconds, ms. */
const LOOK_AFTER_MS = 1000
const WAIT_AFTER_MS = 4000

/** Keeps the newest day ready to score events with. */
export function createReadyScoring(
  workspace: Workspace,
  config: Config,
  catalogue: Catalogue,
  connections: Connections,
  clock: () => Date,
): ScoreNow {
  return createScoreNow(
    workspace,
    work =>
      connections.use(engine =>
        work({ engine, workspace, config, catalogue, progress: silentProgress, now: clock() }),
      ),
    { now: () => performance.now(), lookAfterMs: LOOK_AFTER_MS, waitAfterMs: WAIT_AFTER_MS },
  )
}

/** Loads the model that is asked for by default, and makes the newest day stand ready. */
export async function makeReady({
  scorers,
  scoreNow,
}: Pick<Services, 'scorers' | 'scoreNow'>): Promise<void> {
  const { model } = await scorers.of()
  await scoreNow.warm(model)
}

/** Lends work a connection and the context of one request. */
export function withContext<T>(
  services: Services,
  caller: Caller,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { workspace, config, catalogue, clock } = services
  return services.connections.use(engine =>
    work({
      engine,
      workspace,
      config,
      catalogue,
      progress: silentProgress,
      now: clock(),
      actor: actorOf(caller),
    }),
  )
}
