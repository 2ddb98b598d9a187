import type { Entities } from '../values.ts'
import type { Link } from './links.ts'

/** Who reads whose past on a day. Tokens without links read their own, and are not in here. */
export interface Descent {
  /** Tokens whose past a token reads, for tokens with links. */
  readonly membersOf: ReadonlyMap<number, readonly number[]>
  /** Tokens that read the past of a token with links. */
  readonly readersOf: ReadonlyMap<number, readonly number[]>
  /** Tokens whose past counts elsewhere already, so that groups count each past once, and as it was known when the day began. */
  readonly borrowers: ReadonlySet<number>
}

/** An heir of a token, and whether every link on the way was known when the day began. */
interface Heir {
  readonly token: number
  readonly isOld: boolean
}

/**
 * Who reads the past of whom: of every lineage its newest token when the day began, and those of its tokens that are in use today.
 *
 * @param midnight milliseconds since the epoch
 */
export function descentOf(
  links: readonly Link[],
  midnight: number,
  isActive: (token: number) => boolean,
  entities: Entities,
): Descent {
  const linked = new Set(links.flatMap(link => [link.token, link.previous]))
  const sinceOf = (token: number) =>
    Math.max(Number.NEGATIVE_INFINITY, ...links.filter(link => link.token === token).map(link => link.since))
  const membersOf = new Map<number, number[]>()
  const readersOf = new Map<number, number[]>()
  const borrowers = new Set(links.filter(link => link.since >= midnight).map(link => link.token))
  for (const token of linked) {
    const heirs = heirsOf(token, links, midnight)
    const newest = heirs
      .filter(heir => heir.isOld)
      .map(heir => ({ token: heir.token, since: sinceOf(heir.token) }))
      .reduce((a, b) =>
        b.since > a.since || (b.since === a.since && entities.compareTokens(b.token, a.token) < 0) ? b : a,
      )
    if (newest.token !== token) borrowers.add(token)
    for (const heir of new Set(heirs.map(one => one.token))) {
      if (!isActive(heir) && heir !== newest.token) continue
      membersOf.set(heir, [...(membersOf.get(heir) ?? []), token])
      readersOf.set(token, [...(readersOf.get(token) ?? []), heir])
    }
  }
  return { membersOf, readersOf, borrowers }
}

/** The token itself and whoever follows it, over any number of links. */
function heirsOf(token: number, links: readonly Link[], midnight: number): Heir[] {
  const heirs: Heir[] = [{ token, isOld: true }]
  for (let i = 0; i < heirs.length; i++) {
    const { token: at, isOld } = heirs[i]!
    for (const link of links) {
      if (link.previous !== at) continue
      const next = { token: link.token, isOld: isOld && link.since < midnight }
      if (!heirs.some(heir => heir.token === next.token && heir.isOld === next.isOld)) heirs.push(next)
    }
  }
  return heirs
}
