import { DAY, type World } from './model.ts'
import { ownersOf } from './write.ts'

/**
 * The truth about tokens that share a principal with an earlier one, for lineage.csv; never read by the product.
 * `rotation`: takes over from `predecessor_id`. `parallel`: another device or client of the same user; follows nobody.
 * `hijack`: made out to a thief while `predecessor_id` stays in use; follows nobody either.
 */
export function lineageColumns(
  world: World,
): Record<'token_id' | 'predecessor_id' | 'since' | 'kind', string[]> {
  const owners = ownersOf(world)
  const rows = world.actors.flatMap(actor => {
    const began = world.start + actor.firstDay * DAY
    const others = world.actors.some(
      other => other !== actor && other.userId === actor.userId && other.firstDay < actor.firstDay,
    )
    const [first, ...rotated] = actor.tokens
    return [
      ...(others ? [{ token: first!, before: '', since: began, kind: 'parallel' }] : []),
      ...rotated.map((token, i) => ({
        token,
        before: actor.tokens[i]!.id,
        since: token.from,
        kind: 'rotation',
      })),
    ]
  })
  for (const index of world.minted.keys()) {
    const token = world.tokens[index]!
    const victim = owners.get(index)!.tokens.find(own => token.from < own.until)!
    rows.push({ token, before: victim.id, since: token.from, kind: 'hijack' })
  }
  return {
    token_id: rows.map(row => row.token.id),
    predecessor_id: rows.map(row => row.before),
    since: rows.map(row => new Date(row.since).toISOString()),
    kind: rows.map(row => row.kind),
  }
}
