/** Order statistics without sorting, and sorting of single-precision floats by their bits. No chance: equal input, equal steps. */

/**
 * The k-th smallest of `values` (0-based), which are reordered: none before position k is larger, none after it smaller. Quickselect
 * with the median of three as pivot (Hoare 1961; Sedgewick 1978); a range that a hostile order keeps large is sorted instead (Musser
 * 1997). NaN has no order: leave it out before.
 */
export function selectNth(values: Float64Array | Float32Array, k: number): number {
  let low = 0
  let high = values.length - 1
  for (let rounds = 2 * Math.log2(values.length + 1); low < high; rounds--) {
    if (rounds <= 0) {
      values.subarray(low, high + 1).sort()
      break
    }
    const pivot = medianOfThree(values[low]!, values[(low + high) >>> 1]!, values[high]!)
    let i = low
    let j = high
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const held = values[i]!
      values[i++] = values[j]!
      values[j--] = held
    }
    if (k <= j) high = j
    else if (k >= i) low = i
    else break
  }
  return values[k]!
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS

/** Below this many values the tables of a radix sort cost more than comparing. */
const LEAST_FOR_RADIX = 1024

/** Sorts single-precision floats ascending, in place: by digits of their bits, several times faster than comparing. NaN is left out before. */
export function sortFloats(values: Float32Array): Float32Array {
  if (values.length < LEAST_FOR_RADIX) return values.sort()
  let from: Uint32Array = new Uint32Array(values.buffer, values.byteOffset, values.length)
  let to: Uint32Array = new Uint32Array(values.length)
  // Bits of floats order like integers once the sign is flipped, and of negative ones all bits.
  for (let i = 0; i < from.length; i++) from[i] = from[i]! ^ (from[i]! >>> 31 === 1 ? 0xffffffff : 0x80000000)
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    const next = starts(from, shift)
    for (let i = 0; i < from.length; i++) {
      const key = from[i]!
      const digit = (key >>> shift) & (DIGITS - 1)
      to[next[digit]!++] = key
    }
    ;[from, to] = [to, from]
  }
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < bits.length; i++) bits[i] = from[i]! ^ (from[i]! >>> 31 === 1 ? 0x80000000 : 0xffffffff)
  return values
}

/** Where the keys with each digit begin in the sorted order of that digit. */
function starts(keys: Uint32Array, shift: number): Uint32Array {
  const next = new Uint32Array(DIGITS)
  for (let i = 0; i < keys.length; i++) next[(keys[i]! >>> shift) & (DIGITS - 1)]!++
  let sum = 0
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = next[digit]!
    next[digit] = sum
    sum += count
  }
  return next
}
