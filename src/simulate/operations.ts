/** What an operation does, in the terms that matter to a defender. */
export type OperationKind = 'list' | 'read' | 'search' | 'write' | 'delete' | 'export' | 'admin' | 'session'

/** One call of the simulated product's API. */
export interface Operation {
  readonly index: number
  /** As the log names it: tasks.update. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path; `{id}` stands for the object. */
  readonly template: string
  /** Index into {@link RESOURCES} of the object in the path; -1: the path names none. */
  readonly object: number
  /** Scope that the call asks for. */
  readonly scope: string
  readonly kind: OperationKind
  /** Touches people, credentials, money, bulk data or the audit trail. */
  readonly sensitive: boolean
  /** Medians of the log-normal sizes and times. */
  readonly requestBytes: number
  readonly responseBytes: number
  readonly latencyMs: number
  /** Not in the product until a release brings it. */
  readonly release: boolean
}

/** A kind of object. */
export interface Resource {
  readonly name: string
  /** How its ids are written: plain numbers, UUIDs, or a prefix and a hexadecimal number. */
  readonly id: 'number' | 'uuid' | `${string}_`
  /** Objects in the whole product, all tenants together, at the start. */
  readonly objects: number
  /** Objects in one actor's working set. */
  readonly working: number
}

export const RESOURCES: readonly Resource[] = [
  { name: 'tasks', id: 'number', objects: 60_000, working: 60 },
  { name: 'projects', id: 'number', objects: 2_500, working: 12 },
  { name: 'comments', id: 'number', objects: 150_000, working: 80 },
  { name: 'files', id: 'uuid', objects: 40_000, working: 50 },
  { name: 'users', id: 'usr_', objects: 6_000, working: 25 },
  { name: 'teams', id: 'number', objects: 600, working: 4 },
  { name: 'keys', id: 'key_', objects: 4_000, working: 6 },
  { name: 'exports', id: 'exp_', objects: 8_000, working: 8 },
  { name: 'invoices', id: 'inv_', objects: 20_000, working: 40 },
  { name: 'audit', id: 'number', objects: 90_000, working: 40 },
  { name: 'webhooks', id: 'whk_', objects: 1_500, working: 4 },
  { name: 'reports', id: 'number', objects: 5_000, working: 15 },
  { name: 'customers', id: 'cus_', objects: 50_000, working: 90 },
  { name: 'tickets', id: 'number', objects: 80_000, working: 70 },
  { name: 'deployments', id: 'uuid', objects: 12_000, working: 20 },
  { name: 'secrets', id: 'sec_', objects: 2_000, working: 8 },
  { name: 'messages', id: 'uuid', objects: 120_000, working: 90 },
]

/** Median request bytes, response bytes and milliseconds by kind; orders of magnitude of common JSON APIs. */
const SIZES: Record<OperationKind, readonly [number, number, number]> = {
  list: [420, 11_000, 90],
  read: [400, 2_100, 34],
  search: [560, 7_500, 150],
  write: [1_300, 900, 75],
  delete: [390, 140, 60],
  export: [700, 320_000, 900],
  admin: [800, 1_300, 80],
  session: [380, 620, 22],
}

const METHODS: Record<OperationKind, Operation['method']> = {
  list: 'GET',
  read: 'GET',
  search: 'GET',
  write: 'POST',
  delete: 'DELETE',
  export: 'GET',
  admin: 'POST',
  session: 'GET',
}

interface Entry {
  name: string
  template: string
  kind: OperationKind
  scope: string
  method?: Operation['method']
  sensitive?: boolean
  release?: boolean
  /** Factor on the kind's response size. */
  heavy?: number
}

/** The usual five calls on a resource; `letters` picks among list, get, create, update, delete. */
function crud(resource: string, letters: string, sensitive = false, heavy = 1): Entry[] {
  const path = `/v2/${resource}`
  const all: Record<string, Entry> = {
    l: { name: `${resource}.list`, template: path, kind: 'list', scope: `${resource}:read` },
    g: { name: `${resource}.get`, template: `${path}/{id}`, kind: 'read', scope: `${resource}:read` },
    c: { name: `${resource}.create`, template: path, kind: 'write', scope: `${resource}:write` },
    u: {
      name: `${resource}.update`,
      template: `${path}/{id}`,
      kind: 'write',
      scope: `${resource}:write`,
      method: 'PATCH',
    },
    d: { name: `${resource}.delete`, template: `${path}/{id}`, kind: 'delete', scope: `${resource}:delete` },
  }
  return [...letters].map(letter => ({ ...all[letter]!, sensitive, heavy }))
}

/** A call below an object: tasks.assign is POST /v2/tasks/{id}/assign. */
function sub(
  resource: string,
  verb: string,
  kind: OperationKind,
  right: string,
  more: Partial<Entry> = {},
): Entry {
  return {
    name: `${resource}.${verb}`,
    template: `/v2/${resource}/{id}/${verb}`,
    kind,
    scope: `${resource}:${right}`,
    ...more,
  }
}

/** A call on a whole collection. */
function collection(
  resource: string,
  verb: string,
  kind: OperationKind,
  right: string,
  more: Partial<Entry> = {},
): Entry {
  return {
    name: `${resource}.${verb}`,
    template: `/v2/${resource}/${verb}`,
    kind,
    scope: `${resource}:${right}`,
    ...more,
  }
}

const secret = { sensitive: true }
const ENTRIES: readonly Entry[] = [
  { name: 'me.get', template: '/v2/me', kind: 'session', scope: 'profile:read' },
  { name: 'me.notifications', template: '/v2/me/notifications', kind: 'session', scope: 'profile:read' },
  { name: 'status.get', template: '/v2/status', kind: 'session', scope: 'profile:read' },
  { name: 'search.query', template: '/v2/search', kind: 'search', scope: 'search:read' },
  ...crud('tasks', 'lgcud'),
  sub('tasks', 'comments', 'list', 'read'),
  sub('tasks', 'assign', 'write', 'write'),
  sub('tasks', 'history', 'list', 'read'),
  collection('tasks', 'bulk', 'write', 'write', { heavy: 6 }),
  ...crud('projects', 'lgcud'),
  sub('projects', 'members', 'list', 'read'),
  sub('projects', 'archive', 'delete', 'delete', { method: 'POST' }),
  sub('projects', 'board', 'read', 'read', { heavy: 4 }),
  ...crud('comments', 'cud'),
  ...crud('files', 'lgcd'),
  sub('files', 'download', 'export', 'read', { heavy: 0.7 }),
  sub('files', 'share', 'admin', 'share', secret),
  ...crud('users', 'lg'),
  collection('users', 'invite', 'admin', 'admin', secret),
  sub('users', 'role', 'admin', 'admin', { ...secret, method: 'PUT' }),
  sub('users', 'suspend', 'admin', 'admin', secret),
  { name: 'users.delete', template: '/v2/users/{id}', kind: 'delete', scope: 'users:admin', sensitive: true },
  collection('users', 'directory', 'export', 'export', { ...secret, heavy: 0.4 }),
  ...crud('teams', 'lgu'),
  ...crud('keys', 'lgcd', true),
  sub('keys', 'rotate', 'admin', 'write', secret),
  ...crud('exports', 'lgc', true),
  sub('exports', 'download', 'export', 'read', { ...secret, heavy: 8 }),
  ...crud('invoices', 'lgcu', true),
  sub('invoices', 'pdf', 'export', 'read', { ...secret, heavy: 0.25 }),
  sub('invoices', 'refund', 'admin', 'refund', secret),
  { name: 'billing.get', template: '/v2/billing', kind: 'read', scope: 'billing:read', sensitive: true },
  collection('billing', 'usage', 'list', 'read', secret),
  collection('billing', 'methods', 'admin', 'write', { ...secret, method: 'PUT' }),
  ...crud('audit', 'lg', true),
  collection('audit', 'export', 'export', 'export', { ...secret, heavy: 3 }),
  ...crud('webhooks', 'lgcud'),
  sub('webhooks', 'test', 'write', 'write'),
  ...crud('reports', 'lgcud'),
  sub('reports', 'run', 'search', 'read', { heavy: 5 }),
  sub('reports', 'data', 'export', 'read', { heavy: 0.5 }),
  ...crud('customers', 'lgcud', false, 1.5),
  sub('customers', 'notes', 'list', 'read'),
  sub('customers', 'orders', 'list', 'read'),
  sub('customers', 'merge', 'write', 'write'),
  collection('customers', 'export', 'export', 'export', { ...secret, heavy: 5 }),
  ...crud('tickets', 'lgcud'),
  sub('tickets', 'reply', 'write', 'write'),
  sub('tickets', 'messages', 'list', 'read'),
  sub('tickets', 'close', 'write', 'write'),
  ...crud('deployments', 'lgc'),
  sub('deployments', 'logs', 'list', 'read', { heavy: 6 }),
  sub('deployments', 'promote', 'write', 'write'),
  sub('deployments', 'rollback', 'write', 'write'),
  ...crud('secrets', 'lgcud', true),
  sub('secrets', 'reveal', 'read', 'reveal', secret),
  ...crud('messages', 'lgcd'),
  collection('messages', 'search', 'search', 'read'),
  {
    name: 'messages.rules',
    template: '/v2/messages/rules',
    kind: 'admin',
    scope: 'messages:admin',
    sensitive: true,
  },
  { name: 'settings.get', template: '/v2/settings', kind: 'read', scope: 'settings:read' },
  {
    name: 'settings.update',
    template: '/v2/settings',
    kind: 'admin',
    scope: 'settings:admin',
    method: 'PATCH',
    sensitive: true,
  },
  {
    name: 'settings.sso',
    template: '/v2/settings/sso',
    kind: 'admin',
    scope: 'settings:admin',
    sensitive: true,
  },
  { name: 'events.poll', template: '/v2/events', kind: 'list', scope: 'events:read', heavy: 0.4 },
  { name: 'events.ack', template: '/v2/events/ack', kind: 'write', scope: 'events:read' },
  // What releases bring: nobody calls these before.
  sub('tasks', 'summary', 'read', 'read', { release: true }),
  collection('tasks', 'suggest', 'search', 'read', { release: true }),
  sub('projects', 'timeline', 'list', 'read', { release: true }),
  sub('files', 'preview', 'read', 'read', { release: true, heavy: 8 }),
  sub('tickets', 'suggest', 'search', 'read', { release: true }),
  sub('customers', 'timeline', 'list', 'read', { release: true }),
  sub('reports', 'insights', 'search', 'read', { release: true }),
  sub('deployments', 'canary', 'write', 'write', { release: true }),
  {
    name: 'search.semantic',
    template: '/v2/search/semantic',
    kind: 'search',
    scope: 'search:read',
    release: true,
  },
  {
    name: 'me.preferences',
    template: '/v2/me/preferences',
    kind: 'session',
    scope: 'profile:read',
    release: true,
  },
]

/** The catalogue, about 110 calls over 17 kinds of objects; `index` is the position. */
export const OPERATIONS: readonly Operation[] = ENTRIES.map((entry, index) => {
  const [requestBytes, responseBytes, latencyMs] = SIZES[entry.kind]
  const resource = entry.template.split('/')[2]!
  return {
    index,
    name: entry.name,
    method: entry.method ?? METHODS[entry.kind],
    template: entry.template,
    object: entry.template.includes('{id}') ? RESOURCES.findIndex(r => r.name === resource) : -1,
    scope: entry.scope,
    kind: entry.kind,
    sensitive: entry.sensitive ?? false,
    requestBytes,
    responseBytes: responseBytes * (entry.heavy ?? 1),
    latencyMs,
    release: entry.release ?? false,
  }
})

const BY_NAME = new Map(OPERATIONS.map(operation => [operation.name, operation]))

/** The operation of that name. Throws RangeError for a name that the catalogue lacks. */
export function operationNamed(name: string): Operation {
  const found = BY_NAME.get(name)
  if (!found) throw new RangeError(`no operation is called "${name}"`)
  return found
}

/** Every scope that some operation asks for. */
export const ALL_SCOPES: readonly string[] = [...new Set(OPERATIONS.map(operation => operation.scope))].sort()

/** Indices of the operations of the given kinds; releases are left out. */
export function operationsOf(...kinds: OperationKind[]): number[] {
  return OPERATIONS.filter(o => kinds.includes(o.kind) && !o.release).map(o => o.index)
}
