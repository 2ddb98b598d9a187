/** A set of small whole numbers, one bit each; two sets that meet in an operation have the same length. */
export type BitSet = Uint32Array

/** The empty set with room for 0 .. size - 1. */
export function emptySet(size: number): BitSet {
  return new Uint32Array((size + 31) >>> 5)
}

/** The set of all of 0 .. size - 1. */
export function fullSet(size: number): BitSet {
  const set = emptySet(size).fill(0xffffffff)
  if (size % 32 > 0) set[set.length - 1] = 2 ** (size % 32) - 1
  return set
}

export function toBitSet(members: Iterable<number>, size: number): BitSet {
  const set = emptySet(size)
  for (const member of members) set[member >>> 5]! |= 1 << (member & 31)
  return set
}

export function has(set: BitSet, member: number): boolean {
  return ((set[member >>> 5]! >>> (member & 31)) & 1) === 1
}

/** The members, ascending. */
export function membersOf(set: BitSet): number[] {
  const members: number[] = []
  for (let w = 0; w < set.length; w++) {
    // Lowest bit first, each cleared once read.
    for (let word = set[w]!; word !== 0; word &= word - 1)
      members.push(32 * w + 31 - Math.clz32(word & -word))
  }
  return members
}

export function isEmpty(set: BitSet): boolean {
  for (let w = 0; w < set.length; w++) if (set[w] !== 0) return false
  return true
}

export function isSubset(inner: BitSet, outer: BitSet): boolean {
  for (let w = 0; w < inner.length; w++) if ((inner[w]! & ~outer[w]!) !== 0) return false
  return true
}

export function isEqual(a: BitSet, b: BitSet): boolean {
  for (let w = 0; w < a.length; w++) if (a[w] !== b[w]) return false
  return true
}

/** How many members both have, without building the intersection. */
export function sharedCount(a: BitSet, b: BitSet): number {
  let count = 0
  for (let w = 0; w < a.length; w++) count += bitsOf(a[w]! & b[w]!)
  return count
}

/** Keeps in `set` what `other` has, too. */
export function keepShared(set: BitSet, other: BitSet): void {
  for (let w = 0; w < set.length; w++) set[w]! &= other[w]!
}

/** Takes out of `set` what `other` has. */
export function removeShared(set: BitSet, other: BitSet): void {
  for (let w = 0; w < set.length; w++) set[w]! &= ~other[w]!
}

/** Bits set in a word of 32, in parallel (Warren 2013, section 5-1). */
function bitsOf(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return (((x + (x >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}
