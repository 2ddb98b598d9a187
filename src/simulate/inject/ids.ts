import type { Random } from '../../lib/random.ts'

/** Makes ids in the manner of others: `before` and `after` are the ids of the neighbours in time. */
export interface IdMaker {
  /** Whether ids of this log rise with time. */
  readonly rises: boolean
  /** True once an id had to break the rise since its neighbours leave no room. */
  readonly crowded: () => boolean
  make(before: string | undefined, after: string | undefined): string
}

/** Draws before giving up on an id that is free and lies between its neighbours. */
const TRIES = 64
/** Share of neighbours that must rise for ids to be taken for rising: chance gives a half, bulk loads break some. */
const RISING = 0.95

/**
 * Learns the shape of a log's ids from a sample in time order: which lengths, which characters at which place (so that
 * prefixes, dashes and version digits stay), and whether they rise with time (sequences, ULIDs). `taken` holds ids that are in use;
 * made ones are added to it.
 */
export function createIdMaker(sample: readonly string[], taken: Set<string>, random: Random): IdMaker {
  const lengths = sample.map(id => id.length)
  const isNumeric = sample.every(id => /^\d{1,30}$/.test(id))
  const compare = (a: string, b: string) =>
    isNumeric ? a.length - b.length || (a < b ? -1 : a > b ? 1 : 0) : a < b ? -1 : a > b ? 1 : 0
  let rising = 0
  for (let i = 1; i < sample.length; i++) if (compare(sample[i - 1]!, sample[i]!) < 0) rising++
  const rises = sample.length > 2 && rising >= RISING * (sample.length - 1)
  const alphabets = alphabetsByLength(sample)
  let crowded = false
  const free = (id: string) => !taken.has(id)
  const shaped = (length: number, keep: string) => {
    const alphabet = alphabets.get(length)!
    let out = keep
    for (let i = keep.length; i < length; i++) out += random.pick(alphabet[i]!)
    return out
  }
  function any(): string {
    for (;;) {
      for (let i = 0; i < TRIES; i++) {
        const id = shaped(random.pick(lengths), '')
        if (free(id)) return id
      }
      // The shape is used up: one place more, as a sequence would take.
      const length = Math.max(...alphabets.keys()) + 1
      const last = alphabets.get(length - 1)!
      alphabets.set(length, [...last, last.at(-1) ?? ['0']])
      lengths.push(length)
    }
  }
  function between(before: string | undefined, after: string | undefined): string | null {
    if (isNumeric) {
      const low = before === undefined ? 0n : BigInt(before) + 1n
      const high = after === undefined ? low + 1000n : BigInt(after)
      for (let i = 0; i < TRIES && low < high; i++) {
        const span = high - low > 0xffff_ffffn ? 0xffff_ffff : Number(high - low)
        const id = String(low + BigInt(random.int(span)))
        if (free(id)) return id
      }
      return null
    }
    const near = before ?? after!
    if (!alphabets.has(near.length)) return null
    // From what both neighbours begin with, then ever more of the nearer one's beginning, until one fits between.
    for (let keep = sharedPrefix(near, after ?? near); keep < near.length; keep++) {
      for (let i = 0; i < 4; i++) {
        const id = shaped(near.length, near.slice(0, keep))
        const fits = (before === undefined || id > before) && (after === undefined || id < after)
        if (fits && free(id)) return id
      }
    }
    return null
  }
  return {
    rises,
    crowded: () => crowded,
    make(before, after) {
      let id = rises && (before ?? after) !== undefined ? between(before, after) : null
      if (id === null) {
        crowded ||= rises
        id = any()
      }
      taken.add(id)
      return id
    },
  }
}

/** Characters that both begin with; none when they are the same text, since then there is only one neighbour. */
function sharedPrefix(a: string, b: string): number {
  if (a === b) return 0
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  return i
}

/** By length of id: the characters seen at each place. */
function alphabetsByLength(sample: readonly string[]): Map<number, string[][]> {
  const seen = new Map<number, Set<string>[]>()
  for (const id of sample) {
    let places = seen.get(id.length)
    if (places === undefined) {
      places = Array.from({ length: id.length }, () => new Set<string>())
      seen.set(id.length, places)
    }
    for (let i = 0; i < id.length; i++) places[i]!.add(id[i]!)
  }
  // Sorted, so that the order of the sample changes nothing.
  return new Map([...seen].map(([length, places]) => [length, places.map(set => [...set].sort())]))
}
