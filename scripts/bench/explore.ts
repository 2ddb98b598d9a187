/**
 * How soon `POST /v1/explore` answers a brush over a million made-up token-hours, over HTTP from `keyhound serve` in a process of its own,
 * and what memory that takes. Beside it, in the same run, the same questions as SQL: over a DuckDB table of the same rows in memory (enums,
 * lists), and over the Parquet files themselves. The answers must agree.
 *
 *     npm run bench:explore -- [--windows 1000000] [--days 30] [--tokens 3000] [--each 40] [--peer-each 5] [--out FILE]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRandom } from '../../src/lib/random.ts'
import { quantile } from '../../src/lib/stats.ts'
import type { components } from '../../src/server/api-types.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { askSql, loadTable } from './explore/peer.ts'
import { type Body, KINDS, makeQuestions, type Question } from './explore/questions.ts'
import { writeWindows } from './explore/synthetic.ts'
import { machine, markdownTable, progress, significant, writeJson } from './lib.ts'
import { residentMegabytes, startServer } from './server.ts'

type Answer = components['schemas']['ExploreAnswer']

const project = fileURLToPath(new URL('../..', import.meta.url))

const { values: flags } = parseArgs({
  options: {
    windows: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '30' },
    tokens: { type: 'string', default: '3000' },
    each: { type: 'string', default: '40' },
    'peer-each': { type: 'string', default: '5' },
    out: { type: 'string', default: join(project, 'reports', 'bench-explore.json') },
  },
})

const scratch = mkdtempSync(join(tmpdir(), 'keyhound-bench-'))
try {
  await bench()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  const root = join(scratch, 'W')
  const engine = await openEngine({ memoryLimit: '4GB' })
  const workspace = openWorkspace(root)
  const size = { windows: Number(flags.windows), days: Number(flags.days), tokens: Number(flags.tokens) }
  progress(`${size.windows} token-hours`)
  await writeWindows(engine, workspace, { ...size, tenants: 8, operations: 300, networks: 200 })

  const config = join(scratch, 'config.json')
  // The rate limit is not what is measured.
  writeFileSync(
    config,
    JSON.stringify({ server: { requestsPerSecond: 1_000_000, burst: 1_000_000, timeoutSeconds: 600 } }),
  )
  const server = await startServer(root, config)
  const times: { kind: string; way: string; ms: number }[] = []
  let all: Answer
  let questions: Question[]
  const memory = { beforeMegabytes: residentMegabytes(server.child), afterMegabytes: 0 }
  let readSeconds: number
  const answers = new Map<Question, Answer>()
  try {
    progress('the first answer, for which everything is read')
    const began = performance.now()
    all = await ask(server.url, {})
    readSeconds = (performance.now() - began) / 1000
    questions = makeQuestions(all, Number(flags.each), createRandom(7))
    progress(`${questions.length} brushes over HTTP`)
    for (const question of createRandom(8).shuffle([...questions])) {
      const start = performance.now()
      answers.set(question, await ask(server.url, question.body))
      times.push({ kind: question.kind, way: 'keyhound', ms: performance.now() - start })
    }
    memory.afterMegabytes = residentMegabytes(server.child)
  } finally {
    server.child.kill('SIGTERM')
    await server.ended
  }

  progress('DuckDB, its table')
  const loadBegan = performance.now()
  await loadTable(engine, workspace)
  const tableSeconds = (performance.now() - loadBegan) / 1000
  const few = KINDS.flatMap(kind =>
    questions.filter(one => one.kind === kind).slice(0, Number(flags['peer-each'])),
  )
  for (const way of ['table', 'parquet'] as const) {
    progress(`DuckDB over ${way}`)
    for (const question of few) {
      const start = performance.now()
      const { matching } = await askSql(engine, way, question.body, all)
      times.push({ kind: question.kind, way: `DuckDB ${way}`, ms: performance.now() - start })
      const told = answers.get(question)!.matching
      if (matching !== told)
        throw new Error(`${JSON.stringify(question.body)}: ${way} counts ${matching}, keyhound ${told}`)
    }
  }
  engine.close()
  report(times, { ...size, windows: all.windows }, { readSeconds, tableSeconds, memory })
}

function report(
  times: readonly { kind: string; way: string; ms: number }[],
  size: { windows: number; days: number; tokens: number },
  costs: {
    readSeconds: number
    tableSeconds: number
    memory: { beforeMegabytes: number; afterMegabytes: number }
  },
): void {
  const rows = [...new Set(times.map(one => one.way))].flatMap(way =>
    [...KINDS, 'every brush'].map(kind => {
      const ms = times
        .filter(one => one.way === way && (kind === 'every brush' || one.kind === kind))
        .map(one => one.ms)
      return {
        way,
        kind,
        requests: ms.length,
        p50: quantile(ms, 0.5),
        p95: quantile(ms, 0.95),
        max: Math.max(...ms),
      }
    }),
  )
  writeJson(flags.out, { machine: machine(), settings: { ...size, each: flags.each }, ...costs, rows })
  const table = rows.map(({ way, kind, requests, p50, p95, max }) => ({
    answered: way,
    brushes: kind,
    requests,
    'p50 ms': significant(p50),
    'p95 ms': significant(p95),
    'max ms': significant(max),
  }))
  const { readSeconds, tableSeconds, memory } = costs
  process.stdout.write(
    `${markdownTable(table)}\n\n${size.windows} token-hours; read once in ${significant(readSeconds)} s (DuckDB's table: ${significant(tableSeconds)} s). ` +
      `Resident memory of the server: ${significant(memory.beforeMegabytes)} MB before, ${significant(memory.afterMegabytes)} MB after.\n`,
  )
}

async function ask(url: string, body: Body): Promise<Answer> {
  const answer = await fetch(`${url}/v1/explore`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Answer
}
