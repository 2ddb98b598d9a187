import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CodeCell, readNotebook, textOf } from '../scripts/notebooks/nbformat.ts'
import { fromRoot } from './docs/fences.ts'

// What can be told without running them: that the outputs are what the cells give, `npm run notebooks -- --check` says.
const folder = fromRoot('notebooks')
const names = readdirSync(folder)
  .filter(name => name.endsWith('.ipynb'))
  .sort()
const codeOf = (name: string) =>
  readNotebook(join(folder, name)).cells.filter((cell): cell is CodeCell => cell.cell_type === 'code')

/** Modules that a notebook may import: the public API, its helper, what notebooks/package.json pins, Node's own. */
const { dependencies, overrides } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
  'dependencies' | 'overrides',
  Record<string, string>
>
const importsOf = (text: string) =>
  [...text.matchAll(/\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'|\brequire\(\s*'([^']+)'/g)].map(
    ([, a, b, c]) => (a ?? b ?? c)!,
  )

test('there are the six of the issue', () => {
  expect(names).toEqual([
    '1-first-look.ipynb',
    '2-features.ipynb',
    '3-detectors.ipynb',
    '4-clusters.ipynb',
    '5-filter.ipynb',
    '6-budget.ipynb',
  ])
})

describe.each(names)('%s', name => {
  const notebook = readNotebook(join(folder, name))
  const code = codeOf(name)

  test('is nbformat 4.5 for the tslab kernel, every cell with an id of its own', () => {
    expect([notebook.nbformat, notebook.nbformat_minor]).toEqual([4, 5])
    expect(notebook.metadata.kernelspec).toEqual({
      display_name: 'TypeScript',
      language: 'typescript',
      name: 'tslab',
    })
    const ids = notebook.cells.map(cell => cell.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    for (const cell of notebook.cells)
      expect(Object.keys(cell).sort()).toEqual(
        cell.cell_type === 'code'
          ? ['cell_type', 'execution_count', 'id', 'metadata', 'outputs', 'source']
          : ['cell_type', 'id', 'metadata', 'source'],
      )
  })

  test('begins with a title, and was executed from start to end without a fault', () => {
    expect(textOf(notebook.cells[0]!.source)).toMatch(/^# \d\. /)
    expect(code.map(cell => cell.execution_count)).toEqual(code.map((_, i) => i + 1))
    for (const { outputs } of code) {
      for (const output of outputs) {
        expect(['stream', 'display_data']).toContain(output.output_type)
        expect(output).not.toMatchObject({ name: 'stderr' })
      }
    }
    // The first cell opens the world; every other shows something.
    const silent = code.slice(1).filter(({ outputs }) => outputs.length === 0)
    expect(silent.map(cell => cell.id)).toEqual([])
    const types = code.flatMap(({ outputs }) =>
      outputs.flatMap(output => (output.output_type === 'display_data' ? Object.keys(output.data) : [])),
    )
    expect(types).toContain('image/svg+xml')
  })

  test('holds no path, host or time of the machine that ran it', () => {
    const text = readFileSync(join(folder, name), 'utf8')
    expect(text).not.toMatch(/\/(home|root|tmp|work|Users|var)\/|file:\/\/|localhost|127\.0\.0\.1/)
  })

  test('imports the public API and pinned packages only', () => {
    for (const module of code.flatMap(cell => importsOf(textOf(cell.source))))
      expect(module === './world' || module.startsWith('node:') || module in dependencies, module).toBe(true)
  })
})

test('the helper imports nothing by path, and nobody src or dist', () => {
  const text = readFileSync(join(folder, 'world.ts'), 'utf8')
  for (const module of importsOf(text))
    expect(module.startsWith('node:') || module in dependencies).toBe(true)
  for (const one of [text, ...names.flatMap(name => codeOf(name).map(cell => textOf(cell.source)))])
    expect(one).not.toMatch(/['"`/](src|dist)\/[\w/.-]*\.(ts|js)/)
})

test('the package is pinned exactly, its lock names neither hosts nor paths of a machine', () => {
  for (const [name, version] of Object.entries(dependencies))
    expect(version, name).toMatch(/^(\d+\.\d+\.\d+|file:\.\.|file:stubs\/[\w-]+)$/)
  expect(overrides['@uwdata/flechette']).toBe('2.6.0')
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8')
  const { packages } = JSON.parse(lock) as { packages: Record<string, { resolved?: string }> }
  for (const { resolved = '..' } of Object.values(packages))
    expect(resolved).toMatch(/^(\.\.|stubs\/[\w-]+)$/)
  expect(lock).not.toMatch(/\/(home|root|tmp|work)\//)
})

test('the code cells fit the types of the public API', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'keyhound-notebooks-types-'))
  try {
    symlinkSync(fromRoot('node_modules'), join(scratch, 'node_modules'))
    for (const name of names) {
      const text = codeOf(name).map(cell => textOf(cell.source))
      writeFileSync(join(scratch, name.replace('.ipynb', '.ts')), `${text.join('\n')}\nexport {}\n`)
    }
    writeFileSync(join(scratch, 'world.ts'), readFileSync(join(folder, 'world.ts')))
    // Installed with the notebooks only; tslab checks against their own types when it executes.
    writeFileSync(
      join(scratch, 'elsewhere.d.ts'),
      ['arquero', 'danfojs-node', 'tslab'].map(one => `declare module '${one}'\n`).join(''),
    )
    const compilerOptions = {
      noEmit: true,
      module: 'esnext',
      moduleResolution: 'bundler',
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: false,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      strict: true,
      skipLibCheck: true,
      resolveJsonModule: true,
      target: 'es2023',
      lib: ['es2023', 'dom'],
      types: ['node'],
      typeRoots: [fromRoot('node_modules/@types')],
      paths: { keyhound: [fromRoot('src/index.ts')] },
    }
    writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    const { status, stdout } = spawnSync(fromRoot('node_modules/.bin/tsc'), ['-p', scratch], {
      encoding: 'utf8',
    })
    expect([status, stdout]).toEqual([0, ''])
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})
