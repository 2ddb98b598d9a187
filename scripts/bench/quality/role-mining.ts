import { expectation, indexOf, placeOf } from '../../../src/detectors/permission-clusters/expected-use.ts'
import {
  fitPermissionClusters,
  type PermissionClusters,
} from '../../../src/detectors/permission-clusters/model.ts'
import { mineRoles } from '../../../src/detectors/permission-clusters/roles/mine-roles.ts'
import type { UseTable, WindowUse } from '../../../src/detectors/permission-clusters/use-table.ts'
import { scoreViolations } from '../../../src/detectors/permission-clusters/violations.ts'
import { auroc, averagePrecision, baseRate } from '../../../src/lib/metrics.ts'
import { createRandom, type Random } from '../../../src/lib/random.ts'
import { type Engine, quoteText } from '../../../src/sql/duckdb.ts'
import { datasetFile } from '../real/harness.ts'

/** Permission sets of one data set: users, or planted roles, by name. */
export type Permissions = ReadonlyMap<string, readonly string[]>

export const PLANTED_SETS = [
  'synthetic_20_200_40_2_5',
  'synthetic_40_400_80_4_5',
  'synthetic_80_800_160_8_5',
  'synthetic_100_1000_200_10_5',
]

/** Real sets; `isHeldOut` where no constant of the detector was chosen on it (violations.ts and shrinkage.ts name the others). */
export const REAL_SETS = [
  { dataset: 'firewall1', isHeldOut: false },
  { dataset: 'americas_small', isHeldOut: false },
  { dataset: 'customer', isHeldOut: false },
  { dataset: 'domino', isHeldOut: false },
  { dataset: 'americas_large', isHeldOut: true },
  { dataset: 'apj', isHeldOut: true },
  { dataset: 'emea', isHeldOut: true },
  { dataset: 'firewall2', isHeldOut: true },
  { dataset: 'healthcare', isHeldOut: true },
]

/** Permissions of each user of a set. */
export function readUsers(engine: Engine, dataset: string): Promise<Permissions> {
  return readPermissions(engine, 'user_permission.parquet', 'user', dataset)
}

/** Permissions of each planted role of a set; none where the truth is not known. */
export function readPlantedRoles(engine: Engine, dataset: string): Promise<Permissions> {
  return readPermissions(engine, 'planted_roles.parquet', 'role', dataset)
}

async function readPermissions(
  engine: Engine,
  file: string,
  member: string,
  dataset: string,
): Promise<Permissions> {
  const source = quoteText(datasetFile('role_mining_hp', file))
  const { columns } = await engine.texts(
    `SELECT '${member[0]}' || "${member}", 'p' || permission FROM read_parquet(${source}) WHERE dataset = ${quoteText(dataset)} ORDER BY ALL`,
  )
  const [members, permissions] = columns as [string[], string[]]
  const out = new Map<string, string[]>()
  members.forEach((name, row) => {
    const held = out.get(name)
    if (held) held.push(permissions[row]!)
    else out.set(name, [permissions[row]!])
  })
  return out
}

export interface RoleRecovery {
  readonly planted: number
  readonly found: number
  /** Roles found whose permissions are exactly those of a planted one. */
  readonly exact: number
  readonly f1: number
}

/** Roles mined from what users hold, against the planted ones: a role counts only where every permission is right. */
export function recoverRoles(users: Permissions, planted: Permissions): RoleRecovery {
  const items = [...new Set([...users.values()].flat())].sort()
  const index = new Map(items.map((item, i) => [item, i]))
  const sets = Array.from(users.values(), held => Uint32Array.from(held, item => index.get(item)!).sort())
  const nameOf = (held: readonly string[]) => [...held].sort().join(' ')
  const truth = new Set(Array.from(planted.values(), nameOf))
  const found = new Set(
    mineRoles(sets, items.length).roles.map(role => nameOf(Array.from(role.items, i => items[i]!))),
  )
  const exact = [...found].filter(role => truth.has(role)).length
  return {
    planted: truth.size,
    found: found.size,
    exact,
    f1: (2 * exact) / (truth.size + found.size),
  }
}

/** One way to rank windows by how far they lie outside the expected use. */
export interface ViolationQuality {
  readonly averagePrecision: number
  readonly auroc: number
}

export interface ViolationRanking {
  readonly windows: number
  readonly baseRate: number
  readonly ours: ViolationQuality
  /** The same surprise of each permission the user is not known to use, from its share among all users alone. */
  readonly popularity: ViolationQuality
}

/** Share of a user's permissions that training does not see: rare but legitimate use. */
const HIDDEN_SHARE = 0.2
const BENIGN_WINDOWS = 5
/** Permissions used in a window beside the one that tells. */
const USED = 3

/**
 * Violations planted in what users of a real set hold. Training sees four fifths of each user's permissions. Scored are
 * windows of a few of them: five a user in which one of the hidden fifth turns up (legitimate, if never seen), and one in
 * which a permission turns up that only others hold, drawn from a random other user.
 */
export function rankViolations(users: Permissions, seed: number): ViolationRanking {
  const { seen, windows, isViolation } = plantViolations(users, createRandom(seed))
  const model = fitPermissionClusters(toUseTable(seen), { seed })
  const ours = scoreViolations(model, windows).surprise
  const popularity = popularitySurprise(model, windows)
  const qualityOf = (scores: Float64Array): ViolationQuality => ({
    averagePrecision: averagePrecision(scores, isViolation),
    auroc: auroc(scores, isViolation),
  })
  return {
    windows: isViolation.length,
    baseRate: baseRate(isViolation),
    ours: qualityOf(ours),
    popularity: qualityOf(popularity),
  }
}

/** Rarest permission of each window that its user was not seen with, nats by its share among all users; 0 without one. */
function popularitySurprise(model: PermissionClusters, windows: WindowUse): Float64Array {
  const everyone = { token: -1, group: -1, cluster: -1 }
  return Float64Array.from(windows.token, (token, row) => {
    const { token: t } = placeOf(model, token, null)
    const own = new Set(model.use.item.subarray(model.use.offsets[t]!, model.use.offsets[t + 1]!))
    let highest = 0
    for (let e = windows.offsets[row]!; e < windows.offsets[row + 1]!; e++) {
      const item = indexOf(model.use.items, windows.items[windows.item[e]!]!)
      if (item < 0 || own.has(item)) continue
      highest = Math.max(highest, -Math.log(expectation(model, everyone, item).everyone))
    }
    return highest
  })
}

interface Planted {
  readonly seen: Permissions
  readonly windows: WindowUse
  readonly isViolation: readonly boolean[]
}

function plantViolations(users: Permissions, random: Random): Planted {
  const hiddenOf = new Map<string, string[]>()
  const seen = new Map<string, string[]>()
  for (const [user, held] of users) {
    const mixed = random.shuffle([...held])
    const hidden = held.length < 2 ? 0 : Math.max(1, Math.round(HIDDEN_SHARE * held.length))
    hiddenOf.set(user, mixed.slice(0, hidden))
    seen.set(user, mixed.slice(hidden))
  }
  // What nobody is seen with counts as a release, not a violation.
  const known = new Set([...seen.values()].flat())
  const names = [...users.keys()]
  const rows: { token: string; items: string[] }[] = []
  const isViolation: boolean[] = []
  for (const user of names) {
    const own = new Set(users.get(user)!)
    const hidden = hiddenOf.get(user)!.filter(item => known.has(item))
    if (hidden.length === 0) continue
    const usual = () => random.shuffle([...seen.get(user)!]).slice(0, USED)
    for (let w = 0; w < BENIGN_WINDOWS; w++) {
      rows.push({ token: user, items: [...usual(), random.pick(hidden)] })
      isViolation.push(false)
    }
    const foreign = foreignItem(names, seen, own, random)
    if (foreign === null) continue
    rows.push({ token: user, items: [...usual(), foreign] })
    isViolation.push(true)
  }
  return { seen, windows: toWindows(rows), isViolation }
}

/** Tries to find another user with something one's own; most have it at once. */
const MOST_TRIES = 100

function foreignItem(
  names: readonly string[],
  seen: Permissions,
  own: ReadonlySet<string>,
  random: Random,
): string | null {
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const foreign = seen.get(random.pick(names))!.filter(item => !own.has(item))
    if (foreign.length > 0) return random.pick(foreign)
  }
  return null
}

/** Every permission used on one day. */
export function toUseTable(users: Permissions): UseTable {
  const { items, offsets, item } = sparseRows([...users.values()])
  return { tokens: [...users.keys()], items, offsets, item, weight: new Float32Array(item.length).fill(1) }
}

function toWindows(rows: readonly { token: string; items: readonly string[] }[]): WindowUse {
  const { items, offsets, item } = sparseRows(rows.map(row => row.items))
  return {
    token: rows.map(row => row.token),
    group: rows.map(() => null),
    offsets,
    items,
    item,
    n: new Float64Array(item.length).fill(1),
  }
}

function sparseRows(rows: readonly (readonly string[])[]) {
  const items = [...new Set(rows.flat())]
  const index = new Map(items.map((name, i) => [name, i]))
  const offsets = new Uint32Array(rows.length + 1)
  rows.forEach((row, r) => {
    offsets[r + 1] = offsets[r]! + row.length
  })
  return { items, offsets, item: Uint32Array.from(rows.flat(), name => index.get(name)!) }
}
