import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, quoteName, quoteText } from '../engine/duckdb.ts'
import { publish, type Workspace } from '../engine/workspace.ts'
import { parseAddress } from './address.ts'
import { parseClient } from './client.ts'
import { redact } from './credentials.ts'
import { barePath, learnPrefixes, splitPath } from './paths.ts'
import type { PlaceReader } from './places.ts'
import { badFile } from './probe.ts'

/** Distinct values of one staged column, with how often each occurs. */
async function distinct(
  engine: Engine,
  staged: string,
  column: string,
): Promise<{ values: string[]; counts: Float64Array }> {
  const name = quoteName(column)
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE kh_distinct AS SELECT ${name} AS value, count(*) AS n FROM ${staged} WHERE reason IS NULL AND ${name} IS NOT NULL GROUP BY 1 ORDER BY 1`,
  )
  const values = (await engine.texts('SELECT value FROM kh_distinct ORDER BY value')).columns[0] ?? []
  const counts = await engine.matrix('SELECT n FROM kh_distinct ORDER BY value')
  await engine.run('DROP TABLE kh_distinct')
  return { values: values as string[], counts: counts.data }
}

/** Table `kh_clients (raw, user_agent, client, client_version, device_type)`. */
export async function loadClients(engine: Engine, staged: string): Promise<void> {
  const { values } = await distinct(engine, staged, 'user_agent')
  const clients = values.map(value => parseClient(redact(value)))
  await engine.load('kh_clients', {
    raw: values,
    user_agent: values.map(redact),
    client: clients.map(client => client.client),
    client_version: clients.map(client => client.version),
    device_type: clients.map(client => client.device),
  })
}

/**
 * Table `kh_addresses (raw, ip, net, is_private, asn, as_org, network_type, country, city, latitude, longitude)`;
 * answers how many distinct texts are no addresses.
 */
export async function loadAddresses(
  engine: Engine,
  staged: string,
  places: PlaceReader,
): Promise<{ addresses: number; strangers: number }> {
  const { values } = await distinct(engine, staged, 'source_ip')
  const addresses = values.map(parseAddress)
  const found = addresses.map(address => (address === null || address.isPrivate ? {} : places(address.ip)))
  await engine.load('kh_addresses', {
    raw: values,
    ip: addresses.map(address => address?.ip ?? null),
    net: addresses.map(address => address?.net ?? null),
    network_type: found.map((place, i) => place.networkType ?? (addresses[i]?.isPrivate ? 'private' : null)),
    asn: Float64Array.from(found, place => place.asn ?? Number.NaN),
    as_org: found.map(place => place.asOrg ?? null),
    country: found.map(place => place.country ?? null),
    city: found.map(place => place.city ?? null),
    latitude: Float64Array.from(found, place => place.latitude ?? Number.NaN),
    longitude: Float64Array.from(found, place => place.longitude ?? Number.NaN),
  })
  const strangers = addresses.filter(address => address === null).length
  return { addresses: addresses.length - strangers, strangers }
}

/** Where the learned prefixes of paths are kept: a JSON list, sorted. */
const prefixFile = (workspace: Workspace) => join(workspace.root, 'data', 'path-templates.json')

/** Table `kh_paths (raw, path, template, resource_type, resource_id)`; answers prefixes learned now, and how to keep them. */
export async function loadPaths(
  engine: Engine,
  staged: string,
  workspace: Workspace,
): Promise<{ distinct: number; templates: number; learned: string[]; save: () => Promise<void> }> {
  const { values, counts } = await distinct(engine, staged, 'path')
  const paths = values.map(barePath)
  const file = prefixFile(workspace)
  const known = new Set<string>(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [])
  const learned = learnPrefixes(paths, counts, known)
  const parts = paths.map(path => splitPath(path, learned))
  await engine.load('kh_paths', {
    raw: values,
    path: parts.map(part => redact(part.path)),
    template: parts.map(part => redact(part.template)),
    resource_type: parts.map(part => part.resourceType),
    resource_id: parts.map(part => part.resourceId),
  })
  return {
    distinct: values.length,
    templates: new Set(parts.map(part => part.template)).size,
    learned: [...learned].filter(prefix => !known.has(prefix)).sort(),
    save: async () => {
      if (learned.size === known.size) return
      await publish(file, temporary =>
        writeFileSync(temporary, `${JSON.stringify([...learned].sort(), null, 1)}\n`),
      )
    },
  }
}

/** Table `kh_networks (asn, network_type)` from the user's CSV with these columns, or empty. */
export async function loadNetworkTypes(engine: Engine, csv: string | undefined): Promise<void> {
  if (csv === undefined) {
    await engine.run(
      'CREATE OR REPLACE TEMP TABLE kh_networks AS SELECT NULL::INTEGER AS asn, NULL::VARCHAR AS network_type WHERE false',
    )
    return
  }
  const source = `read_csv(${quoteText(csv)}, header = true, all_varchar = true)`
  try {
    await engine.run(
      `CREATE OR REPLACE TEMP TABLE kh_networks AS
SELECT try_cast(regexp_extract(asn, '[0-9]+') AS INTEGER) AS asn, lower(any_value(network_type)) AS network_type FROM ${source} GROUP BY 1`,
    )
  } catch {
    throw badFile(csv, 'cannot be read as a CSV file with the columns asn and network_type')
  }
}
