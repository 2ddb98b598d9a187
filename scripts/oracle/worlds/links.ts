import type { LinkDecision } from '../../../src/state/lineage.ts'
import { DAY_MS, HOUR_MS, type TinyEvent } from '../../../test/activity/tiny-world.ts'
import { dateOf, daysFrom, habit, sitting, timeOf, traffic } from '../habit.ts'
import { client, place } from '../product.ts'
import { type OracleWorld, writeEvents } from '../world.ts'

const DAYS = daysFrom('2026-04-06', 14)
const TENANT = 'relay'
const at = (day: number, hour = 0) => DAYS[0]! + day * DAY_MS + hour * HOUR_MS

/** Tokens that take over from one another, by the family that they belong to: [token, from when on]. */
const SUCCESSIONS: Readonly<Record<string, readonly (readonly [token: string, from: number])[]>> = {
  plain: [['plain/2', at(5, 13)]],
  chain: [
    ['chain/2', at(4, 10)],
    ['chain/3', at(9)],
  ],
  // A chain within one day: the middle one is known by its hours of that day alone.
  quick: [
    ['quick/2', at(7, 8)],
    ['quick/3', at(7, 13)],
  ],
  last: [['last/2', at(13)]],
  apart: [['apart/2', at(6)]],
  other: [['other/2', at(6)]],
  held: [['held/2', at(7)]],
  short: [['short/2', at(1)]],
}

function decision(
  tokenId: string,
  predecessorId: string,
  isLinked: boolean,
  since: number,
  tenantId = TENANT,
): LinkDecision {
  const known = { because: 'known to the team', owner: 'ana', at: new Date(at(13)) }
  return { tenantId, tokenId, predecessorId, isLinked, since: new Date(since), ...known }
}

/** Rotations found, withdrawn, stated, denied and held back; their tokens share peers, networks and objects with others. */
export const links: OracleWorld = {
  name: 'links',
  hasCounts: true,
  rulings: {
    links: [
      decision('apart/2', 'apart', false, at(6)),
      decision('other/2', 'bystander/0', true, at(6)),
      decision('stranger/2', 'stranger/1', true, at(5)),
      // Never seen in this tenant.
      decision('plain/2', 'ghost', true, at(8), 'elsewhere'),
    ],
    held: [
      { tenantId: TENANT, tokenId: 'held/2', day: dateOf(at(7)), until: dateOf(at(9)) },
      { tenantId: TENANT, tokenId: 'chain/2', day: dateOf(at(6)), until: dateOf(at(11)) },
    ],
  },
  async write(world, random) {
    const family = (name: string, n: number) =>
      habit(TENANT, name, n, {
        who: { role: 'job' },
        // Two families in one network, so that lineages share values.
        places: [place('DE', 40 + (n >> 1)), place('DE', 60 + n)],
        clients: [client('go-http', '1.21')],
        hours: [7, 8, 9, 10, 12, 14, 16],
        presence: 0.7,
        pace: 3,
        weekend: 0.9,
      })
    const rotated = Object.entries(SUCCESSIONS).flatMap(([name, cuts], n) =>
      traffic({ ...family(name, n), presence: name === 'quick' ? 1 : 0.7 }, DAYS, random).map(event =>
        renamed(event, cuts),
      ),
    )
    const events = [...rotated, ...parallel(), ...rivals(), ...idle(), ...strangers()]
    await writeEvents(world, events, random)

    /** Predecessors that go on: the day after, and within the hours of grace but in three of them. */
    function parallel(): TinyEvent[] {
      const [one, two] = [family('goes-on', 20), family('lingers', 21)]
      const heir = (of: typeof one, token: string) => ({ ...of, who: { ...of.who, token_id: token } })
      return [
        ...traffic(one, DAYS, random),
        ...traffic({ ...heir(one, 'goes-on/2'), hours: [6, 9, 13] }, DAYS.slice(5), random),
        ...traffic(two, DAYS.slice(0, 6), random),
        ...sitting(heir(two, 'lingers/2'), at(6, 6), 5, random.fork('heir')),
        ...[7, 8, 9, 10].flatMap(hour => sitting(two, at(6, hour), 2, random.fork('lingers', hour))),
        ...traffic(heir(two, 'lingers/2'), DAYS.slice(7), random),
      ]
    }

    /** Two newcomers for one predecessor: in different hours, and in the same one. */
    function rivals(): TinyEvent[] {
      return [
        { name: 'rival', hours: [8, 10] },
        { name: 'twin', hours: [9, 9] },
      ].flatMap(({ name, hours }, n) => {
        const first = family(name, 30 + n)
        const heir = (i: number) => ({
          ...first,
          who: { ...first.who, token_id: `${name}/${i}` },
          hours: [hours[i]!, 12, 15],
          presence: 1,
        })
        return [
          ...traffic(first, DAYS.slice(0, 6), random),
          ...[0, 1].flatMap(i => traffic(heir(i), DAYS.slice(6, 11), random)),
        ]
      })
    }

    /** Silent for days before the next comes: the longer, the less it is taken for a rotation. */
    function idle(): TinyEvent[] {
      return [2, 5, 9].flatMap(days => {
        const first = family(`idle-${days}`, 50 + days)
        const next = { ...first, who: { ...first.who, token_id: `idle-${days}/2` }, pace: 6 }
        return [...traffic(first, DAYS.slice(0, 4), random), ...traffic(next, DAYS.slice(4 + days), random)]
      })
    }

    /** Peers without kin, two that only people know to be one, and a newcomer of another role. */
    function strangers(): TinyEvent[] {
      const promoted = family('promoted', 70)
      return [
        ...[0, 1].flatMap(n => traffic(family(`bystander/${n}`, n), DAYS, random)),
        ...traffic(family('stranger/1', 72), DAYS.slice(0, 5), random),
        ...traffic(family('stranger/2', 73), DAYS.slice(5), random),
        ...traffic(promoted, DAYS.slice(0, 6), random),
        ...traffic(
          { ...promoted, who: { ...promoted.who, token_id: 'promoted/2', role: 'admin' } },
          DAYS.slice(6),
          random,
        ),
      ]
    }
  },
}

/** The event under the name of the last token that had begun by then. */
function renamed(event: TinyEvent, cuts: readonly (readonly [string, number])[]): TinyEvent {
  const current = cuts.findLast(([, from]) => timeOf(event) >= from)
  return current === undefined ? event : { ...event, token_id: current[0] }
}
