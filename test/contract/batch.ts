import { FEATURES } from '../../src/features/catalogue.ts'
import { createMatrix, selectColumns, selectRows } from '../../src/lib/matrix.ts'
import { createRandom } from '../../src/lib/random.ts'
import type { Windows } from '../../src/scoring.ts'

/** Where a batch goes bad: one token-hour in nineteen, so that each token has some. */
export const isPlanted = (row: number) => row % 19 === 7

const ROLES = ['reader', 'writer']
const SHARED = ['op:list', 'op:get', 'scope:read']
const OF_ROLE: Record<string, readonly string[]> = {
  reader: ['op:export', 'op:search', 'scope:export'],
  writer: ['op:create', 'op:update', 'scope:write'],
}

const everyFifth = (_name: string, column: number) => column % 5 === 0

/** Two tenants whose tokens bear the same ids, in other roles, and whose rows alternate by tens. */
const isSouth = (row: number) => row % 20 >= 10
const tokenOf = (row: number) => `${isSouth(row) ? 'south' : 'north'}/token-${row % 10}`
const roleOf = (row: number) => ROLES[(row + Number(isSouth(row))) % 2]!

interface Planting {
  /** Without planted rows. @default false */
  readonly isClean?: boolean
  /** Whether planted rows are high in a feature. @default in every fifth */
  readonly isHigh?: (name: string, column: number) => boolean
}

/**
 * Token-hours as the pipeline hands them to the detectors: every feature of the catalogue, a tenth of them missing, and the
 * permissions used. Planted rows are high in some features and use the other role's permissions.
 */
export function makeBatch(
  rows: number,
  seed: number,
  { isClean = false, isHigh = everyFifth }: Planting = {},
): Windows {
  const random = createRandom(seed)
  const features = createMatrix(
    rows,
    FEATURES.map(feature => feature.name),
  )
  const items = [...SHARED, ...OF_ROLE.reader!, ...OF_ROLE.writer!]
  const used: number[][] = []
  for (let r = 0; r < rows; r++) {
    const isBad = !isClean && isPlanted(r)
    for (let c = 0; c < features.cols; c++) {
      const value = random.exponential(1) + (isBad && isHigh(features.names[c]!, c) ? 6 : 0)
      features.data[r * features.cols + c] = random.chance(0.1) ? Number.NaN : value
    }
    const role = roleOf(r)
    const other = ROLES.find(name => name !== role)!
    const names = [...SHARED, random.pick(OF_ROLE[role]!), ...(isBad ? OF_ROLE[other]! : [])]
    used.push([...new Set(names)].map(name => items.indexOf(name)).sort((a, b) => a - b))
  }
  return { features, use: useOf(used, items, rows) }
}

function useOf(used: readonly (readonly number[])[], items: readonly string[], rows: number): Windows['use'] {
  const offsets = new Uint32Array(rows + 1)
  used.forEach((row, r) => {
    offsets[r + 1] = offsets[r]! + row.length
  })
  const item = Uint32Array.from(used.flat())
  return {
    token: Array.from({ length: rows }, (_, r) => tokenOf(r)),
    group: Array.from({ length: rows }, (_, r) => roleOf(r)),
    items,
    offsets,
    item,
    n: new Float32Array(item.length).fill(1),
  }
}

/** The rows at the given places, in that order. */
export function take({ features, use }: Windows, rows: readonly number[]): Windows {
  const used = rows.map(row => [...use.item.subarray(use.offsets[row]!, use.offsets[row + 1]!)])
  return {
    features: selectRows(features, rows),
    use: {
      ...useOf(used, use.items, rows.length),
      token: rows.map(row => use.token[row]!),
      group: rows.map(row => use.group[row]!),
    },
  }
}

/** The batch with every feature of every row replaced; permissions stay. */
export function withFeatures(batch: Windows, value: (row: number, column: number) => number): Windows {
  const { rows, cols, names } = batch.features
  const data = Float64Array.from({ length: rows * cols }, (_, i) => value(Math.floor(i / cols), i % cols))
  return { ...batch, features: { data, rows, cols, names } }
}

/** The batch with some of its features only. */
export function withColumns(batch: Windows, names: readonly string[]): Windows {
  return { ...batch, features: selectColumns(batch.features, names) }
}

/** The batch with its tokens called otherwise. */
export function withTokens(batch: Windows, rename: (token: string) => string): Windows {
  return { ...batch, use: { ...batch.use, token: batch.use.token.map(rename) } }
}

/** The batch without any permission used. */
export function withoutUse(batch: Windows): Windows {
  const { rows } = batch.features
  return {
    ...batch,
    use: { ...batch.use, offsets: new Uint32Array(rows + 1), item: new Uint32Array(0), n: [] },
  }
}
