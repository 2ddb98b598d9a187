import type { Frame } from '../../schema/scores.ts'
import type { ExplainedHour } from './hour.ts'
import type { AskedValue, KnownValues } from './known-values.ts'
import type { PastHours } from './past-hours.ts'

/** Who showed a value before: the token itself on how many of its days, and how many of the others. */
interface Share {
  readonly have: number
  readonly of: number
}

/** Who used a value before, in words, by [hour, frame, facet, value]: `0 of 31 days` of the token itself, `2 of 14 tokens`. */
export function valueFrames(
  past: PastHours,
  { users, activeDays }: KnownValues,
  hours: readonly ExplainedHour[],
  asked: readonly (AskedValue & { readonly number: number })[],
): Map<string, string> {
  const roles = lastRoles(past)
  const days = new Map(activeDays.map(one => [past.numberOf(one.tenantId, one.tokenId), one.days]))
  const words = new Map<string, string>()
  for (const [a, { number, facet, value }] of asked.entries()) {
    const { tenantId, tokenId } = hours[number]!
    const daysOfUsers = new Map(users[a]!.map(user => [past.numberOf(tenantId, user.tokenId), user.days]))
    const own = past.numberOf(tenantId, tokenId)
    const shares: Record<Frame, Share> = {
      self: own < 0 ? { have: 0, of: 0 } : { have: daysOfUsers.get(own) ?? 0, of: days.get(own) ?? 0 },
      // Where the log names no roles the tenant says it all.
      peer: shareOfOthers(past, tenantId, own, daysOfUsers, one => own >= 0 && roles[one] === roles[own]),
      tenant: shareOfOthers(past, tenantId, own, daysOfUsers, () => true),
    }
    for (const frame of ['self', 'peer', 'tenant'] as const) {
      const { have, of } = shares[frame]
      if (of === 0) continue
      const things = frame === 'self' ? 'day' : 'token'
      words.set(
        JSON.stringify([number, frame, facet, value]),
        `${have} of ${of} ${things}${of === 1 ? '' : 's'}`,
      )
    }
  }
  return words
}

function shareOfOthers(
  past: PastHours,
  tenantId: string,
  own: number,
  users: ReadonlyMap<number, number>,
  counts: (token: number) => boolean,
): Share {
  const [first, end] = past.tokensOf(tenantId)
  let [have, of] = [0, 0]
  for (let token = first; token < end; token++) {
    if (token === own || !counts(token)) continue
    of++
    if (users.has(token)) have++
  }
  return { have, of }
}

/** The last known role of each token; NaN, which equals nothing, where none is known. */
function lastRoles({ token, role }: PastHours): Float64Array {
  const roles = new Float64Array((token.at(-1) ?? -1) + 1).fill(Number.NaN)
  for (let row = 0; row < token.length; row++) if (!Number.isNaN(role[row]!)) roles[token[row]!] = role[row]!
  return roles
}
