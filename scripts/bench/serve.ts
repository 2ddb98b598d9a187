/**
 * What `keyhound serve` answers in a second, and how soon: one vector and a hundred (JSON, Arrow), one event and a hundred, with 1, 16
 * and 64 requests in flight. Server and load are processes of their own on one machine, and share its processors. Events are
 * scored against a simulated workspace; nothing is kept of them.
 *
 *     npm run bench:serve -- [--seconds 5] [--tokens 60] [--events 30000] [--days 20] [--out FILE]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { FEATURES } from '../../src/features/catalogue.ts'
import { selectRows } from '../../src/lib/matrix.ts'
import { readBatch } from '../../src/pipeline/batch.ts'
import { openViews } from '../../src/pipeline/views.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { machine, markdownTable, progress, runChild, significant, writeJson } from './lib.ts'
import type { Load } from './serve/load.ts'
import { residentMegabytes, startServer } from './server.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
const main = join(project, 'dist', 'cli', 'main.js')
const loader = join(project, 'scripts', 'bench', 'serve', 'load.ts')

const CONCURRENCIES = [1, 16, 64]
const BATCH = 100
const START = '2026-09-01'

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '60' },
    events: { type: 'string', default: '30000' },
    days: { type: 'string', default: '20' },
    out: { type: 'string', default: join(project, 'reports', 'bench-serve.json') },
  },
})

/** A body to send again and again. */
interface Body {
  readonly what: string
  readonly path: string
  readonly type: string
  readonly file: string
}

const scratch = mkdtempSync(join(tmpdir(), 'keyhound-bench-'))
try {
  await bench()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  const workspace = await makeWorkspace()
  const bodies = await makeBodies(workspace)
  const config = join(scratch, 'config.json')
  // The rate limit is not what is measured.
  writeFileSync(config, JSON.stringify({ server: { requestsPerSecond: 1_000_000, burst: 1_000_000 } }))
  const server = await startServer(workspace, config)
  try {
    // Loads the model.
    await fetch(`${server.url}/v1/ready`)
    const before = residentMegabytes(server.child)
    const rows = []
    for (const body of bodies) {
      for (const concurrency of CONCURRENCIES) {
        progress(`${body.what}, ${concurrency} in flight`)
        const args = [`${server.url}${body.path}`, body.file, body.type, String(concurrency), flags.seconds]
        const { stdout } = await runChild(process.execPath, ['--import', 'tsx', loader, ...args])
        rows.push({ what: body.what, concurrency, ...(JSON.parse(stdout) as Load) })
      }
    }
    const memory = { beforeMegabytes: before, afterMegabytes: residentMegabytes(server.child) }
    report(rows, memory)
  } finally {
    server.child.kill('SIGTERM')
    await server.ended
  }
}

function report(
  rows: readonly ({ what: string; concurrency: number } & Load)[],
  memory: { beforeMegabytes: number; afterMegabytes: number },
): void {
  const { seconds, tokens, events, days } = flags
  writeJson(flags.out, { machine: machine(), settings: { seconds, tokens, events, days }, rows, memory })
  const table = rows.map(row => ({
    request: row.what,
    'in flight': row.concurrency,
    'requests/s': significant(row.perSecond),
    'p50 ms': significant(row.p50),
    'p99 ms': significant(row.p99),
    requests: row.requests,
    failed: row.failed,
  }))
  process.stdout.write(
    `${markdownTable(table)}\n\nResident memory of the server: ${significant(memory.beforeMegabytes)} MB before, ${significant(memory.afterMegabytes)} MB after.\n`,
  )
}

/** A trained and scored workspace; the last day is left to be asked about. */
async function makeWorkspace(): Promise<string> {
  const workspace = join(scratch, 'W')
  const logs = join(scratch, 'logs')
  const keyhound = (...args: string[]) =>
    runChild(process.execPath, [main, ...args, '--workspace', workspace])
  const { tokens, days, events } = flags
  progress('simulate, ingest, train, score')
  await keyhound(
    'simulate',
    '--out',
    logs,
    '--tokens',
    tokens,
    '--days',
    days,
    '--events',
    events,
    '--seed',
    '7',
    '--start',
    START,
  )
  await keyhound('ingest', join(logs, 'events'), '--tokens', 'identifier')
  const until = new Date(Date.parse(START) + (Number(days) - 6) * 86_400_000).toISOString().slice(0, 10)
  await keyhound('train', '--until', until)
  await keyhound('score', '--from', until)
  return workspace
}

/** Vectors and events as the workspace has them. */
async function makeBodies(root: string): Promise<Body[]> {
  const engine = await openEngine()
  try {
    const workspace = openWorkspace(root)
    await openViews(engine, workspace)
    const [newest] = await engine.rows<{ day: string }>(
      "SELECT strftime(max(window_start), '%Y-%m-%d') AS day FROM scores",
    )
    const batch = await readBatch(engine, workspace, [newest!.day])
    const rows = Uint32Array.from({ length: BATCH }, (_, i) => i % batch.features.rows)
    const features = selectRows(batch.features, rows)
    const names = FEATURES.map(feature => feature.name)
    const vectors = Array.from(rows, (_, r) => ({
      features: Object.fromEntries(
        names.map((name, c) => {
          const value = features.data[r * features.cols + c]!
          return [name, Number.isNaN(value) ? null : value]
        }),
      ),
    }))
    const columns = names.map((name, c) => [
      name,
      Float32Array.from(rows, (_, r) => features.data[r * features.cols + c]!),
    ])
    const events = await engine.rows<Record<string, unknown>>(
      `SELECT * REPLACE (strftime(time, '%Y-%m-%dT%H:%M:%S.%gZ') AS time, 'bench-' || event_id AS event_id) FROM events ORDER BY time DESC LIMIT ${BATCH}`,
    )
    const save = (name: string, data: string | Uint8Array) => {
      const file = join(scratch, name)
      writeFileSync(file, data)
      return file
    }
    const lines = (list: readonly unknown[]) => list.map(row => JSON.stringify(row)).join('\n')
    const json = { path: '/v1/score/vectors', type: 'application/json' }
    const ndjson = { path: '/v1/score/events?tokens=identifier', type: 'application/x-ndjson' }
    return [
      {
        what: '1 vector, JSON',
        ...json,
        file: save('one.json', JSON.stringify({ vectors: vectors.slice(0, 1) })),
      },
      { what: `${BATCH} vectors, JSON`, ...json, file: save('batch.json', JSON.stringify({ vectors })) },
      {
        what: `${BATCH} vectors, Arrow`,
        path: '/v1/score/vectors',
        type: 'application/vnd.apache.arrow.stream',
        file: save('batch.arrow', tableToIPC(tableFromArrays(Object.fromEntries(columns)), 'stream')),
      },
      { what: '1 event', ...ndjson, file: save('one.jsonl', lines(events.slice(0, 1))) },
      { what: `${BATCH} events`, ...ndjson, file: save('batch.jsonl', lines(events)) },
    ]
  } finally {
    engine.close()
  }
}
