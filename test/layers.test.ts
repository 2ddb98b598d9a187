import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Layers from the bottom up; a file may import its own folder and what lies on lower layers. */
const LAYERS: readonly (readonly string[])[] = [
  ['lib'],
  ['schema'],
  // Statistics, definitions of features and Parquet files know no SQL.
  ['stats', 'features'],
  ['sql', 'state'],
  ['kernel'],
  ['engine', 'ingest', 'detectors', 'filter', 'risk', 'simulate', 'streams'],
  ['pipeline', 'scoring', 'scoring.ts'],
  ['respond', 'report', 'server', 'dashboard'],
  // The command line drives the others of its layer, never the other way round.
  ['cli'],
  ['index.ts'],
]
/** Folders of one layer that may not import each other: they exchange the records of `schema/`. */
const SEPARATE_LAYERS = new Set([2, 5, 7])
/** The page knows the API by the types of its answers, and nothing else of the server. */
const SHARED = 'server/api-types.ts'
/** Packages that only one folder may know. */
const PACKAGE_HOMES: Readonly<Record<string, string>> = {
  '@duckdb/node-api': 'sql',
  '@libsql/client': 'state',
  '@aws-sdk/client-iam': 'respond',
  nodemailer: 'respond',
  standardwebhooks: 'respond',
  '@nats-io/jetstream': 'streams',
  '@nats-io/transport-node': 'streams',
  kafkajs: 'streams',
  kysely: 'state',
  pg: 'state',
}
/** Below these, chance and the clock are parameters, and nobody prints. */
const EDGES = new Set(['cli', 'server', 'dashboard'])
const FORBIDDEN_BELOW_THE_EDGES: readonly (readonly [string, RegExp])[] = [
  ['Math.random', /\bMath\.random\b/],
  ['Date.now', /\bDate\.now\b/],
  ['new Date() without an argument', /\bnew Date\(\s*\)/],
  ['console', /\bconsole\s*\./],
  ['process.exit', /\bprocess\.exit\b/],
]

interface Source {
  /** Path below src, with slashes. */
  readonly path: string
  readonly text: string
}

function room(path: string): string {
  return path.split('/')[0]!
}

function layerOf(path: string): number {
  return LAYERS.findIndex(rooms => rooms.includes(room(path)))
}

/** Without comments: prose may name what code may not. Strings stay, since imports are among them. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1')
}

/** Everything imported or re-exported, statically or not, types included. */
function importsOf(text: string): string[] {
  const found = withoutComments(text).matchAll(/\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g)
  return [...found].map(match => (match[1] ?? match[2])!)
}

function resolve(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier))
}

/** Every breach of the rules of DESIGN.md, as sentences. */
function breaches(sources: readonly Source[]): string[] {
  const found: string[] = []
  for (const { path, text } of sources) {
    const layer = layerOf(path)
    if (layer < 0) found.push(`${path}: its folder is on no layer`)
    for (const specifier of importsOf(text)) {
      if (!specifier.startsWith('.')) {
        const home = Object.entries(PACKAGE_HOMES).find(
          ([name]) => specifier === name || specifier.startsWith(`${name}/`),
        )
        if (home && home[1] !== room(path)) found.push(`${path}: ${home[0]} is known to ${home[1]}/ only`)
        continue
      }
      const target = resolve(path, specifier)
      if (target.startsWith('..')) {
        found.push(`${path}: leaves src with ${specifier}`)
        continue
      }
      if (!/\.(tsx?|json|css|svg\?url)$/.test(target)) found.push(`${path}: ${specifier} does not end in .ts`)
      const below = layerOf(target)
      if (below > layer) found.push(`${path}: imports upward, ${target}`)
      if (below === layer && SEPARATE_LAYERS.has(layer) && room(target) !== room(path) && target !== SHARED) {
        found.push(`${path}: imports its sibling ${target}`)
      }
    }
    if (!EDGES.has(room(path))) {
      const code = withoutComments(text)
      for (const [name, pattern] of FORBIDDEN_BELOW_THE_EDGES) {
        if (pattern.test(code)) found.push(`${path}: ${name} below the edges`)
      }
    }
  }
  return [...found, ...cycles(sources)]
}

/** Import cycles, each once, by depth-first search; type imports count too, since they tie files just as well. */
function cycles(sources: readonly Source[]): string[] {
  const graph = new Map(
    sources.map(({ path, text }) => [
      path,
      importsOf(text)
        .filter(specifier => specifier.startsWith('.'))
        .map(specifier => resolve(path, specifier)),
    ]),
  )
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: string[]) => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      found.push(`cycle: ${[...trail.slice(at), path].join(' -> ')}`)
      return
    }
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

function readSources(): Source[] {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'src')
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => /\.tsx?$/.test(path))
    .sort()
    .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

test('the sources keep to the layers, without cycles, chance, clock or prints below the edges', () => {
  const sources = readSources()
  expect(sources.length).toBeGreaterThan(20)
  expect(breaches(sources)).toEqual([])
})

describe('the checker finds', () => {
  const planted = (path: string, text: string) => breaches([{ path, text }])

  test('an upward import', () => {
    expect(planted('lib/a.ts', "import { x } from '../schema/x.ts'")).toEqual([
      'lib/a.ts: imports upward, schema/x.ts',
    ])
    expect(planted('features/a.ts', "import { x } from '../sql/x.ts'")).toEqual([
      'features/a.ts: imports upward, sql/x.ts',
    ])
    expect(planted('kernel/a.ts', "import type { X } from '../engine/x.ts'")).toEqual([
      'kernel/a.ts: imports upward, engine/x.ts',
    ])
    expect(planted('pipeline/a.ts', "const { x } = await import('../report/x.ts')")).toEqual([
      'pipeline/a.ts: imports upward, report/x.ts',
    ])
  })

  test('a sibling among the stages and among the outputs, not in the same folder', () => {
    expect(planted('engine/a.ts', "import type { X } from '../ingest/x.ts'")).toEqual([
      'engine/a.ts: imports its sibling ingest/x.ts',
    ])
    expect(planted('stats/a.ts', "import type { X } from '../features/x.ts'")).toEqual([
      'stats/a.ts: imports its sibling features/x.ts',
    ])
    expect(planted('server/a.ts', "import { x } from '../report/x.ts'")).toEqual([
      'server/a.ts: imports its sibling report/x.ts',
    ])
    expect(planted('features/deep/a.ts', "import type { X } from '../x.ts'")).toEqual([])
  })

  test('nothing amiss where the engine builds on kernel, features and statistics', () => {
    const text = ['kernel', 'features', 'stats', 'sql']
      .map(one => `import { x } from '../${one}/x.ts'`)
      .join('\n')
    expect(planted('engine/a.ts', text)).toEqual([])
    expect(planted('kernel/deep/a.ts', "import { x } from '../../features/x.ts'")).toEqual([])
  })

  test('a cycle, also by re-export', () => {
    const sources = [
      { path: 'lib/a.ts', text: "import { b } from './b.ts'" },
      { path: 'lib/b.ts', text: "export * from './c.ts'" },
      { path: 'lib/c.ts', text: "import type { A } from './a.ts'" },
    ]
    expect(breaches(sources)).toEqual(['cycle: lib/a.ts -> lib/b.ts -> lib/c.ts -> lib/a.ts'])
  })

  test('an engine outside its folder', () => {
    expect(planted('risk/a.ts', "import { X } from '@duckdb/node-api'")).toEqual([
      'risk/a.ts: @duckdb/node-api is known to sql/ only',
    ])
    expect(planted('cli/a.ts', "import { X } from '@libsql/client/sqlite3'")).toEqual([
      'cli/a.ts: @libsql/client is known to state/ only',
    ])
  })

  test('chance, the clock and prints below the edges, but not in comments or at the edges', () => {
    const bad = 'const a = Math.random() + Date.now()\nconsole.log(new Date())\nprocess.exit(1)'
    expect(planted('risk/a.ts', bad)).toHaveLength(5)
    expect(planted('cli/a.ts', bad)).toEqual([])
    expect(planted('risk/a.ts', '/** never Math.random */\n// nor Date.now()\nnew Date(0)')).toEqual([])
  })

  test('a folder nobody has placed, an import without ending, a way out of src', () => {
    expect(planted('misc/a.ts', '')).toEqual(['misc/a.ts: its folder is on no layer'])
    expect(planted('lib/a.ts', "import './b'")).toEqual(['lib/a.ts: ./b does not end in .ts'])
    expect(planted('lib/a.ts', "import x from '../../data/x.json'")).toEqual([
      'lib/a.ts: leaves src with ../../data/x.json',
    ])
  })
})
