/**
 * Real logs of others through the product (ingest, train, score, evaluate), beside what their authors or a plain
 * isolation forest reached on them. The data sets are no part of the project: what is not there is left out, and said.
 *
 *     [KEYHOUND_DATASETS=DIR] npm run bench:real -- [--only cloudtrail,takeover,webbot,quiet] [--out FILE]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine, markdownTable, progress, significant, writeJson } from './lib.ts'
import { runCloudtrail } from './real/cloudtrail.ts'
import { runQuiet } from './real/github-humans.ts'
import { runTakeover, TAKEOVER_REFERENCE } from './real/github-takeover.ts'
import { DATASETS, hasDataset } from './real/harness.ts'
import { runWebbot, WEBBOT_REFERENCE } from './real/webbot.ts'

/** One data set: how to run it, and what of it to print. */
interface Bench<Figures = unknown> {
  dataset: string
  run(scratch: string): Promise<Figures>
  tables(figures: Figures): Record<string, string | number>[][]
}

const bench = <Figures>(of: Bench<Figures>): Bench => of as Bench

const BENCHES: Record<string, Bench> = {
  cloudtrail: bench({
    dataset: 'cloudtrail_raw',
    run: runCloudtrail,
    tables: ({ topAlerts, ...counts }) => [[counts], topAlerts.map(rounded)],
  }),
  takeover: bench({
    dataset: 'github_takeover_spliced',
    run: runTakeover,
    tables: ({ rankings, budgets, attackTypes, detectors, tokenDays, baseRate, incidents }) => [
      [
        ...rankings.map(rounded),
        {
          title: 'isolation forest, 8 plain features (README of the set)',
          averagePrecision: TAKEOVER_REFERENCE.averagePrecision,
          auroc: TAKEOVER_REFERENCE.auroc,
        },
        { title: `chance, ${tokenDays} token-days`, averagePrecision: significant(baseRate), auroc: 0.5 },
      ],
      budgets.map(budget => ({ ...budget, incidents })),
      attackTypes.map(({ attackType, incidents: n, found }) => ({
        attackType,
        incidents: n,
        found: found.join(', '),
      })),
      detectors.slice(0, 10).map(({ name, averagePrecision }) => ({
        detector: name,
        averagePrecision: significant(averagePrecision ?? undefined),
      })),
    ],
  }),
  webbot: bench({
    dataset: 'webbot_sessions',
    run: runWebbot,
    tables: ({ attackTypes }) => [
      attackTypes.map(({ aurocRange, ...quality }) => ({
        ...rounded(quality),
        folds: `${significant(aurocRange.low)}–${significant(aurocRange.high)}`,
        'random forest, supervised': WEBBOT_REFERENCE[quality.attackType]!,
      })),
    ],
  }),
  quiet: bench({
    dataset: 'github_human_activity',
    run: runQuiet,
    tables: ({ titles, ...counts }) => [[rounded({ ...counts })], titles.map(title => ({ ...title }))],
  }),
}

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(BENCHES).join(',') },
    out: {
      type: 'string',
      default: fileURLToPath(new URL('../../reports/bench-real.json', import.meta.url)),
    },
  },
})

const scratch = mkdtempSync(join(tmpdir(), 'keyhound-real-'))
const results: Record<string, unknown> = {}
try {
  for (const name of flags.only.split(',')) {
    const found = BENCHES[name]
    if (found === undefined)
      throw new Error(`there is no bench "${name}"; there are ${Object.keys(BENCHES).join(', ')}`)
    await runOne(name, found)
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
writeJson(flags.out, { bench: 'real', machine: machine(), results })
console.log(`JSON: ${flags.out}`)

async function runOne(name: string, { dataset, run, tables }: Bench): Promise<void> {
  if (!hasDataset(dataset)) {
    console.log(`${dataset}: not in ${DATASETS}, left out. Name the folder with KEYHOUND_DATASETS.\n`)
    return
  }
  const began = performance.now()
  const figures = await run(join(scratch, name))
  const seconds = (performance.now() - began) / 1000
  progress(`${dataset}: ${seconds.toFixed(0)} s`)
  results[dataset] = { seconds, ...(figures as object) }
  console.log(`### ${dataset}\n`)
  for (const rows of tables(figures)) if (rows.length > 0) console.log(`${markdownTable(rows)}\n`)
}

/** Numbers to three significant digits. */
function rounded(row: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isInteger(value) ? significant(value) : value,
    ]),
  )
}
