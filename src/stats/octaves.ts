/** Bins of a histogram of non-negative numbers: quarter octaves of 1 + x, so bin 0 is zero and a bin is 19 % wide. */
export const OCTAVE_BINS = 256

/** Most counts are small: their bins are looked up. */
const SMALL = Uint8Array.from({ length: 4096 }, (_, x) => Math.floor(4 * Math.log2(1 + x)))

/**
 * Bin of a number of at least zero, 0 to 255; 2^64 and above share the last.
 *
 * @example octaveOf(0) // 0
 * @example octaveOf(3) // 8: log2(4) = 2 octaves
 */
export function octaveOf(x: number): number {
  if (x < 4096 && (x | 0) === x) return SMALL[x]!
  return Math.min(OCTAVE_BINS - 1, Math.floor(4 * Math.log2(1 + x)))
}

/** Lower edge of each bin: what a reader is told as typical. */
export const OCTAVE_EDGES = Float64Array.from({ length: OCTAVE_BINS }, (_, bin) => 2 ** (bin / 4) - 1)
