/** The finaliser of MurmurHash3 (fmix32): every input bit reaches every output bit. */
export function mix32(value: number): number {
  let h = value >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/**
 * A uint32 that depends on its inputs alone. The world's slow facts (which object lies in slot 7 of a working set this
 * week, which address a lease gives) come from here, so that they need no memory and no order of drawing.
 */
export function hash(a: number, b = 0, c = 0, d = 0): number {
  let h = mix32(a ^ 0x9e3779b9)
  h = mix32(h ^ Math.imul(b + 0x7f4a7c15, 0x85ebca6b))
  h = mix32(h ^ Math.imul(c + 0x165667b1, 0xc2b2ae35))
  return mix32(h ^ Math.imul(d + 0x27d4eb2f, 0x9e3779b1))
}

/** {@link hash} as a number in [0, 1). */
export function unit(a: number, b = 0, c = 0, d = 0): number {
  return hash(a, b, c, d) / 4294967296
}

/** FNV-1a over UTF-16 code units, finalised. */
export function hashText(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0
  return mix32(h)
}
