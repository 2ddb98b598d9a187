/**
 * Seeded randomness that can be forked: `random.fork('tree', 7)` depends on the seed and the labels alone, never on how
 * much was drawn before, so order and parallelism change nothing.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number
  /** Uniform integer in [0, n); n >= 1. */
  int(n: number): number
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number
  /** True with probability p. */
  chance(p: number): boolean
  normal(mean?: number, sd?: number): number
  /** Mean 1 / rate. */
  exponential(rate: number): number
  /** Counts with the given mean, >= 0. */
  poisson(mean: number): number
  pick<T>(items: ArrayLike<T>): T
  /** Index drawn in proportion to non-negative weights with a positive sum. */
  weighted(weights: ArrayLike<number>): number
  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T
  fork(...labels: (string | number)[]): Random
}

/** FNV-1a over UTF-16 code units, 32 bits: turns a label into stream state. */
function hashLabel(state: number, label: string | number): number {
  const text = typeof label === 'number' ? `#${label}` : label
  let hash = (state ^ 0x811c9dc5) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return mix(hash)
}

/** The finaliser of MurmurHash3 (fmix32): every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A generator for the given seed: sfc32 (Chris Doty-Humphrey's PractRand), 12 rounds of warm-up. */
export function createRandom(seed: number): Random {
  const root = mix((seed >>> 0) ^ Math.floor(seed / 2 ** 32))
  let a = root
  let b = mix(root ^ 0x9e3779b9)
  let c = mix(root ^ 0x7f4a7c15)
  let counter = 1

  function next32(): number {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) next32()

  const next = () => next32() / 4294967296
  const normal = (mean = 0, sd = 1) => {
    // Box-Muller; 1 - u keeps the logarithm finite.
    const radius = Math.sqrt(-2 * Math.log(1 - next()))
    return mean + sd * radius * Math.cos(2 * Math.PI * next())
  }

  const random: Random = {
    next,
    int: n => Math.floor(next() * n),
    uniform: (low, high) => low + (high - low) * next(),
    chance: p => next() < p,
    normal,
    exponential: rate => -Math.log(1 - next()) / rate,
    poisson(mean) {
      if (mean <= 0) return 0
      // Above 60 the normal approximation is within 1 % of every quantile we draw, and Knuth's product underflows later.
      if (mean > 60) return Math.max(0, Math.round(normal(mean, Math.sqrt(mean))))
      const limit = Math.exp(-mean)
      let product = next()
      let count = 0
      while (product > limit) {
        product *= next()
        count++
      }
      return count
    },
    pick: items => items[Math.floor(next() * items.length)]!,
    weighted(weights) {
      let total = 0
      for (let i = 0; i < weights.length; i++) total += weights[i]!
      let left = next() * total
      for (let i = 0; i < weights.length; i++) {
        left -= weights[i]!
        if (left < 0) return i
      }
      return weights.length - 1
    },
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1))
        const held = items[i]
        ;(items as { [index: number]: unknown })[i] = items[j]
        ;(items as { [index: number]: unknown })[j] = held
      }
      return items
    },
    fork(...labels) {
      let state = root
      for (const label of labels) state = hashLabel(state, label)
      // A second word from the other end keeps forks of near seeds apart: 53 bits of seed.
      const high = mix(state ^ 0x5bd1e995) & 0x1fffff
      return createRandom(high * 2 ** 32 + state)
    },
  }
  return random
}
