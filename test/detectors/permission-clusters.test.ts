import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adjustedRandIndex } from '../../src/detectors/permission-clusters/adjusted-rand.ts'
import { leaveOneOutLoss, silhouette } from '../../src/detectors/permission-clusters/choose-clusters.ts'
import {
  decodePermissionClusters,
  encodePermissionClusters,
} from '../../src/detectors/permission-clusters/codec.ts'
import { expectedUse } from '../../src/detectors/permission-clusters/expected-use.ts'
import { fitPermissionClusters } from '../../src/detectors/permission-clusters/model.ts'
import type { UseTable } from '../../src/detectors/permission-clusters/use-table.ts'
import { scoreViolations } from '../../src/detectors/permission-clusters/violations.ts'
import { averagePrecision } from '../../src/lib/metrics.ts'
import { population, useTable, windowUse } from './permission-clusters.synthetic.ts'

/** Three readers, three writers and one token of neither kind. */
const small = useTable(
  {
    r1: { 'op:get': 20, 'op:list': 10 },
    r2: { 'op:get': 15, 'op:list': 2 },
    r3: { 'op:get': 9 },
    w1: { 'op:put': 20, 'op:delete': 3 },
    w2: { 'op:put': 12, 'op:delete': 1 },
    w3: { 'op:put': 5 },
    odd: { 'op:audit': 4 },
  },
  ['reader', 'reader', 'reader', 'writer', 'writer', 'writer', null],
)

/** The same table with its tokens in another order. */
function reorder(use: UseTable, order: number[]): UseTable {
  const rows: Record<string, Record<string, number>> = {}
  for (const t of order) {
    rows[use.tokens[t]!] = {}
    for (let e = use.offsets[t]!; e < use.offsets[t + 1]!; e++)
      rows[use.tokens[t]!]![use.items[use.item[e]!]!] = use.weight[e]!
  }
  return useTable(
    rows,
    order.map(t => use.groups?.[t] ?? null),
  )
}

describe('clusters', () => {
  test('planted roles are recovered, and the number of them is found', () => {
    const { use, role } = population({ tokens: 240, roles: 8, windows: 0, seed: 2 })
    const model = fitPermissionClusters(use)
    expect(model.report.clusters).toBe(8)
    const byName = new Map(model.use.tokens.map((token, t) => [token, model.cluster[t]!]))
    const found = Int32Array.from(use.tokens, token => byName.get(token)!)
    expect(adjustedRandIndex(found, Int32Array.from(role))).toBeGreaterThan(0.95)
    expect(model.report.stability).toBeGreaterThan(0.85)
  })

  test('without rounds the clusters are the same, and how steady they are is not said', () => {
    const { use } = population({ tokens: 120, roles: 5, windows: 0, seed: 4 })
    const [measured, plain] = [{}, { stabilityRounds: 0 }].map(options => fitPermissionClusters(use, options))
    expect(plain!.cluster).toEqual(measured!.cluster)
    expect(plain!.report.stability).toBeNaN()
    expect(plain!.report.tried.map(({ clusters, loss }) => [clusters, loss])).toEqual(
      measured!.report.tried.map(({ clusters, loss }) => [clusters, loss]),
    )
  })

  test('stability is low where there is nothing to find', () => {
    const { use } = population({ tokens: 150, roles: 1, windows: 0, seed: 5 })
    expect(fitPermissionClusters(use, { clusters: 6 }).report.stability).toBeLessThan(0.6)
  })

  test('the same seed gives the same bytes, whatever the order of the tokens', () => {
    const { use } = population({ tokens: 60, roles: 4, windows: 0, seed: 3 })
    const bytes = encodePermissionClusters(fitPermissionClusters(use, { seed: 7 }))
    expect(encodePermissionClusters(fitPermissionClusters(use, { seed: 7 }))).toEqual(bytes)
    const backwards = [...use.tokens.keys()].reverse()
    expect(encodePermissionClusters(fitPermissionClusters(reorder(use, backwards), { seed: 7 }))).toEqual(
      bytes,
    )
  })

  test('survives an empty table, a single token and a token without use', () => {
    expect(fitPermissionClusters(useTable({})).report.clusters).toBe(0)
    expect(fitPermissionClusters(useTable({ a: { x: 1 } })).report.clusters).toBe(1)
    const idle = fitPermissionClusters(useTable({ a: { x: 1 }, b: {} }))
    expect([...idle.cluster]).toEqual([0, -1])
    expect(expectedUse(idle, 'b', null)('x')).toBeGreaterThan(0)
  })

  test('a malformed table or an impossible option is named', () => {
    const faults: [Partial<UseTable>, RegExp][] = [
      [{ offsets: Uint32Array.from([0, 1]) }, /offsets has 2 entries, expected 8/],
      [{ weight: small.weight.map(() => 0) }, /weight 0 at entry 0/],
      [{ item: small.item.map(() => 99) }, /item 99 at entry 0 is beyond the 5 items/],
      [{ tokens: small.tokens.map(() => 'same') }, /token is listed twice/],
    ]
    for (const [fault, message] of faults)
      expect(() => fitPermissionClusters({ ...small, ...fault })).toThrow(message)
    expect(() => fitPermissionClusters(small, { restarts: 0 })).toThrow(/restarts/)
  })
})

describe('measures', () => {
  test('adjusted Rand index: equal 1, and the value of Hubert & Arabie worked by hand', () => {
    const a = Int32Array.from([0, 0, 1, 1])
    expect(adjustedRandIndex(a, Int32Array.from([5, 5, 2, 2]))).toBe(1)
    // Cells 1,1,1,1: 0 pairs together; expected 2 * 2 / 6, highest 2: (0 - 2/3) / (2 - 2/3) = -0.5.
    expect(adjustedRandIndex(a, Int32Array.from([0, 1, 0, 1]))).toBeCloseTo(-0.5, 12)
    // A weight of 2 is the row written twice.
    const twice = adjustedRandIndex(Int32Array.from([0, 0, 1]), Int32Array.from([0, 1, 1]), [2, 1, 1])
    expect(twice).toBeCloseTo(
      adjustedRandIndex(Int32Array.from([0, 0, 0, 1]), Int32Array.from([0, 0, 1, 1])),
      12,
    )
  })

  test('silhouette of two pairs on a line: 1, 2 and 11, 12', () => {
    const at = [1, 2, 11, 12]
    const distances = Float32Array.from(at.flatMap(a => at.map(b => Math.abs(a - b))))
    // Outer points: (10.5 - 1) / 10.5; inner points: (9.5 - 1) / 9.5.
    expect(silhouette(distances, Int32Array.from([0, 0, 1, 1]), 2)).toBeCloseTo(
      (9.5 / 10.5 + 8.5 / 9.5) / 2,
      6,
    )
  })

  test('the leave-one-out loss prefers the true partition to one cluster and to a crossed one', () => {
    const sets = Array.from({ length: 20 }, (_, s) => Uint32Array.from(s < 10 ? [0, 1] : [2, 3]))
    const loss = (cluster: number[], n: number) => leaveOneOutLoss(sets, 4, Int32Array.from(cluster), n)
    const truth = loss(
      sets.map((_, s) => (s < 10 ? 0 : 1)),
      2,
    )
    expect(truth).toBeLessThan(
      loss(
        sets.map(() => 0),
        1,
      ),
    )
    expect(truth).toBeLessThan(
      loss(
        sets.map((_, s) => s % 2),
        2,
      ),
    )
  })
})

describe('expected use', () => {
  const model = fitPermissionClusters(small, { clusters: 3 })

  test('own habit > peers’ habit > a foreign permission > one never seen', () => {
    const expected = expectedUse(model, 'r3', 'reader')
    expect(expected('op:get')).toBeGreaterThan(expected('op:list'))
    expect(expected('op:list')).toBeGreaterThan(2 * expected('op:delete'))
    expect(expected('op:delete')).toBeGreaterThan(expected('op:unheard'))
  })

  test('an unseen token has its role’s expectation, an unseen role everyone’s', () => {
    // Everyone: 2 users of 7 tokens, (2 + 0.5) / 8; readers: (2 + 5 * 0.3125) / (3 + 5).
    expect(expectedUse(model, 'new', null)('op:list')).toBeCloseTo(0.3125, 12)
    expect(expectedUse(model, 'new', 'auditor')('op:list')).toBeCloseTo(0.3125, 12)
    expect(expectedUse(model, 'new', 'reader')('op:list')).toBeCloseTo((2 + 5 * 0.3125) / 8, 12)
    expect(expectedUse(model, null, 'writer')('op:list')).toBeCloseTo((5 * 0.3125) / 8, 12)
  })

  test('is a probability strictly between 0 and 1, and never falls with more days of use', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (few, more) => {
        const [low, high] = few < more ? [few, more] : [more, few]
        const at = (days: number) => {
          const use = { ...useTable({ a: { x: days, y: 300 }, b: { y: 2 }, c: { z: 1 } }) }
          return expectedUse(fitPermissionClusters(use, { clusters: 2, stabilityRounds: 1 }), 'a', null)('x')
        }
        const [p, q] = [at(low), at(high)]
        return p > 0 && q < 1 && p <= q + 1e-12
      }),
      { numRuns: 30 },
    )
  })
})

describe('violations', () => {
  const model = fitPermissionClusters(small, { clusters: 3 })
  const score = (...rows: Parameters<typeof windowUse>[0]) => scoreViolations(model, windowUse(rows))

  test('a foreign permission is the worst item; the share of the cluster that uses it is told', () => {
    const windows = windowUse([{ token: 'r1', items: ['op:get', 'op:delete'] }])
    const { surprise, worst, clusterShare } = scoreViolations(model, windows)
    expect(windows.items[worst[0]!]).toBe('op:delete')
    expect(clusterShare[0]).toBe(0)
    expect(surprise[0]).toBeCloseTo(-Math.log(expectedUse(model, 'r1', null)('op:delete')) - 1, 12)
  })

  test('expected use scores nothing', () => {
    const { surprise, worst, clusterShare } = score({ token: 'r1', items: ['op:get', 'op:list'] })
    expect([surprise[0], worst[0], clusterShare[0]]).toEqual([0, -1, Number.NaN])
  })

  test('repeating an item, or asking for it often, adds nothing', () => {
    const once = score({ token: 'r1', items: ['op:put'] })
    const often = windowUse([{ token: 'r1', items: ['op:put', 'op:put'] }])
    expect(scoreViolations(model, { ...often, n: [1000, 3] }).surprise).toEqual(once.surprise)
    expect(scoreViolations(model, { ...often, n: [0, 0] }).surprise[0]).toBe(0)
  })

  test('items nobody ever used are kept apart', () => {
    const { surprise, unknownItems, unknownSurprise, worst } = score({
      token: 'r1',
      items: ['op:new', 'op:get'],
    })
    expect([surprise[0], unknownItems[0], worst[0]]).toEqual([0, 1, -1])
    expect(unknownSurprise[0]).toBeGreaterThan(1)
  })

  test('planted violations rank far above what popularity of the permission alone would give', () => {
    const { use, windows, violation } = population({ tokens: 150, roles: 6, windows: 4000, seed: 11 })
    const { surprise } = scoreViolations(
      fitPermissionClusters({ ...use, groups: use.tokens.map(() => null) }),
      windows,
    )
    const users = new Map(use.items.map(item => [item, 0]))
    for (const i of use.item) users.set(use.items[i]!, users.get(use.items[i]!)! + 1)
    const rarity = Float64Array.from(windows.token, (_, w) => {
      let sum = 0
      for (let e = windows.offsets[w]!; e < windows.offsets[w + 1]!; e++)
        sum -= Math.log(((users.get(windows.items[windows.item[e]!]!) ?? 0) + 0.5) / (use.tokens.length + 1))
      return sum
    })
    expect(averagePrecision(surprise, violation)).toBeGreaterThan(0.9)
    expect(averagePrecision(rarity, violation)).toBeLessThan(0.3)
  })
})

describe('artefact', () => {
  test('a round trip gives the same model and the same bytes', () => {
    const { use, windows } = population({ tokens: 40, roles: 3, windows: 200, seed: 4 })
    const model = fitPermissionClusters(use)
    const bytes = encodePermissionClusters(model)
    const again = decodePermissionClusters(bytes)
    expect(again).toEqual(model)
    expect(encodePermissionClusters(again)).toEqual(bytes)
    expect(scoreViolations(again, windows)).toEqual(scoreViolations(model, windows))
  })

  test('a flipped byte is refused', () => {
    const bytes = encodePermissionClusters(fitPermissionClusters(small))
    bytes[bytes.length - 50]! ^= 1
    expect(() => decodePermissionClusters(bytes)).toThrow(/checksum/)
  })
})
