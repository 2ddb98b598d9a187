import { expectation, indexOf, type Place, placeOf } from './expected-use.ts'
import type { PermissionClusters } from './model.ts'
import { checkWindowUse, type WindowUse } from './use-table.ts'

/**
 * Surprise that an item is allowed for nothing: 1 nat, p = 0.37. Without it, many half-expected items add up to more than one
 * foreign one. AP on planted violations in role_mining_hp (firewall1, americas_small, customer, domino, synthetic_80), on which it
 * was picked: plain sum .50 .83 .66 .23 .62, maximum .53 .84 .44 .45 .26, sum beyond 1 nat .70 .91 .64 .42 .60. The plain sum ranks
 * better on github_takeover_spliced (.24 against .19), whose takeovers use common operations in uncommon number.
 */
const FREE_NATS = 1

/** One value a window. */
export interface Violations {
  /** Surprise in nats, >= 0, higher = worse: the sum of what -ln p exceeds 1 by, over the distinct known items used. */
  readonly surprise: Float64Array
  /** Index into the windows' items of the known item that added most; -1 when there is none. */
  readonly worst: Int32Array
  /** Share of the token's cluster (its role, then everyone, where it has none) that used the worst item in training, 0-1; NaN without a worst item. */
  readonly clusterShare: Float64Array
  /**
   * Surprise of items that nobody used in training, kept apart: a product release looks like this for everyone at once.
   * The caller discounts it by how many tokens took the item up.
   */
  readonly unknownSurprise: Float64Array
  /** Distinct items that nobody used in training. */
  readonly unknownItems: Uint32Array
}

/**
 * How far each window's permissions lie outside what is expected of its token. An item counts once a window, however often
 * it was requested; one that is expected adds nothing.
 */
export function scoreViolations(model: PermissionClusters, windows: WindowUse): Violations {
  checkWindowUse(windows)
  const rows = windows.token.length
  const items = windows.items.length
  const out = {
    surprise: new Float64Array(rows),
    worst: new Int32Array(rows).fill(-1),
    clusterShare: new Float64Array(rows).fill(Number.NaN),
    unknownSurprise: new Float64Array(rows),
    unknownItems: new Uint32Array(rows),
  }
  const known = Int32Array.from(windows.items, item => indexOf(model.use.items, item))
  const seenInRow = new Int32Array(items).fill(-1)
  // What is expected of a token is the same in all of its windows: worked out once an item, while its windows are looked at in a row.
  const knownOf = new Int32Array(items).fill(-1)
  const natsOf = new Float64Array(items)
  gatherPlaces(model, windows).forEach(({ place, rows: ofPlace }, p) => {
    for (const r of ofPlace) {
      let highest = 0
      for (let e = windows.offsets[r]!; e < windows.offsets[r + 1]!; e++) {
        const item = windows.item[e]!
        if (seenInRow[item] === r || !(windows.n[e]! > 0)) continue
        seenInRow[item] = r
        if (knownOf[item] !== p) {
          knownOf[item] = p
          natsOf[item] = Math.max(0, -Math.log(expectation(model, place, known[item]!).own) - FREE_NATS)
        }
        const nats = natsOf[item]!
        if (known[item]! < 0) {
          out.unknownSurprise[r]! += nats
          out.unknownItems[r]! += 1
          continue
        }
        out.surprise[r]! += nats
        if (nats > highest) {
          highest = nats
          out.worst[r] = item
        }
      }
      if (highest > 0) out.clusterShare[r] = shareOf(model, place, known[out.worst[r]!]!)
    }
  })
  return out
}

function shareOf(model: PermissionClusters, place: Place, item: number): number {
  const [crowds, crowd] =
    place.cluster >= 0
      ? [model.clusters, place.cluster]
      : place.group >= 0
        ? [model.groups, place.group]
        : [model.everyone, 0]
  return crowds.users[crowd * model.use.items.length + item]! / crowds.size[crowd]!
}

/** The windows of each pair of token and group, with its place in the model. */
function gatherPlaces(model: PermissionClusters, { token, group }: WindowUse) {
  const byToken = new Map<string, Map<string | null, { place: Place; rows: number[] }>>()
  for (let r = 0; r < token.length; r++) {
    const byGroup = byToken.get(token[r]!) ?? new Map<string | null, { place: Place; rows: number[] }>()
    byToken.set(token[r]!, byGroup)
    const held = byGroup.get(group[r]!)
    if (held === undefined) byGroup.set(group[r]!, { place: placeOf(model, token[r]!, group[r]!), rows: [r] })
    else held.rows.push(r)
  }
  return [...byToken.values()].flatMap(byGroup => [...byGroup.values()])
}
