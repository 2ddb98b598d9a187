import type { Bytes } from './bytes.ts'

/** Values that a group of packed bits holds, and the shortest run that is not packed. */
const GROUP = 8

/**
 * Appends the first `count` numbers in Parquet's hybrid of runs and packed bits (encoding RLE): eight equal numbers or more as one run,
 * others in groups of eight, `width` bits each. The last group may reach beyond the end; readers know how many numbers there are.
 *
 * @param width bits a number, 1 to 24
 */
export function writeRuns(out: Bytes, numbers: Int32Array | Uint8Array, count: number, width: number): void {
  let packedFrom = 0
  let at = 0
  while (at < count) {
    const value = numbers[at]!
    let end = at + 1
    while (end < count && numbers[end] === value) end++
    if (end - at < GROUP) {
      at += GROUP
      continue
    }
    packGroups(out, numbers, packedFrom, at, count, width)
    out.varint((end - at) * 2)
    for (let shift = 0; shift < width; shift += 8) out.byte((value >>> shift) & 255)
    at = end
    packedFrom = end
  }
  packGroups(out, numbers, packedFrom, at, count, width)
}

function packGroups(
  out: Bytes,
  numbers: Int32Array | Uint8Array,
  from: number,
  to: number,
  count: number,
  width: number,
): void {
  if (to === from) return
  out.varint(((to - from) / GROUP) * 2 + 1)
  let bits = 0
  let held = 0
  for (let i = from; i < to; i++) {
    if (i < count) bits |= numbers[i]! << held
    held += width
    while (held >= 8) {
      out.byte(bits & 255)
      bits >>>= 8
      held -= 8
    }
  }
}
