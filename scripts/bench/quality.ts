/**
 * What detection is worth, on data that nobody tuned to, beside what others reach: one JSON and one HTML page with a verdict on
 * every goal. Real data sets are no part of the project: what is not there is left out, and said.
 *
 *     [KEYHOUND_DATASETS=DIR] npm run bench:quality -- [--only simulated,takeover,...] [--seeds 9001,9002] [--out DIR]
 *
 * With --only, parts measured before stay in the JSON of the same folder as they are.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine, markdownTable, progress, significant, writeJson } from './lib.ts'
import { renderQuality } from './quality/html.ts'
import { PARTS } from './quality/parts.ts'
import { type QualityPart, verdictOf } from './quality/row.ts'
import { DATASETS, hasDataset } from './real/harness.ts'

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join(',') },
    seeds: { type: 'string', default: '9001' },
    out: { type: 'string', default: fileURLToPath(new URL('../../reports', import.meta.url)) },
  },
})

const wanted = flags.only.split(',')
const unknown = wanted.filter(name => !(name in PARTS))
if (unknown.length > 0)
  throw new Error(`there is no part "${unknown.join('", "')}"; there are ${Object.keys(PARTS).join(', ')}`)
const seeds = flags.seeds.split(',').map(Number)
if (!seeds.every(seed => Number.isInteger(seed) && seed >= 9000))
  throw new Error(`--seeds takes whole numbers from 9000 on, not "${flags.seeds}": lower ones were fitted on`)

const jsonFile = join(flags.out, 'bench-quality.json')
const htmlFile = join(flags.out, 'bench-quality.html')
const measured = new Map(readBefore().map(part => [part.name, part]))
const scratch = mkdtempSync(join(tmpdir(), 'keyhound-quality-'))
try {
  for (const name of wanted) await measurePart(name)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
console.log(`JSON: ${jsonFile}\nHTML: ${htmlFile}`)

/** Parts of an earlier run into the same folder, as far as this one does not measure them. */
function readBefore(): QualityPart[] {
  if (!existsSync(jsonFile)) return []
  const { parts } = JSON.parse(readFileSync(jsonFile, 'utf8')) as { parts: QualityPart[] }
  return parts.filter(part => part.name in PARTS && !wanted.includes(part.name))
}

async function measurePart(name: string): Promise<void> {
  const { title, about, dataset, measure } = PARTS[name]!
  if (dataset !== null && !hasDataset(dataset)) {
    console.log(`${dataset}: not in ${DATASETS}, left out. Name the folder with KEYHOUND_DATASETS.\n`)
    return
  }
  progress(title)
  const began = performance.now()
  const found = await measure({ scratch, seeds })
  const seconds = Math.round((performance.now() - began) / 1000)
  measured.set(name, { name, title, about, seconds, tables: [], curves: [], ...found })
  publish()
  print(measured.get(name)!)
}

/** After every part: a bench that is stopped has shown what it knows. */
function publish(): void {
  const parts = Object.keys(PARTS).flatMap(name => measured.get(name) ?? [])
  writeJson(jsonFile, {
    bench: 'quality',
    machine: machine(),
    parts: parts.map(part => ({
      ...part,
      rows: part.rows.map(row => ({ ...row, verdict: verdictOf(row) })),
    })),
  })
  writeFileSync(htmlFile, renderQuality(parts, new Date().toISOString().slice(0, 10)))
}

function print({ title, seconds, rows, tables }: QualityPart): void {
  const or = (value: number | undefined) => significant(value)
  console.log(`### ${title} (${seconds} s)\n`)
  console.log(
    markdownTable(
      rows.map(row => ({
        on: row.subject,
        measure: row.measure,
        measured: or(row.value),
        range: row.range ? `${or(row.range.low)}–${or(row.range.high)} (${row.range.of})` : '–',
        reference: row.reference ? `${or(row.reference.value)} (${row.reference.of})` : '–',
        chance: or(row.chance),
        goal: row.goal ? `${row.goal.is === 'at most' ? '≤' : '≥'} ${or(row.goal.value)}` : '–',
        verdict: verdictOf(row),
      })),
    ),
  )
  for (const table of tables)
    if (table.rows.length > 0) console.log(`\n${table.title}\n\n${markdownTable(table.rows)}`)
  console.log()
}
