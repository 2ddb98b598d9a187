import { DAY_MS, type World } from './world.ts'

/** Token-hours gathered into what an analyst is asked to look at: one alert a token and UTC day; m token-days. */
export interface TokenDays {
  readonly count: number
  /** (m + 1): first row (token-hour) of each; rows of a token-day are neighbours. */
  readonly firstRow: Uint32Array
  /** (rows): token-day of each token-hour. */
  readonly ofRow: Uint32Array
  /** (m): index into the world's tokens. */
  readonly token: Uint32Array
  /** (m): days since 1970-01-01. */
  readonly day: Int32Array
  /** (m): 1 where one of its hours is positive. */
  readonly positive: Uint8Array
}

/** Groups the world's rows, which are ordered by token, then time. */
export function gatherTokenDays(world: World): TokenDays {
  const { rows, token, start, positive } = world
  const ofRow = new Uint32Array(rows)
  const firstRow: number[] = []
  for (let r = 0; r < rows; r++) {
    const isNew =
      r === 0 ||
      token[r] !== token[r - 1] ||
      Math.floor(start[r]! / DAY_MS) !== Math.floor(start[r - 1]! / DAY_MS)
    if (isNew) firstRow.push(r)
    ofRow[r] = firstRow.length - 1
  }
  const count = firstRow.length
  const isPositive = new Uint8Array(count)
  for (let r = 0; r < rows; r++) if (positive[r]) isPositive[ofRow[r]!] = 1
  return {
    count,
    firstRow: Uint32Array.from([...firstRow, rows]),
    ofRow,
    token: Uint32Array.from(firstRow, r => token[r]!),
    day: Int32Array.from(firstRow, r => Math.floor(start[r]! / DAY_MS)),
    positive: isPositive,
  }
}

/** Row of the highest score of each token-day, (m); the earliest when hours tie. NaN is lowest. */
export function highestRows(days: TokenDays, scores: Float64Array): Uint32Array {
  const out = new Uint32Array(days.count)
  for (let d = 0; d < days.count; d++) {
    let best = days.firstRow[d]!
    for (let r = best + 1; r < days.firstRow[d + 1]!; r++)
      if (scores[r]! > scores[best]! || (Number.isNaN(scores[best]!) && !Number.isNaN(scores[r]!))) best = r
    out[d] = best
  }
  return out
}

/** Score of each token-day, (m): that of its highest hour; NaN where no hour has one. */
export function tokenDayScores(days: TokenDays, scores: Float64Array): Float64Array {
  return Float64Array.from(highestRows(days, scores), row => scores[row]!)
}
