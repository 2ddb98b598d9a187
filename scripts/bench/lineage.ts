/**
 * How well token rotation is followed: links against the simulator's lineage.csv, over several seeds. Positives are rotations whose
 * two tokens were both used; negatives are parallel tokens of one principal and tokens that a thief had made out.
 *
 *     npm run bench:lineage -- [--seeds 501,502,503] [--tokens 200] [--out FILE]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ingest } from '../../src/pipeline/ingest.ts'
import { listLineage } from '../../src/pipeline/lineage.ts'
import { prepare } from '../../src/pipeline/prepare.ts'
import { silentProgress } from '../../src/schema/run.ts'
import { DEFAULTS, simulate } from '../../src/simulate/simulate.ts'
import { openEngine, quoteText } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { machine, markdownTable, writeJson } from './lib.ts'

const START = new Date('2026-08-31T00:00:00Z')

interface Pair {
  readonly token_id: string
  readonly predecessor_id: string | null
  readonly kind: 'rotation' | 'parallel' | 'hijack'
}

interface Tally {
  readonly seed: number
  readonly rotations: number
  readonly found: number
  readonly wrong: number
  readonly parallels: number
  readonly parallelsLinked: number
  readonly hijacks: number
  /** Linked on their first day, and those of them still linked at the end. */
  readonly hijacksLinked: number
  readonly hijacksStillLinked: number
  /** Right links that were taken back, since the simulated predecessor seemed to go on. */
  readonly rotationsWithdrawn: number
}

async function measure(seed: number, tokens: number): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-lineage-'))
  const engine = await openEngine()
  try {
    const logs = join(folder, 'logs')
    const world = {
      tokens,
      events: tokens * 350,
      days: 28,
      start: START,
      incidents: 12,
      difficulty: 'mixed' as const,
    }
    const options = { ...DEFAULTS, ...world, families: ['rotation_hijack'], attackFromDay: 7, seed }
    await simulate(engine, logs, { ...options, format: 'parquet' }, silentProgress)
    const workspace = openWorkspace(join(folder, 'workspace'))
    const now = new Date(START.getTime() + 28 * 86_400_000)
    const context = { engine, workspace, progress: silentProgress, now }
    await ingest(context, {
      paths: [join(logs, 'events')],
      inventory: join(logs, 'tokens.csv'),
      tokens: 'identifier',
    })
    await prepare(context)
    const used = await engine.rows<{ token_id: string }>(
      `SELECT DISTINCT token_id FROM read_parquet(${quoteText(join(workspace.activity, '**/*.parquet'))})`,
    )
    const truth = await engine.rows<Pair>(
      `FROM read_csv(${quoteText(join(logs, 'lineage.csv'))}, all_varchar = true)`,
    )
    return tally(seed, new Set(used.map(row => row.token_id)), truth, await listLineage(context))
  } finally {
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function tally(
  seed: number,
  used: ReadonlySet<string>,
  truth: readonly Pair[],
  links: Awaited<ReturnType<typeof listLineage>>,
): Tally {
  const of = (kind: Pair['kind']) => truth.filter(row => row.kind === kind && used.has(row.token_id))
  const rotations = of('rotation').filter(row => used.has(row.predecessor_id!))
  const pairs = new Set(rotations.map(row => `${row.token_id} ${row.predecessor_id}`))
  const inForce = links.filter(link => link.status === 'linked')
  const isRight = (link: (typeof links)[number]) => pairs.has(`${link.tokenId} ${link.predecessorId}`)
  const hasLink = (row: Pair, some: typeof links) => some.some(link => link.tokenId === row.token_id)
  return {
    seed,
    rotations: rotations.length,
    found: inForce.filter(isRight).length,
    wrong: inForce.filter(link => !isRight(link)).length,
    parallels: of('parallel').length,
    parallelsLinked: of('parallel').filter(row => hasLink(row, inForce)).length,
    hijacks: of('hijack').length,
    hijacksLinked: of('hijack').filter(row => hasLink(row, links)).length,
    hijacksStillLinked: of('hijack').filter(row => hasLink(row, inForce)).length,
    rotationsWithdrawn: links.filter(link => link.status === 'withdrawn' && isRight(link)).length,
  }
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '501,502,503' },
    tokens: { type: 'string', default: '200' },
    out: { type: 'string', default: 'lineage.json' },
  },
})
const tallies: Tally[] = []
for (const seed of values.seeds.split(',')) tallies.push(await measure(Number(seed), Number(values.tokens)))
const sum = (name: Exclude<keyof Tally, 'seed'>) => tallies.reduce((total, one) => total + one[name], 0)
const precision = sum('found') / (sum('found') + sum('wrong'))
const recall = sum('found') / sum('rotations')
writeJson(values.out, {
  machine: machine(),
  tokens: Number(values.tokens),
  precision,
  recall,
  seeds: tallies,
})
process.stdout.write(
  `${markdownTable(tallies.map(one => ({ ...one })))}\n\n` +
    `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}\n`,
)
