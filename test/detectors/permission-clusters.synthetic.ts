import type { UseTable, WindowUse } from '../../src/detectors/permission-clusters/use-table.ts'
import { createRandom, type Random } from '../../src/lib/random.ts'

/** A made-up population with a known answer: roles with own permissions, 28 days of habits, then windows, some of them violations. */
export interface Population {
  readonly use: UseTable
  /** Role of each token, as in use.groups. */
  readonly role: readonly number[]
  readonly windows: WindowUse
  /** 1 where two permissions of another role were mixed in. */
  readonly violation: Uint8Array
}

export function useTable(rows: Record<string, Record<string, number>>, groups?: (string | null)[]): UseTable {
  const tokens = Object.keys(rows)
  const items = [...new Set(tokens.flatMap(token => Object.keys(rows[token]!)))]
  const index = new Map(items.map((item, i) => [item, i]))
  const offsets = [0]
  const item: number[] = []
  const weight: number[] = []
  for (const token of tokens) {
    for (const [name, days] of Object.entries(rows[token]!)) {
      item.push(index.get(name)!)
      weight.push(days)
    }
    offsets.push(item.length)
  }
  return {
    tokens,
    items,
    offsets: Uint32Array.from(offsets),
    item: Uint32Array.from(item),
    weight: Float32Array.from(weight),
    ...(groups && { groups }),
  }
}

export function windowUse(rows: { token: string; group?: string | null; items: string[] }[]): WindowUse {
  const items = [...new Set(rows.flatMap(row => row.items))]
  const offsets = [0]
  for (const row of rows) offsets.push(offsets.at(-1)! + row.items.length)
  const item = Uint32Array.from(rows.flatMap(row => row.items.map(name => items.indexOf(name))))
  return {
    token: rows.map(row => row.token),
    group: rows.map(row => row.group ?? null),
    offsets: Uint32Array.from(offsets),
    items,
    item,
    n: new Float64Array(item.length).fill(1),
  }
}

const DAYS = 28

/**
 * Roles of 8-14 permissions each, plus 6 that all share; a token uses each of its role's with its own daily probability
 * (from every day to once in months, so that role-mates' rare ones turn up new: the benign twin). One window in 100 is a violation.
 */
export function population(options: {
  tokens: number
  roles: number
  windows: number
  seed: number
}): Population {
  const random = createRandom(options.seed)
  const shared = Array.from({ length: 6 }, (_, i) => `op:common.${i}`)
  const roles = Array.from({ length: options.roles }, (_, r) =>
    Array.from({ length: 8 + random.int(7) }, (_, i) => `op:role${r}.${i}`).concat(shared),
  )
  const rates = roles.map(role => role.map(() => random.fork('rate').next() ** 3))
  const role = Array.from({ length: options.tokens }, () => random.int(options.roles))
  const habits = role.map(r => rates[r]!.map(() => 0.9 * random.next() ** 3 + 0.002))

  const rows: Record<string, Record<string, number>> = {}
  for (let t = 0; t < options.tokens; t++) {
    const days: Record<string, number> = {}
    roles[role[t]!]!.forEach((item, i) => {
      let used = 0
      for (let d = 0; d < DAYS; d++) used += random.chance(habits[t]![i]!) ? 1 : 0
      if (used > 0) days[item] = used
    })
    rows[`token${t}`] = days
  }

  const violation = new Uint8Array(options.windows)
  const windows = Array.from({ length: options.windows }, (_, w) => {
    const t = random.int(options.tokens)
    const items = roles[role[t]!]!.filter((_, i) => random.chance(habits[t]![i]!))
    if (random.chance(0.01)) {
      violation[w] = 1
      items.push(...foreign(roles, role[t]!, random))
    }
    return { token: `token${t}`, group: `role${role[t]!}`, items }
  })
  return {
    use: useTable(
      rows,
      role.map(r => `role${r}`),
    ),
    role,
    windows: windowUse(windows),
    violation,
  }
}

/** One or two permissions that only another role has. */
function foreign(roles: string[][], own: number, random: Random): string[] {
  const other = roles[(own + 1 + random.int(roles.length - 1)) % roles.length]!
  const specific = other.filter(item => !item.startsWith('op:common'))
  return random.shuffle(specific).slice(0, 1 + random.int(2))
}
