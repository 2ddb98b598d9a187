import createClient from 'openapi-fetch'
import { expect } from 'vitest'
import { z } from 'zod'
import { BUILT_IN } from '../../src/features/catalogue.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import type { Router } from '../../src/server/access.ts'
import type { paths } from '../../src/server/api-types.ts'
import { createApp } from '../../src/server/app.ts'
import { openConnections } from '../../src/server/connections.ts'
import { createExplorer } from '../../src/server/explorer.ts'
import { createGate } from '../../src/server/gate.ts'
import { doTask } from '../../src/server/jobs/do-task.ts'
import { createJobs } from '../../src/server/jobs/jobs.ts'
import { stateKeys } from '../../src/server/key-store.ts'
import { createLogger } from '../../src/server/log.ts'
import { createMetrics } from '../../src/server/metrics.ts'
import { createRateLimiter } from '../../src/server/rate-limit.ts'
import {
  createReadyScoring,
  createScorers,
  type Limits,
  limitsOf,
  type Services,
} from '../../src/server/services.ts'
import { createSessions } from '../../src/server/sessions.ts'
import { createApiKey } from '../../src/state/api-keys.ts'
import { closeState, openState } from '../../src/state/state.ts'
import { ROLES, type Role } from '../../src/state/tables.ts'
import type { TinyEvent } from '../engine/tiny-world.ts'
import { dayAt, days, type Office, openOffice, takeover } from '../pipeline/office.ts'

export const TENANTS = ['acme', 'globex'] as const

/** Half of the tokens are another tenant's. */
const oneOfTwo = (events: readonly TinyEvent[]): TinyEvent[] =>
  events.map(event => {
    const number = Number(/\d+$/.exec(event.token_id)![0])
    const tenant = TENANTS[number < 6 ? 0 : 1]
    return {
      ...event,
      tenant_id: tenant,
      event_id: `${tenant}:${event.event_id}`,
      token_id: `${tenant}-${event.token_id}`,
      principal_id: `${tenant}-person-${number}`,
    }
  })

/** Times are texts in a log. */
export const rowsOf = (events: readonly TinyEvent[]) =>
  oneOfTwo(events).map(event => ({ ...event, time: new Date(event.time as number).toISOString() }))

export interface ApiWorld {
  readonly office: Office
  readonly services: Services
  readonly app: Router
  /** What the server logged. */
  readonly logged: string[]
  /** A key for each role, over all tenants and bound to one: `keys['viewer']`, `keys['viewer/acme']`. */
  readonly keys: Readonly<Record<string, string>>
  /** The typed client, with the key named. */
  client(key?: string): ReturnType<typeof createClient<paths>>
  /** A request; its answer is held against the schema of its route. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  close(): Promise<void>
}

export interface CallOptions {
  readonly key?: string
  readonly body?: unknown
  readonly type?: string
  readonly headers?: Record<string, string>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly json: any
}

/** Two tenants, an alert or more in each, and the API over them. */
export async function openApiWorld(limits: Partial<Limits> = {}): Promise<ApiWorld> {
  const office = await openOffice(
    oneOfTwo([...days(0, 10), ...takeover(8, 4), ...takeover(9, 5), ...takeover(8, 9), ...takeover(9, 10)]),
  )
  await train(office.context, { until: dayAt(8) })
  await score(office.context)
  const { workspace, config } = office.context
  const state = await openState(workspace)
  const keys: Record<string, string> = {}
  const by = { actor: 'test', at: dayAt(10) }
  for (const role of ROLES) {
    for (const tenantId of [null, ...TENANTS]) {
      const name = tenantId === null ? role : `${role}/${tenantId}`
      keys[name] = (await createApiKey(state, { name, role: role as Role, tenantId }, by)).key
    }
  }
  const logged: string[] = []
  const connections = await openConnections(office.world.engine, 2)
  const logger = createLogger({ write: line => void logged.push(line) })
  const clock = () => dayAt(30)
  const services: Services = {
    workspace,
    config: config!,
    catalogue: BUILT_IN,
    configFile: null,
    // In this process: another one would take seconds to begin.
    jobs: createJobs((task, frame, tell) => doTask(task, frame, tell), clock, logger),
    state,
    keys: stateKeys(state),
    wrongKeys: createRateLimiter(limitsOf(config!).rate),
    sessions: createSessions(),
    connections,
    ingestGate: createGate(1, 8),
    scoreGate: createGate(2, 8),
    scorers: createScorers(workspace, config!, BUILT_IN),
    scoreNow: createReadyScoring(workspace, config!, BUILT_IN, connections, clock),
    explorer: createExplorer(workspace, connections),
    metrics: createMetrics(),
    logger,
    limits: { ...limitsOf(config!), rate: { burst: 10_000, perSecond: 1000 }, ...limits },
    version: '1.2.3',
    clock,
  }
  const app = createApp(services)
  const authorization = (key: string | undefined): Record<string, string> =>
    key === undefined ? {} : { authorization: `Bearer ${keys[key] ?? key}` }
  return {
    office,
    services,
    app,
    logged,
    keys,
    client: key =>
      createClient<paths>({
        baseUrl: 'http://localhost',
        headers: authorization(key),
        fetch: async request => app.fetch(request),
      }),
    async call(method, path, { key, body, type, headers } = {}) {
      const isPlain = body === undefined || typeof body === 'string' || body instanceof Uint8Array
      const answer = await app.request(path, {
        method,
        headers: {
          ...authorization(key),
          ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: isPlain ? (body as string) : JSON.stringify(body) }),
      })
      const text = await answer.text()
      const isJson = answer.headers.get('content-type')?.includes('json') === true
      const json = isJson ? JSON.parse(text) : undefined
      if (isJson) checkAnswer(app, method, path, answer, json)
      return { status: answer.status, headers: answer.headers, text, json }
    },
    async close() {
      await services.connections.close()
      await closeState(state)
      office.world.close()
    },
  }
}

/** A route as its schemas describe it. */
export interface DescribedRoute {
  readonly method: string
  /** As in the document: /v1/alerts/{alertId}. */
  readonly path: string
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: unknown }> }>>
  readonly access: { readonly roles: readonly Role[]; readonly reach: string } | undefined
}

/** Every route of the app. */
export function routesOf(app: Router): DescribedRoute[] {
  return app.openAPIRegistry.definitions.flatMap(definition => {
    if (definition.type !== 'route') return []
    const { method, path, responses } = definition.route
    const access = (definition.route as unknown as Record<string, unknown>)['x-keyhound-access']
    return [{ method: method.toUpperCase(), path, responses, access } as DescribedRoute]
  })
}

/** Holds a JSON answer against the schema that its route declares for its status and type. */
function checkAnswer(app: Router, method: string, path: string, answer: Response, json: unknown): void {
  const bare = path.split('?')[0]!
  const route = routesOf(app).find(
    one => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(bare),
  )
  if (route === undefined) return
  const type = answer.headers.get('content-type')!.split(';')[0]!
  const schema = route.responses[answer.status]?.content?.[type]?.schema
  expect(
    schema,
    `${method} ${route.path} declares no ${answer.status} as ${type}: ${JSON.stringify(json).slice(0, 300)}`,
  ).toBeDefined()
  const result = (schema as z.ZodType).safeParse(json)
  if (!result.success)
    throw new Error(`${method} ${route.path} ${answer.status}: ${z.prettifyError(result.error)}`)
}
