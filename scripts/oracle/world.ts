import type { Rulings } from '../../src/features/features.ts'
import type { Random } from '../../src/lib/random.ts'
import { addEvents, type TinyEvent, type TinyWorld } from '../../test/activity/tiny-world.ts'

/** A log that holds something hard, from which goldens are made. */
export interface OracleWorld {
  /** Name of its folder below test/golden/features. */
  readonly name: string
  /** Puts the event files into the empty workspace. */
  readonly write: (world: TinyWorld, random: Random) => Promise<void>
  /** @default none */
  readonly rulings?: Rulings
  /** Whether its counts are frozen, too. @default false */
  readonly hasCounts?: boolean
}

/** Writes events as one file a day. Their ids are drawn, so that their order is not that of time. */
export async function writeEvents(
  world: TinyWorld,
  events: readonly TinyEvent[],
  random: Random,
): Promise<void> {
  await addEvents(world, withIds(events, random))
}

/** Events that bear an id already keep it. */
export function withIds(events: readonly TinyEvent[], random: Random): TinyEvent[] {
  const own = random.fork('ids')
  const hex = () =>
    own
      .int(2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return events.map(event => ({ event_id: `${hex()}${hex()}`, ...event }))
}
