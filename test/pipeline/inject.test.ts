import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auroc } from '../../src/lib/metrics.ts'
import { createRandom } from '../../src/lib/random.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { type InjectSummary, inject } from '../../src/pipeline/inject.ts'
import { EVENT_COLUMNS } from '../../src/schema/event.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { DEFAULTS, simulate } from '../../src/simulate/simulate.ts'
import { type Engine, openEngine, quoteText } from '../../src/sql/duckdb.ts'
import { openWorkspace, type Workspace } from '../../src/sql/workspace.ts'

let engine: Engine
let folder: string
let workspace: Workspace
let summary: InjectSummary
const now = new Date('2026-11-01T00:00:00Z')
const context = (of: Workspace) => ({ engine, workspace: of, progress: silentProgress, now })
const OPTIONS = { seed: 7, incidents: 21 }

beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
  folder = mkdtempSync(join(tmpdir(), 'keyhound-inject-'))
  const logs = join(folder, 'logs')
  await simulate(
    engine,
    logs,
    { ...DEFAULTS, tokens: 50, days: 15, events: 9000, incidents: 0 },
    silentProgress,
  )
  workspace = openWorkspace(join(folder, 'W'))
  await ingest(context(workspace), {
    paths: [join(logs, 'events')],
    inventory: join(logs, 'tokens.csv'),
    tokens: 'identifier',
  })
  summary = await inject(context(workspace), { ...OPTIONS, out: join(folder, 'out') })
}, 60_000)
afterAll(() => {
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const logOf = (out: string) => `read_parquet(${quoteText(join(folder, out, 'events', '*.parquet'))})`
const labelsOf = (out: string) =>
  `read_csv(${quoteText(join(folder, out, 'labels.csv'))}, all_varchar = true, header = true)`
const own = () =>
  `read_parquet(${quoteText(join(workspace.events, '*', '*.parquet'))}, hive_partitioning = false)`
const one = async <T>(sql: string) => (await engine.rows<{ value: T }>(`SELECT (${sql}) AS value`))[0]!.value

/** Columns of the copy: those that the log knows. */
async function columns(): Promise<string> {
  return (await engine.describe(`SELECT * FROM ${logOf('out')}`)).map(column => column.name).join(', ')
}

describe('the copy', () => {
  test('every attack comes in every intensity, and the summary counts what lies there', async () => {
    expect(summary.skipped).toEqual([])
    expect(summary.incidents).toHaveLength(21)
    expect(await one(`SELECT count(*) FROM ${logOf('out')}`)).toBe(summary.events)
    expect(await one(`SELECT count(*) FROM ${labelsOf('out')}`)).toBe(summary.injectedEvents)
    expect(
      await one(`SELECT count(DISTINCT incident_id) FROM ${labelsOf('out')} WHERE injected = 'true'`),
    ).toBe(21)
  })

  test("the log's own events are all there, every value as it was, and the workspace is as it was", async () => {
    const list = await columns()
    const benign = `SELECT ${list} FROM ${logOf('out')} ANTI JOIN ${labelsOf('out')} USING (event_id)`
    expect(await one(`SELECT count(*) FROM (${benign} EXCEPT ALL SELECT ${list} FROM ${own()})`)).toBe(0)
    expect(await one(`SELECT count(*) FROM (SELECT ${list} FROM ${own()} EXCEPT ALL ${benign})`)).toBe(0)
    // What the copy leaves out, the log does not know.
    const absent = EVENT_COLUMNS.map(c => c.name).filter(name => !list.split(', ').includes(name))
    expect(absent).toContain('latitude')
    for (const name of absent) expect(await one(`SELECT count(${name}) FROM ${own()}`), name).toBe(0)
  })

  test('labels match: each names one event, of the token and within the interval that incidents.csv tells', async () => {
    const incidents = `read_csv(${quoteText(join(folder, 'out', 'incidents.csv'))}, all_varchar = true, header = true)`
    const joined = `${labelsOf('out')} l JOIN ${logOf('out')} e USING (event_id)`
    expect(await one(`SELECT count(*) FROM ${joined}`)).toBe(summary.injectedEvents)
    expect(
      await one(`SELECT count(*) FROM ${joined} JOIN ${incidents} i ON i.incident_id = l.incident_id AND i.token_id = e.token_id
        AND i.attack_type = l.attack_type AND i.intensity = l.intensity
        AND e.time >= i.start::TIMESTAMP AND e.time < i."end"::TIMESTAMP`),
    ).toBe(summary.injectedEvents)
    expect(await one(`SELECT sum(events::INTEGER) FROM ${incidents}`)).toBe(summary.injectedEvents)
    expect(
      await one(`SELECT min(time) >= ${quoteText(summary.from.slice(0, 19))}::TIMESTAMP FROM ${joined}`),
    ).toBe(true)
  })

  test('a new token of a rotation is in the inventory, with the role of the one it follows', async () => {
    const tokens = `read_csv(${quoteText(join(folder, 'out', 'tokens.csv'))}, all_varchar = true, header = true)`
    const fresh = await engine.rows<{ token_id: string; principal_id: string; role: string }>(
      `SELECT DISTINCT t.token_id, t.principal_id, t.role FROM ${labelsOf('out')} JOIN ${logOf('out')} e USING (event_id)
       JOIN ${tokens} t ON t.token_id = e.token_id WHERE attack_type = 'rotation_hijack'`,
    )
    expect(fresh).toHaveLength(3)
    for (const { token_id, principal_id, role } of fresh) {
      expect(token_id).toMatch(/^tok_[0-9a-f]{12}$/)
      expect(await one(`SELECT count(*) FROM ${own()} WHERE token_id = ${quoteText(token_id)}`)).toBe(0)
      const theirs = `SELECT list(DISTINCT role) FROM ${own()} WHERE principal_id = ${quoteText(principal_id)}`
      expect(await one(theirs)).toContain(role)
    }
  })

  test('the same seed gives the same bytes, another seed other events', async () => {
    const few = { incidents: 7, attacks: ['stuffing', 'rotation_hijack', 'drip', 'object_walk'] }
    for (const [out, seed] of [
      ['first', 7],
      ['again', 7],
      ['other', 8],
    ] as const)
      await inject(context(workspace), { ...few, seed, out: join(folder, out) })
    const files = readdirSync(join(folder, 'first', 'events'))
    expect(readdirSync(join(folder, 'again', 'events'))).toEqual(files)
    const read = (out: string, file: string) => readFileSync(join(folder, out, file), 'base64')
    for (const file of [
      ...files.map(name => join('events', name)),
      'labels.csv',
      'incidents.csv',
      'tokens.csv',
    ])
      expect(read('again', file), file).toBe(read('first', file))
    expect(read('other', 'labels.csv')).not.toBe(read('first', 'labels.csv'))
  })

  test('ingest reads it back: nothing is rejected, and every event is as it was written', async () => {
    const copy = openWorkspace(join(folder, 'copy'))
    const read = await ingest(context(copy), {
      paths: [join(folder, 'out', 'events')],
      inventory: join(folder, 'out', 'tokens.csv'),
      tokens: 'identifier',
    })
    expect(read).toMatchObject({ added: summary.events, rejected: 0, duplicates: 0 })
    const list = await columns()
    const ingested = `SELECT ${list} FROM read_parquet(${quoteText(join(copy.events, '*', '*.parquet'))}, hive_partitioning = false)`
    const written = `SELECT ${list} FROM ${logOf('out')}`
    expect(await one(`SELECT count(*) FROM (${ingested} EXCEPT ALL ${written})`)).toBe(0)
  })
})

/** What an event looks like, regardless of what it says: one text a property. */
const FORMAT_SQL = [
  `length(event_id)`,
  ...[1, 2, 3, 8, 15, 16].map(place => `event_id[${place}]`),
  `regexp_replace(regexp_replace(event_id, '[a-f]', 'a', 'g'), '[0-9]', '0', 'g') ~ '^[a0]+$'`,
  `epoch_ms(time) % 10`,
  `(epoch_ms(time) // 10) % 10`,
  `epoch_ms(time) % 1000 = 0`,
  `epoch_ms(time) % 60000 < 1000`,
  `epoch_ms(time) % 1800000 < 60000`,
  `round(latency_ms, 1) = latency_ms`,
  `request_bytes % 10`,
  `response_bytes % 10`,
  `length(split(path, '/'))`,
  `contains(path, coalesce(resource_id, ''))`,
  `regexp_replace(coalesce(resource_id, ''), '[0-9]', '0', 'g') = ''`,
  `split_part(source_ip, '.', 4) IN ('0', '255')`,
  `CASE WHEN contains(source_ip, ':') THEN starts_with(source_ip, replace(net, ':/48', '')) ELSE net = regexp_replace(source_ip, '[0-9]+$', '0/24') END`,
  `user_agent IS NULL`,
  ...EVENT_COLUMNS.map(column => `${column.name} IS NULL`),
]

/** AUROC of naive Bayes over format alone, 5-fold, injected against as many own events of the same operations. */
async function tellApart(injected: string): Promise<number> {
  const list = FORMAT_SQL.map((sql, i) => `(${sql})::VARCHAR AS p${i}`).join(', ')
  const operations = `SELECT operation, count(*) AS n FROM (${injected}) GROUP BY 1`
  const twins = `SELECT * EXCLUDE n FROM (SELECT e.*, n FROM ${own()} e JOIN (${operations}) USING (operation))
    QUALIFY row_number() OVER (PARTITION BY operation ORDER BY md5(event_id)) <= n`
  const texts = async (sql: string) => {
    const { columns: read } = await engine.texts(`SELECT ${list} FROM (${sql}) ORDER BY md5(event_id)`)
    return (read[0] ?? []).map((_, r) => read.map(column => String(column[r])))
  }
  const rows = [
    ...(await texts(injected)).map(properties => ({ properties, label: 1 })),
    ...(await texts(twins)).map(properties => ({ properties, label: 0 })),
  ]
  createRandom(1).shuffle(rows)
  const FOLDS = 5
  const models = Array.from({ length: FOLDS }, (_, fold) => {
    const counts = FORMAT_SQL.map(() => new Map<string, [number, number]>())
    const sums: [number, number] = [0, 0]
    for (const [r, { properties, label }] of rows.entries()) {
      if (r % FOLDS === fold) continue
      sums[label as 0 | 1]++
      for (const [i, value] of properties.entries()) {
        const known = counts[i]!.get(value) ?? [0, 0]
        known[label as 0 | 1]++
        counts[i]!.set(value, known)
      }
    }
    return { counts, sums }
  })
  const odds = rows.map(({ properties }, r) => {
    const { counts, sums } = models[r % FOLDS]!
    return properties.reduce((sum, value, i) => {
      const [benign, malicious] = counts[i]!.get(value) ?? [0, 0]
      return sum + Math.log((malicious + 1) / (sums[1] + 2)) - Math.log((benign + 1) / (sums[0] + 2))
    }, 0)
  })
  return auroc(
    odds,
    rows.map(row => row.label),
  )
}

describe('format does not tell injected events', () => {
  const injected = (out: string) =>
    `SELECT ${EVENT_COLUMNS.map(({ name }) => `i.${name}`).join(', ')} FROM (
      SELECT * FROM ${own()} WHERE false UNION ALL BY NAME SELECT e.* FROM ${logOf(out)} e SEMI JOIN ${labelsOf(out)} USING (event_id)) i`

  test('a classifier over format alone is near chance', async () => {
    expect(await tellApart(injected('out'))).toBeLessThan(0.6)
  })

  test.each([
    ['ids of another shape', `'inj-' || event_id[5:] AS event_id`],
    ['whole seconds', `date_trunc('second', time)::TIMESTAMP_MS AS time`],
    ['a column left empty', 'NULL::VARCHAR AS role'],
    ['a path that does not go with its object', `path || '/x' AS path`],
  ])('and it does tell %s', async (_, change) => {
    expect(await tellApart(`SELECT * REPLACE (${change}) FROM (${injected('out')})`)).toBeGreaterThan(0.8)
  })

  test('rows of a file are in time order, ids breaking ties, injected ones among the others', async () => {
    for (const file of readdirSync(join(folder, 'out', 'events'))) {
      const rows = await engine.rows<{ bad: number }>(
        `SELECT count(*) FILTER (time < before) AS bad FROM (SELECT time, lag(time) OVER (ORDER BY file_row_number) AS before
         FROM read_parquet(${quoteText(join(folder, 'out', 'events', file))}, file_row_number = true))`,
      )
      expect(rows[0]!.bad, file).toBe(0)
    }
  })
})

describe('raw logs', () => {
  test('--into reads them under the key of the workspace, which gets no events', async () => {
    const keyed = openWorkspace(join(folder, 'keyed'))
    const made = await inject(context(keyed), {
      into: [join(folder, 'logs', 'events')],
      out: join(folder, 'raw'),
      scratch: join(folder, 'scratch'),
      attacks: ['replay', 'rotation_hijack'],
      intensities: ['quiet'],
      incidents: 3,
    })
    expect(made.incidents).toMatchObject([{ attack: 'replay', intensity: 'quiet', incidents: 3 }])
    expect(made.skipped).toMatchObject([{ attack: 'rotation_hijack', intensity: null }])
    expect(made.inventory).toBeNull()
    expect(existsSync(keyed.keyFile)).toBe(true)
    expect(existsSync(keyed.events)).toBe(false)
    // Tokens are hashed: 43 characters of base64url.
    expect(await one(`SELECT bool_and(length(token_id) = 43) FROM ${logOf('raw')}`)).toBe(true)
  })

  test('never among the logs themselves', async () => {
    await expect(
      inject(context(workspace), {
        into: [join(folder, 'logs')],
        out: join(folder, 'logs'),
        scratch: join(folder, 's'),
      }),
    ).rejects.toThrow(/never written among real events/)
  })

  test('an attack that does not exist, and a day outside the log', async () => {
    const out = join(folder, 'nothing')
    await expect(inject(context(workspace), { out, attacks: ['magic'] })).rejects.toThrow(
      /no attack is called "magic"/,
    )
    await expect(inject(context(workspace), { out, from: new Date('2027-01-01') })).rejects.toThrow(
      /the log runs from/,
    )
    await expect(inject(context(openWorkspace(join(folder, 'empty'))), { out })).rejects.toThrow(/no events/)
  })
})
