/**
 * What detection is worth, on simulated worlds of unseen seeds and on real data of others, beside what others reach: one JSON
 * and one HTML page with a verdict on every goal. Real data sets are no part of the project: what is not there is left out, and
 * said; asked for by name, it fails.
 *
 *     [KEYHOUND_DATASETS=DIR] npm run bench:quality -- [--only simulated,takeover,...] [--seeds 9001,9002] [--out DIR]
 *
 * Parts are written as they are done. With --only, parts measured before stay in the JSON of the same folder as they are.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine, progress, writeJson } from './lib.ts'
import { renderQuality } from './quality/html.ts'
import { PARTS } from './quality/parts.ts'
import { printPart } from './quality/print.ts'
import { type QualityPart, verdictOf } from './quality/row.ts'
import { DATASETS, hasDataset } from './real/harness.ts'

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '9001,9002' },
    out: { type: 'string', default: fileURLToPath(new URL('../../reports', import.meta.url)) },
  },
})

const wanted = flags.only?.split(',') ?? Object.keys(PARTS)
const unknown = wanted.filter(name => !(name in PARTS))
if (unknown.length > 0)
  fail(`there is no part "${unknown.join('", "')}"; there are ${Object.keys(PARTS).join(', ')}`)
const seeds = flags.seeds.split(',').map(Number)
if (!seeds.every(seed => Number.isInteger(seed) && seed >= 9000))
  fail(`--seeds takes whole numbers from 9000 on, not "${flags.seeds}": lower ones were fitted on`)
const absent = wanted.filter(name => isAbsent(name))
for (const name of absent)
  progress(`${name}: ${PARTS[name]!.dataset} is not in ${DATASETS}; name its folder with KEYHOUND_DATASETS`)
if (flags.only !== undefined && absent.length > 0)
  fail(`nothing was measured: the data of ${absent.join(', ')} is not there`)

const jsonFile = join(flags.out, 'bench-quality.json')
const htmlFile = join(flags.out, 'bench-quality.html')
const measured = new Map(readBefore().map(part => [part.name, part]))
const present = wanted.filter(name => !absent.includes(name))
const scratch = mkdtempSync(join(tmpdir(), 'keyhound-quality-'))
try {
  for (const [done, name] of present.entries()) {
    progress(`[${done + 1}/${present.length}] ${PARTS[name]!.title}`)
    await measurePart(name)
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
publish()
console.log(`JSON: ${jsonFile}\nHTML: ${htmlFile}`)

function fail(problem: string): never {
  console.error(problem)
  process.exit(2)
}

function isAbsent(name: string): boolean {
  const { dataset } = PARTS[name]!
  return dataset !== null && !hasDataset(dataset)
}

/** Parts of earlier runs into the same folder. */
function readBefore(): QualityPart[] {
  if (!existsSync(jsonFile)) return []
  const { parts } = JSON.parse(readFileSync(jsonFile, 'utf8')) as { parts: QualityPart[] }
  return parts.filter(part => part.name in PARTS)
}

async function measurePart(name: string): Promise<void> {
  const { title, about, measure } = PARTS[name]!
  const began = performance.now()
  const found = await measure({ scratch, seeds })
  const seconds = Math.round((performance.now() - began) / 1000)
  const part = {
    name,
    title,
    about,
    seconds,
    measuredOn: today(),
    tables: [],
    curves: [],
    effects: [],
    ...found,
  }
  measured.set(name, part)
  publish()
  printPart(part)
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

/** After every part: a bench that is stopped has shown what it knows. */
function publish(): void {
  const names = Object.keys(PARTS)
  const parts = names.flatMap(name => measured.get(name) ?? [])
  writeJson(jsonFile, {
    bench: 'quality',
    machine: machine(),
    parts: parts.map(part => ({
      ...part,
      rows: part.rows.map(row => ({ ...row, verdict: verdictOf(row) })),
    })),
  })
  const missing = names
    .filter(name => !measured.has(name))
    .map(name => ({ title: PARTS[name]!.title, dataset: isAbsent(name) ? PARTS[name]!.dataset : null }))
  writeFileSync(htmlFile, renderQuality(parts, missing, today()))
}
