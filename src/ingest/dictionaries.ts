import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, quoteName, quoteText } from '../sql/duckdb.ts'
import { publish, type Workspace } from '../sql/workspace.ts'
import { parseAddress } from './address.ts'
import { parseClient } from './client.ts'
import { redact } from './credentials.ts'
import { barePath, learnPrefixes, splitPath } from './paths.ts'
import type { PlaceReader } from './places.ts'
import { badFile } from './probe.ts'

/** Distinct values worked on at once: JavaScript strings of that many are some 20 MB. */
const CHUNK_VALUES = 50_000

type Columns = Record<string, ArrayLike<number> | readonly (string | null)[]>

/**
 * Fills `table` with what `describe` says of the distinct values of a staged column, some at a time; answers how many
 * there are. The table has the columns `describe` answers, `raw` among them.
 */
async function describeDistinct(
  engine: Engine,
  staged: string,
  column: string,
  table: string,
  describe: (values: string[]) => Columns,
  learn?: () => Promise<void>,
): Promise<number> {
  const name = quoteName(column)
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE kh_distinct AS SELECT ${name} AS value, count(*) AS n FROM ${staged} WHERE reason IS NULL AND ${name} IS NOT NULL GROUP BY 1`,
  )
  await learn?.()
  await engine.load('kh_described', describe([]))
  // Not temporary: the writers of days, each with a connection of its own, read it.
  await engine.run(`CREATE OR REPLACE TABLE ${table} AS SELECT * FROM kh_described`)
  let count = 0
  for (;;) {
    const chunk = await engine.texts(
      `SELECT value FROM kh_distinct WHERE rowid >= ${count} AND rowid < ${count + CHUNK_VALUES}`,
    )
    const values = (chunk.columns[0] ?? []) as string[]
    if (values.length === 0) break
    await engine.load('kh_described', describe(values))
    await engine.run(`INSERT INTO ${table} SELECT * FROM kh_described; DROP TABLE kh_described`)
    count += values.length
  }
  await engine.run('DROP TABLE kh_distinct')
  return count
}

/** Table `kh_clients (raw, user_agent, client, client_version, device_type)`. */
export async function loadClients(engine: Engine, staged: string): Promise<void> {
  await describeDistinct(engine, staged, 'user_agent', 'kh_clients', values => {
    const clients = values.map(value => parseClient(redact(value)))
    return {
      raw: values,
      user_agent: values.map(redact),
      client: clients.map(client => client.client),
      client_version: clients.map(client => client.version),
      device_type: clients.map(client => client.device),
    }
  })
}

/**
 * Table `kh_addresses (raw, ip, net, asn, as_org, network_type, country, city, latitude, longitude)`; answers how many
 * distinct texts are no addresses.
 */
export async function loadAddresses(engine: Engine, staged: string, places: PlaceReader): Promise<number> {
  let strangers = 0
  await describeDistinct(engine, staged, 'source_ip', 'kh_addresses', values => {
    const addresses = values.map(parseAddress)
    strangers += addresses.filter(address => address === null).length
    const found = addresses.map(address => (address === null || address.isPrivate ? {} : places(address.ip)))
    return {
      raw: values,
      ip: addresses.map(address => address?.ip ?? null),
      net: addresses.map(address => address?.net ?? null),
      network_type: found.map(
        (place, i) => place.networkType ?? (addresses[i]?.isPrivate ? 'private' : null),
      ),
      asn: Float64Array.from(found, place => place.asn ?? Number.NaN),
      as_org: found.map(place => place.asOrg ?? null),
      country: found.map(place => place.country ?? null),
      city: found.map(place => place.city ?? null),
      latitude: Float64Array.from(found, place => place.latitude ?? Number.NaN),
      longitude: Float64Array.from(found, place => place.longitude ?? Number.NaN),
    }
  })
  return strangers
}

/** Where the learned prefixes of paths are kept: a JSON list, sorted. */
export const prefixFile = (workspace: Workspace) => join(workspace.root, 'data', 'path-templates.json')

/**
 * Distinct paths from which templates are learned, drawn by hash: enough to see thirty children of every segment that
 * matters, and a second of work.
 */
const LEARNING_PATHS = 100_000

export interface LoadedPaths {
  readonly distinct: number
  readonly templates: number
  /** Prefixes learned in this run. */
  readonly learned: readonly string[]
  /** Keeps what was learned with the workspace. */
  save(): Promise<void>
}

/** Table `kh_paths (raw, path, template, resource_type, resource_id)`. */
export async function loadPaths(engine: Engine, staged: string, workspace: Workspace): Promise<LoadedPaths> {
  const file = prefixFile(workspace)
  const known = new Set<string>(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [])
  let learned: ReadonlySet<string> = known
  const templates = new Set<string>()
  const describe = (values: string[]): Columns => {
    const parts = values.map(value => splitPath(barePath(value), learned))
    for (const part of parts) templates.add(part.template)
    return {
      raw: values,
      path: parts.map(part => part.path),
      template: parts.map(part => part.template),
      resource_type: parts.map(part => part.resourceType),
      resource_id: parts.map(part => part.resourceId),
    }
  }
  const learn = async () => {
    await engine.run(
      `CREATE OR REPLACE TEMP TABLE kh_learning AS SELECT value, n FROM kh_distinct ORDER BY hash(value) LIMIT ${LEARNING_PATHS}`,
    )
    const paths = (await engine.texts('SELECT value FROM kh_learning ORDER BY rowid')).columns[0] ?? []
    const counts = await engine.matrix('SELECT n FROM kh_learning ORDER BY rowid')
    await engine.run('DROP TABLE kh_learning')
    learned = learnPrefixes((paths as string[]).map(barePath), counts.data, known)
  }
  const distinct = await describeDistinct(engine, staged, 'path', 'kh_paths', describe, learn)
  return {
    distinct,
    templates: templates.size,
    learned: [...learned].filter(prefix => !known.has(prefix)).sort(),
    async save() {
      if (learned.size === known.size) return
      const text = `${JSON.stringify([...learned].sort(), null, 1)}\n`
      await publish(file, temporary => writeFileSync(temporary, text))
    },
  }
}

/** Table `kh_networks (asn, network_type)` from the user's CSV with these columns, or empty. */
export async function loadNetworkTypes(engine: Engine, csv: string | undefined): Promise<void> {
  if (csv === undefined) {
    await engine.run(
      'CREATE OR REPLACE TABLE kh_networks AS SELECT NULL::INTEGER AS asn, NULL::VARCHAR AS network_type WHERE false',
    )
    return
  }
  const source = `read_csv(${quoteText(csv)}, header = true, all_varchar = true)`
  try {
    await engine.run(
      `CREATE OR REPLACE TABLE kh_networks AS
SELECT try_cast(regexp_extract(asn, '[0-9]+') AS INTEGER) AS asn, lower(any_value(network_type)) AS network_type FROM ${source} GROUP BY 1`,
    )
  } catch {
    throw badFile(csv, 'cannot be read as a CSV file with the columns asn and network_type')
  }
}
