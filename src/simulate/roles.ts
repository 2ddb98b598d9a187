import { type Operation, operationNamed } from './operations.ts'

/** How an actor spends its day: see sessions.ts for each rhythm. */
export type Rhythm = 'human' | 'mobile' | 'cron' | 'stream' | 'ci' | 'batch'

/** One step of a workflow. */
export interface FlowStep {
  readonly operation: Operation
  /** Mean number of repetitions, each on a new object for reads. */
  readonly repeat: number
  /** Probability that it happens at all. */
  readonly chance: number
}

/** A piece of work: calls in their usual order. Workflows are what makes bigrams of operations mean something. */
export interface Flow {
  readonly weight: number
  readonly steps: readonly FlowStep[]
}

export interface Role {
  readonly name: string
  readonly rhythm: Rhythm
  /** Share of a tenant's actors. */
  readonly share: number
  /** Median events on a working day, relative to a developer's, and the log-normal spread across actors. */
  readonly pace: number
  readonly spread: number
  readonly flows: readonly Flow[]
  /** Scopes granted beyond what the flows need, as real grants are. */
  readonly surplus: readonly string[]
  /** Client families it may use: names in clients.ts. */
  readonly clients: readonly string[]
}

/**
 * Reads a workflow: `tasks.list tasks.get*3 tasks.update?.4` means list, then on average three gets, then with
 * probability 0.4 an update of the object read last.
 */
export function flow(weight: number, text: string): Flow {
  const steps = text.split(' ').map(word => {
    const match = /^([\w.]+?)(?:\*([\d.]+))?(?:\?([\d.]+)?)?$/.exec(word)
    if (!match) throw new RangeError(`not a workflow step: "${word}"`)
    return {
      operation: operationNamed(match[1]!),
      repeat: match[2] ? Number(match[2]) : 1,
      chance: word.includes('?') ? Number(match[3] ?? 0.5) : 1,
    }
  })
  return { weight, steps }
}

const browser = ['chrome', 'chrome', 'edge', 'firefox', 'safari']
const script = ['python-requests', 'acme-sdk-python', 'acme-sdk-node', 'go-http', 'java-http', 'axios']

export const ROLES: readonly Role[] = [
  {
    name: 'developer',
    rhythm: 'human',
    share: 0.2,
    pace: 1,
    spread: 0.8,
    flows: [
      flow(5, 'tasks.list tasks.get*2 tasks.comments?.6 tasks.update?.4 comments.create?.3'),
      flow(3, 'projects.get projects.board tasks.get*2 tasks.assign?.2 tasks.history?.2'),
      flow(
        3,
        'deployments.list deployments.get deployments.logs*1.5 deployments.create?.25 deployments.promote?.15',
      ),
      flow(2, 'search.query tasks.get*1.5 files.get?.3 files.download?.15'),
      flow(1, 'files.list files.get files.create?.5 comments.update?.2 comments.delete?.1 files.delete?.15'),
      flow(0.6, 'webhooks.list webhooks.get webhooks.update?.3 webhooks.test?.4 webhooks.delete?.08'),
      flow(0.5, 'tasks.create tasks.update tasks.delete?.1'),
      flow(0.4, 'secrets.list secrets.get?.5'),
      flow(0.2, 'keys.list keys.get?.5 keys.rotate?.1'),
    ],
    surplus: [
      'webhooks:write',
      'files:delete',
      'deployments:write',
      'reports:read',
      'secrets:read',
      'customers:read',
    ],
    clients: [...browser, 'acme-cli', 'acme-cli', 'curl', 'postman'],
  },
  {
    name: 'support',
    rhythm: 'human',
    share: 0.16,
    pace: 1.6,
    spread: 0.6,
    flows: [
      flow(
        6,
        'tickets.list tickets.get tickets.messages customers.get customers.orders?.4 tickets.reply?.7 tickets.close?.4',
      ),
      flow(2, 'customers.list customers.get*2 customers.notes customers.update?.3'),
      flow(2, 'search.query customers.get tickets.get*1.5'),
      flow(1, 'tickets.create tickets.update?.5 tickets.delete?.15'),
      flow(0.6, 'files.get files.download?.5'),
      flow(0.3, 'invoices.list invoices.get'),
    ],
    surplus: [
      'tasks:write',
      'tasks:read',
      'customers:delete',
      'users:read',
      'messages:read',
      'tickets:delete',
    ],
    clients: browser,
  },
  {
    name: 'analyst',
    rhythm: 'human',
    share: 0.1,
    pace: 0.7,
    spread: 0.9,
    flows: [
      flow(4, 'reports.list reports.get reports.run*2 reports.data?.4'),
      flow(2, 'customers.list*3 customers.get?.5'),
      flow(1.5, 'reports.create reports.run*2 reports.update?.6 reports.delete?.2'),
      flow(1, 'exports.create exports.get*3 exports.download?.6'),
      flow(1, 'search.query*2 reports.get'),
      flow(0.5, 'billing.usage billing.get?.4'),
    ],
    surplus: ['customers:export', 'reports:delete', 'invoices:read', 'tickets:read', 'audit:read'],
    clients: [...browser, 'jupyter', 'python-requests'],
  },
  {
    name: 'project_manager',
    rhythm: 'human',
    share: 0.12,
    pace: 0.9,
    spread: 0.7,
    flows: [
      flow(5, 'projects.list projects.get projects.board tasks.list tasks.get*2 tasks.assign?.4'),
      flow(2, 'tasks.create*1.5 tasks.assign tasks.update?.3 tasks.delete?.1'),
      flow(2, 'projects.get projects.members projects.update?.3 comments.create?.4'),
      flow(1, 'messages.list messages.get*2 messages.create?.4 messages.delete?.4'),
      flow(0.6, 'reports.list reports.get reports.run?.4'),
      flow(0.3, 'teams.list teams.get teams.update?.2'),
      flow(0.15, 'projects.archive tasks.bulk?.3'),
    ],
    surplus: [
      'projects:delete',
      'tasks:delete',
      'users:read',
      'files:share',
      'exports:write',
      'messages:read',
    ],
    clients: browser,
  },
  {
    name: 'admin',
    rhythm: 'human',
    share: 0.05,
    pace: 0.6,
    spread: 0.7,
    flows: [
      flow(4, 'users.list users.get*2 users.role?.3 users.invite?.3'),
      flow(2, 'teams.list teams.get teams.update?.5'),
      flow(2, 'audit.list audit.get*2'),
      flow(1, 'settings.get settings.update?.3'),
      flow(1, 'keys.list keys.get keys.create?.2 keys.delete?.15'),
      flow(0.6, 'users.get users.suspend?.4 users.delete?.15'),
      flow(0.5, 'billing.get billing.usage'),
      flow(0.4, 'webhooks.list webhooks.get secrets.list?.4'),
    ],
    surplus: [
      'audit:export',
      'users:export',
      'settings:admin',
      'projects:delete',
      'billing:write',
      'secrets:read',
      'tasks:delete',
      'tasks:read',
      'exports:read',
      'exports:write',
    ],
    clients: [...browser, 'acme-cli', 'terraform'],
  },
  {
    name: 'finance',
    rhythm: 'human',
    share: 0.06,
    pace: 0.6,
    spread: 0.7,
    flows: [
      flow(5, 'invoices.list invoices.get*3 invoices.pdf?.5 invoices.update?.3'),
      flow(2, 'billing.get billing.usage'),
      flow(1.5, 'customers.list customers.get customers.orders invoices.create?.5'),
      flow(0.5, 'invoices.get invoices.refund?.4'),
      flow(0.7, 'reports.list reports.get reports.data?.4'),
    ],
    surplus: ['billing:write', 'customers:export', 'exports:write', 'exports:read'],
    clients: browser,
  },
  {
    name: 'mobile_user',
    rhythm: 'mobile',
    share: 0.1,
    pace: 0.6,
    spread: 0.7,
    flows: [
      flow(4, 'me.notifications tasks.list tasks.get*1.5 tasks.update?.3'),
      flow(3, 'messages.list messages.get*2 messages.create?.3 messages.delete?.3'),
      flow(2, 'tickets.list tickets.get tickets.reply?.4'),
      flow(1, 'files.get files.download?.3'),
      flow(1, 'customers.get customers.notes?.5'),
    ],
    surplus: ['projects:read', 'tasks:delete', 'users:read', 'comments:write'],
    clients: ['acme-ios', 'acme-android'],
  },
  {
    name: 'integration',
    rhythm: 'stream',
    share: 0.06,
    pace: 5,
    spread: 1,
    flows: [
      flow(4, 'customers.list customers.get*3 customers.update?.5'),
      flow(4, 'tickets.list tickets.get*2 tickets.update?.4 tickets.create?.2'),
      flow(3, 'tasks.list tasks.get*2 tasks.create?.3 tasks.update?.3 tasks.delete?.06'),
      flow(2, 'events.poll events.ack?.6'),
      flow(1, 'files.list files.get files.download?.4'),
      flow(1, 'messages.search messages.get*2 messages.create?.3'),
    ],
    surplus: [
      'users:read',
      'webhooks:read',
      'webhooks:write',
      'customers:delete',
      'reports:read',
      'files:write',
    ],
    clients: script,
  },
  {
    name: 'monitor',
    rhythm: 'cron',
    share: 0.04,
    pace: 3,
    spread: 0.7,
    flows: [
      flow(3, 'status.get me.get'),
      flow(2, 'events.poll events.ack?.5'),
      flow(1, 'deployments.list deployments.get?.5'),
      flow(1, 'billing.usage'),
    ],
    surplus: ['audit:read', 'tasks:read', 'webhooks:read'],
    clients: ['go-http', 'curl', 'python-requests'],
  },
  {
    name: 'sync_service',
    rhythm: 'cron',
    share: 0.05,
    pace: 4,
    spread: 0.9,
    flows: [
      flow(
        4,
        'customers.list*2 customers.get*2 customers.update?.5 customers.create?.15 customers.delete?.08',
      ),
      flow(2, 'invoices.list*2 invoices.get*2'),
      flow(2, 'users.list*2 users.get?.5 teams.list'),
      flow(1, 'tasks.list*2 tasks.bulk?.4'),
    ],
    surplus: ['customers:export', 'users:export', 'tickets:read', 'exports:read'],
    clients: script,
  },
  {
    name: 'ci_runner',
    rhythm: 'ci',
    share: 0.04,
    pace: 3.5,
    spread: 0.8,
    flows: [
      flow(
        4,
        'secrets.list secrets.reveal*2 deployments.create deployments.get*3 deployments.logs?.6 deployments.promote?.3',
      ),
      flow(2, 'me.get tasks.get tasks.update comments.create?.6'),
      flow(1, 'deployments.list deployments.get deployments.rollback?.2'),
      flow(1, 'files.create*2 files.get'),
    ],
    surplus: ['secrets:write', 'webhooks:write', 'projects:read', 'keys:read'],
    clients: ['acme-action', 'acme-cli', 'curl', 'terraform'],
  },
  {
    name: 'data_pipeline',
    rhythm: 'batch',
    share: 0.02,
    pace: 4,
    spread: 0.8,
    flows: [
      flow(3, 'customers.list*6 customers.orders*2'),
      flow(2, 'tickets.list*6'),
      flow(2, 'reports.list reports.data*2'),
      flow(1, 'exports.create exports.get*3 exports.download'),
      flow(1, 'audit.list*4'),
    ],
    surplus: ['customers:export', 'audit:export', 'users:read', 'users:export'],
    clients: ['python-requests', 'acme-sdk-python', 'java-http'],
  },
]

export function roleNamed(name: string): Role {
  const found = ROLES.find(role => role.name === name)
  if (!found) throw new RangeError(`no role is called "${name}"`)
  return found
}

/** Workflows that a release adds, by the role that takes them up. */
export const RELEASE_FLOWS: Readonly<Record<string, Flow>> = {
  developer: flow(2, 'tasks.get tasks.summary tasks.suggest?.5 deployments.canary?.3'),
  support: flow(3, 'tickets.get tickets.suggest*1.5 customers.timeline?.5 tickets.reply?.6'),
  analyst: flow(2, 'reports.get reports.insights*2 search.semantic?.5'),
  project_manager: flow(2, 'projects.get projects.timeline tasks.summary?.5 search.semantic?.3'),
  admin: flow(1.5, 'me.preferences users.get users.list?.5'),
  finance: flow(2, 'customers.get customers.timeline invoices.get'),
  mobile_user: flow(2, 'me.preferences tasks.get tasks.summary files.preview?.4'),
  integration: flow(2, 'customers.get customers.timeline*2'),
}

/** Scopes that a role's flows need. */
export function neededScopes(flows: readonly Flow[]): string[] {
  return [...new Set(flows.flatMap(f => f.steps.map(step => step.operation.scope)))].sort()
}
