import { KeyhoundError } from '../../lib/errors.ts'

/**
 * Which permissions each token used, as compressed sparse rows: the items of token t are
 * `item[offsets[t] .. offsets[t + 1])`, with `weight` beside them. Items carry their kind: "op:tasks.get", "scope:tasks:read".
 */
export interface UseTable {
  readonly tokens: readonly string[]
  readonly items: readonly string[]
  /** Length tokens + 1, ascending, from 0. */
  readonly offsets: Uint32Array
  /** Index into items. */
  readonly item: Uint32Array
  /** Days on which the token used the item, > 0. */
  readonly weight: Float32Array
  /** Days on which the token was active; the highest weight of the token where absent. */
  readonly days?: Float32Array
  /** Role of each token: the prior of tokens seen for the first time. */
  readonly groups?: readonly (string | null)[]
}

/** Use per scoring window (a token-hour), as compressed sparse rows over `items`. */
export interface WindowUse {
  /** Token of each window. */
  readonly token: readonly string[]
  readonly group: readonly (string | null)[]
  /** Length windows + 1. */
  readonly offsets: Uint32Array
  readonly items: readonly string[]
  /** Index into items. */
  readonly item: Uint32Array
  /** Requests; an entry without any does not count. */
  readonly n: ArrayLike<number>
}

/** Throws KeyhoundError 'bad-input' naming the first fault of a use table's shape or values. */
export function checkUseTable(use: UseTable): void {
  const tokens = use.tokens.length
  const entries = use.item.length
  const problem =
    shapeProblem(use.offsets, tokens, entries) ??
    (use.weight.length !== entries
      ? `weight has ${use.weight.length} entries, item ${entries}`
      : undefined) ??
    (use.groups && use.groups.length !== tokens
      ? `groups has ${use.groups.length} rows, tokens ${tokens}`
      : undefined) ??
    (use.days && use.days.length !== tokens
      ? `days has ${use.days.length} rows, tokens ${tokens}`
      : undefined) ??
    (new Set(use.tokens).size !== tokens ? 'a token is listed twice; merge its rows' : undefined) ??
    (new Set(use.items).size !== use.items.length
      ? 'an item is listed twice; merge its entries'
      : undefined) ??
    entryProblem(use)
  if (problem) throw new KeyhoundError('bad-input', `permission use table: ${problem}`)
}

/** Throws KeyhoundError 'bad-input' naming the first fault of a window table. */
export function checkWindowUse(windows: WindowUse): void {
  const rows = windows.token.length
  const problem =
    shapeProblem(windows.offsets, rows, windows.item.length) ??
    (windows.group.length !== rows ? `group has ${windows.group.length} rows, token ${rows}` : undefined) ??
    (windows.n.length !== windows.item.length
      ? `n has ${windows.n.length} entries, item ${windows.item.length}`
      : undefined) ??
    outOfRange(windows.item, windows.items.length)
  if (problem) throw new KeyhoundError('bad-input', `permission windows: ${problem}`)
}

function shapeProblem(offsets: Uint32Array, rows: number, entries: number): string | undefined {
  if (offsets.length !== rows + 1) return `offsets has ${offsets.length} entries, expected ${rows + 1}`
  if (offsets[0] !== 0 || offsets[rows] !== entries) return `offsets must run from 0 to ${entries}`
  for (let r = 0; r < rows; r++) if (offsets[r]! > offsets[r + 1]!) return `offsets fall at row ${r}`
  return undefined
}

function entryProblem(use: UseTable): string | undefined {
  for (let e = 0; e < use.weight.length; e++) {
    if (!(use.weight[e]! > 0) || use.weight[e] === Infinity)
      return `weight ${use.weight[e]} at entry ${e} is not above 0`
  }
  return outOfRange(use.item, use.items.length)
}

function outOfRange(item: Uint32Array, items: number): string | undefined {
  for (let e = 0; e < item.length; e++)
    if (item[e]! >= items) return `item ${item[e]} at entry ${e} is beyond the ${items} items`
  return undefined
}

/** A use table in canonical order: tokens and items sorted, entries of a token by item, repeated entries added up. */
export interface SortedUse {
  readonly tokens: readonly string[]
  readonly items: readonly string[]
  readonly groups: readonly string[]
  /** Index into groups, -1 unknown. */
  readonly tokenGroup: Int32Array
  /** Days of activity of each token. */
  readonly days: Float32Array
  readonly offsets: Uint32Array
  readonly item: Uint32Array
  readonly weight: Float32Array
}

/** The table in canonical order, so that neither the order of tokens nor that of items changes a model. */
export function sortUse(use: UseTable): SortedUse {
  const order = argsort(use.tokens)
  const itemOrder = argsort(use.items)
  const itemRank = new Uint32Array(itemOrder.length)
  for (let r = 0; r < itemOrder.length; r++) itemRank[itemOrder[r]!] = r
  const groups = [...new Set((use.groups ?? []).filter(group => group !== null))].sort()
  const groupIndex = new Map(groups.map((group, g) => [group, g]))

  const tokenGroup = new Int32Array(order.length).fill(-1)
  const days = new Float32Array(order.length)
  const offsets = new Uint32Array(order.length + 1)
  const item = new Uint32Array(use.item.length)
  const weight = new Float32Array(use.item.length)
  const sums = new Float64Array(itemOrder.length)
  let at = 0
  for (let t = 0; t < order.length; t++) {
    const from = order[t]!
    const seen: number[] = []
    for (let e = use.offsets[from]!; e < use.offsets[from + 1]!; e++) {
      const rank = itemRank[use.item[e]!]!
      if (sums[rank] === 0) seen.push(rank)
      sums[rank] = sums[rank]! + use.weight[e]!
    }
    seen.sort((a, b) => a - b)
    let highest = 0
    for (const rank of seen) {
      item[at] = rank
      weight[at++] = sums[rank]!
      highest = Math.max(highest, sums[rank]!)
      sums[rank] = 0
    }
    offsets[t + 1] = at
    days[t] = Math.max(highest, use.days?.[from] ?? 0)
    tokenGroup[t] = groupIndex.get(use.groups?.[from] ?? '') ?? -1
  }
  return {
    tokens: Array.from(order, t => use.tokens[t]!),
    items: Array.from(itemOrder, i => use.items[i]!),
    groups,
    tokenGroup,
    days,
    offsets,
    item: item.slice(0, at),
    weight: weight.slice(0, at),
  }
}

/** Indices that sort the texts by UTF-16 code units. */
function argsort(texts: readonly string[]): Uint32Array {
  return Uint32Array.from(texts.keys()).sort((a, b) => (texts[a]! < texts[b]! ? -1 : 1))
}
