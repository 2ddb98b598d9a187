import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Notebook, readNotebook } from './notebooks/nbformat.ts'

/**
 * Executes the notebooks from start to end, each in a process of its own, and writes what their cells put out back into them; with
 * --check writes nothing and fails where an output differs. They share one scratch folder, made anew, for their simulated logs.
 *
 *     npm ci --prefix notebooks --ignore-scripts && npm run notebooks [-- --check] [NAME...]
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'notebooks')
const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true })

const names = readdirSync(folder)
  .filter(
    name =>
      name.endsWith('.ipynb') && (positionals.length === 0 || positionals.some(one => name.includes(one))),
  )
  .sort()
const scratch = mkdtempSync(join(tmpdir(), 'keyhound-notebooks-'))
const differing: string[] = []
try {
  for (const name of names) {
    const file = join(folder, name)
    const out = join(scratch, name)
    const started = performance.now()
    const run = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(root, 'scripts/notebooks/execute.ts'), file, out],
      {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, KEYHOUND_NOTEBOOKS: scratch },
      },
    )
    if (run.status !== 0) process.exit(1)
    const differences = compare(readNotebook(file), readNotebook(out))
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    const outcome = differences.length === 0 ? 'as checked in' : `differs in ${differences.join(', ')}`
    process.stdout.write(`${name}: executed in ${seconds} s, ${outcome}\n`)
    if (differences.length > 0) differing.push(name)
    if (!values.check) writeFileSync(file, readFileSync(out))
  }
} finally {
  if (process.env.KEYHOUND_KEEP === undefined) rmSync(scratch, { recursive: true, force: true })
}
if (values.check && differing.length > 0) {
  process.stderr.write(`${differing.join(', ')}: outputs differ; look at them and run npm run notebooks\n`)
  process.exit(1)
}

/** Code cells whose outputs are not the same, by number. */
function compare(before: Notebook, after: Notebook): string[] {
  const outputsOf = ({ cells }: Notebook) =>
    cells.flatMap(cell =>
      cell.cell_type === 'code' ? [JSON.stringify([cell.execution_count, cell.outputs])] : [],
    )
  const [a, b] = [outputsOf(before), outputsOf(after)]
  return b.flatMap((outputs, i) => (outputs === a[i] ? [] : [`cell ${i + 1}`]))
}
