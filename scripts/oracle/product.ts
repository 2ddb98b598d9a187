import type { Random } from '../../src/lib/random.ts'
import type { TinyEvent } from '../../test/activity/tiny-world.ts'

/** Some cells of an event. */
export type Cells = Omit<TinyEvent, 'time' | 'token_id'>

/** Capitals, for speeds. */
const CAPITALS: Readonly<Record<string, readonly [latitude: number, longitude: number]>> = {
  AU: [-35.3, 149.1],
  DE: [52.5, 13.4],
  GB: [51.5, -0.1],
  IN: [28.6, 77.2],
  JP: [35.7, 139.7],
  US: [38.9, -77],
}

const NETWORK_TYPES = ['business', 'residential', 'hosting', 'mobile'] as const

/** Where a call comes from: address `host` of network `block`; several networks make an autonomous system. */
export function place(country: string | null, block: number, host = 1): Cells {
  const net = `10.${block >> 8}.${block & 255}`
  const [latitude, longitude] = CAPITALS[country ?? ''] ?? [null, null]
  return {
    source_ip: `${net}.${host}`,
    net: `${net}.0/24`,
    asn: 64_500 + (block % 50),
    as_org: `System ${block % 50}`,
    network_type: NETWORK_TYPES[block % NETWORK_TYPES.length]!,
    country,
    latitude,
    longitude,
  }
}

/** What a call is made with. */
export function client(name: string, version = '1.0'): Cells {
  return { user_agent: `${name}/${version}`, client: name, client_version: version, device_type: 'server' }
}

/** Statuses and how often they come. */
const STATUSES = [200, 201, 403, 404, 429, 500] as const
const STATUS_WEIGHTS = [90, 5, 1, 2, 1, 1] as const

/** A call of an operation such as `PATCH /tasks/{id}`, on the object where its path has a place for one. */
export function call(operation: string, object: string | number, random: Random): Cells {
  const [method, path] = operation.split(' ') as [string, string]
  const resource = path.split('/')[1]!
  return {
    method,
    path: path.replace('{id}', String(object)),
    operation,
    resource_type: resource,
    resource_id: path.includes('{id}') ? String(object) : null,
    required_scope: `${resource}:${method === 'GET' ? 'read' : 'write'}`,
    status: STATUSES[random.weighted(STATUS_WEIGHTS)]!,
    request_bytes: random.int(800),
    response_bytes: Math.round(Math.exp(random.normal(7, 1.2))),
    latency_ms: Math.round(10 * Math.exp(random.normal(4, 0.6))) / 10,
  }
}
