import { type Table, tableFromIPC, type Vector } from 'apache-arrow'
import type { WindowUse } from '../detectors/permission-clusters/use-table.ts'
import { evidenceNames, FEATURES } from '../features/catalogue.ts'
import { arrowProblem } from '../lib/arrow/check.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { createMatrix, type Matrix } from '../lib/matrix.ts'
import type { Feature } from '../schema/features.ts'
import type { Windows } from './score-windows.ts'

/**
 * Feature vectors of token-hours: a matrix with features as columns; that and the operations used; or an Arrow table or its IPC
 * bytes, with a column a feature and, where known, `tenant_id`, `token_id`, `role`, the evidence columns of `data/features`, and
 * `use`, a list of {item, n} or a map of item to n, or either as JSON text: requests by "op:NAME" and "scope:NAME".
 */
export type Vectors = Matrix | Windows | Table | Uint8Array

/** Vectors as the kernel takes them, with what is known beside the features. */
export interface NamedWindows extends Windows {
  /** Features and evidence of each row by name, for its reasons. */
  facts(row: number): Readonly<Record<string, number | string | null>>
  /** Features that the vectors do not have: unknown in every row. */
  readonly missing: readonly string[]
}

/** Columns that vectors may have: what a model reads, and what its reasons quote. */
interface KnownColumns {
  readonly features: readonly string[]
  readonly evidence: readonly string[]
}

function knownColumns(own: readonly Feature[]): KnownColumns {
  return { features: [...FEATURES, ...own].map(feature => feature.name), evidence: evidenceNames(own) }
}

/**
 * Reads vectors in any of their forms, own features among them where a model reads some. Absent features count as unknown; throws
 * `bad-input` when there is none at all.
 */
export function readVectors(vectors: Vectors, own: readonly Feature[] = []): NamedWindows {
  const known = knownColumns(own)
  if (vectors instanceof Uint8Array) return fromTable(readTable(vectors), known)
  if ('schema' in vectors) return fromTable(vectors, known)
  if ('features' in vectors) return named(vectors.features, vectors.use, known, () => ({}))
  return named(vectors, emptyUse(vectors.rows), known, () => ({}))
}

/** An Arrow table from its IPC file or stream; throws `bad-input` when it is none, or states sizes that its bytes do not bear out. */
export function readTable(bytes: Uint8Array): Table {
  const problem = arrowProblem(bytes)
  if (problem !== null)
    throw new KeyhoundError('bad-input', `the vectors are no sound Arrow IPC file or stream: ${problem}`)
  try {
    return tableFromIPC(bytes)
  } catch {
    throw new KeyhoundError('bad-input', 'the vectors are no Arrow IPC file or stream; write them again')
  }
}

function named(
  given: Matrix,
  use: WindowUse,
  { features: wanted }: KnownColumns,
  evidence: (row: number) => Record<string, number | string | null>,
): NamedWindows {
  const from = wanted.map(name => given.names.indexOf(name))
  const missing = wanted.filter((_, c) => from[c]! < 0)
  if (missing.length === wanted.length && given.rows > 0) {
    throw new KeyhoundError(
      'bad-input',
      `none of the ${wanted.length} features is among the columns ${given.names.slice(0, 8).join(', ')}; their names: src/features/FEATURES.md`,
    )
  }
  const features = createMatrix(given.rows, wanted)
  for (let r = 0; r < features.rows; r++) {
    for (let c = 0; c < features.cols; c++) {
      features.data[r * features.cols + c] =
        from[c]! < 0 ? Number.NaN : given.data[r * given.cols + from[c]!]!
    }
  }
  const facts = (row: number) => ({
    ...Object.fromEntries(
      wanted.map((name, c) => {
        const value = features.data[row * features.cols + c]!
        return [name, Number.isNaN(value) ? null : value]
      }),
    ),
    ...evidence(row),
  })
  return { features, use, facts, missing }
}

/** Nothing known of operations and scopes: the permission clusters then say nothing. */
function emptyUse(rows: number): WindowUse {
  return {
    token: new Array(rows).fill(''),
    group: new Array(rows).fill(null),
    offsets: new Uint32Array(rows + 1),
    items: [],
    item: new Uint32Array(),
    n: new Float32Array(),
  }
}

function fromTable(table: Table, known: KnownColumns): NamedWindows {
  const rows = table.numRows
  const present = known.features.filter(name => table.getChild(name) !== null)
  const matrix = createMatrix(rows, present)
  present.forEach((name, c) => {
    const column = table.getChild(name)!
    for (let r = 0; r < rows; r++) {
      const value = column.get(r) as unknown
      const cell = value === null || value === undefined ? Number.NaN : Number(value)
      if (Number.isNaN(cell) && typeof value === 'string')
        throw new KeyhoundError('bad-input', `feature ${name} is "${value}" in row ${r}, no number`)
      matrix.data[r * present.length + c] = cell
    }
  })
  const columns = known.evidence.flatMap(name => {
    const column = table.getChild(name)
    return column === null ? [] : [[name, column] as const]
  })
  return named(matrix, useOf(table), known, row =>
    Object.fromEntries(
      columns.map(([name, column]) => {
        const value = column.get(row) as number | bigint | string | null
        return [name, typeof value === 'bigint' ? Number(value) : value]
      }),
    ),
  )
}

/** Rows may share a dictionary's text or list, so that few bytes are read many times over: ten thousand rows use some hundreds of items each. */
const MOST_USE = { characters: 64_000_000, items: 5_000_000 } as const

function useOf(table: Table): WindowUse {
  const rows = table.numRows
  const left = { ...MOST_USE }
  const text = (name: string, row: number) => {
    const value = table.getChild(name)?.get(row) as unknown
    return value === null || value === undefined ? null : String(value)
  }
  const uses = Array.from({ length: rows }, (_, row) => ({
    token: `${text('tenant_id', row) ?? ''}/${text('token_id', row) ?? ''}`,
    role: text('role', row),
    items: itemsOf(table.getChild('use'), row, left),
  }))
  return compressUse(uses)
}

/** What one token-hour used: requests by item. */
export interface RowUse {
  /** `tenant/token`. */
  readonly token: string
  readonly role: string | null
  readonly items: readonly (readonly [item: string, n: number])[]
}

/** Rows of use -> compressed sparse rows, items in the order of their names as in a batch. */
export function compressUse(uses: readonly RowUse[]): WindowUse {
  const items = [...new Set(uses.flatMap(use => use.items.map(([item]) => item)))].sort()
  const number = new Map(items.map((item, i) => [item, i]))
  const sorted = uses.map(use =>
    use.items.map(([item, n]) => [number.get(item)!, n] as const).sort((a, b) => a[0] - b[0]),
  )
  const offsets = new Uint32Array(uses.length + 1)
  sorted.forEach((entries, row) => {
    offsets[row + 1] = offsets[row]! + entries.length
  })
  return {
    token: uses.map(use => use.token),
    group: uses.map(use => use.role),
    items,
    offsets,
    item: Uint32Array.from(sorted.flat(), ([item]) => item),
    n: Float32Array.from(sorted.flat(), ([, n]) => n),
  }
}

/** `keyhound query --format arrow` writes nested values as JSON text. */
function parseUse(text: string, row: number): unknown {
  try {
    const parsed = JSON.parse(text) as unknown
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {
    // Told below.
  }
  throw new KeyhoundError(
    'bad-input',
    `use is neither a list of {item, n} nor a map of item to n in row ${row}`,
  )
}

function itemsOf(
  column: Vector | null,
  row: number,
  left: { characters: number; items: number },
): [string, number][] {
  const value = column?.get(row) as unknown
  if (value === null || value === undefined) return []
  left.characters -= typeof value === 'string' ? value.length : 0
  left.items -= typeof value === 'string' ? 0 : ((value as { length?: number }).length ?? 0)
  if (left.characters < 0 || left.items < 0)
    throw new KeyhoundError('bad-input', `use is too large up to row ${row}; send the vectors in parts`)
  const plain = typeof value === 'string' ? parseUse(value, row) : (value as { toJSON(): unknown }).toJSON()
  const entries = Array.isArray(plain)
    ? plain.map(entry => {
        const { item, n } = (entry as { toJSON?: () => unknown }).toJSON?.() ?? entry
        return [item, n]
      })
    : Object.entries(plain as object)
  return entries.map(([item, n]) => [String(item), Number(n)])
}
