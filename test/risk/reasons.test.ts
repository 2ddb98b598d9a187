import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EVIDENCE, FEATURES } from '../../src/features/catalogue.ts'
import { type ReasonSource, writeReasons } from '../../src/risk/reasons.ts'

const source = (feature: string, weight: number, facts: ReasonSource['facts'] = {}): ReasonSource => ({
  detector: 'rate',
  feature,
  weight,
  facts,
})

/** A token-hour in which every feature and every evidence column has some value. */
const FULL_FACTS: ReasonSource['facts'] = Object.fromEntries([
  ...FEATURES.map(({ name }) => [name, 2.5]),
  ...EVIDENCE.map(({ name, type }) => [name, type === 'VARCHAR' ? 'something' : 1234.5]),
])
const EMPTY_FACTS: ReasonSource['facts'] = Object.fromEntries(
  Object.keys(FULL_FACTS).map(name => [name, null]),
)

describe('texts', () => {
  test('of a metric name actual and typical', () => {
    const [reason] = writeReasons(
      [source('requests_tail', 1, { requests_actual: 1_234_567, requests_typical: 12 })],
      5,
    )
    expect(reason).toMatchObject({ code: 'unusual_requests', actual: 1_234_567, typical: 12, frame: 'self' })
    expect(reason!.text).toBe('Requests in the hour: 1.2 M; usually about 12')
  })

  test('of a value name it and who else uses it', () => {
    const facts = { net_worst: '203.0.113.0/24', net_worst_peers: 0 }
    expect(writeReasons([source('net_surprise', 1, facts)], 5)[0]).toMatchObject({
      code: 'unusual_net',
      actual: '203.0.113.0/24',
      typical: 'never seen',
      frame: 'peer',
      text: 'Network "203.0.113.0/24" is unknown to the token and its peers',
    })
    expect(writeReasons([source('net_surprise', 1, { ...facts, net_worst_peers: 1 })], 5)[0]!.text).toBe(
      'Network "203.0.113.0/24" is used by 1 peer, rare for this token',
    )
  })

  test('undo the logarithms of features that are logarithms', () => {
    const text = (feature: string, value: number) =>
      writeReasons([source(feature, 1, { [feature]: value })], 5)[0]!.text
    expect(text('out_of_grant', Math.log1p(7))).toContain('7 requests need a scope')
    expect(text('denied_sensitive', Math.log1p(3))).toContain('3 sensitive operations were denied')
    expect(text('address_tokens', Math.log(40))).toContain('40 tokens used the same address')
    expect(text('denied_share', 0.25)).toContain('25 % of the requests were denied')
  })

  test.each(FEATURES.map(feature => feature.name))('%s gives a sentence, with facts and without', name => {
    for (const facts of [FULL_FACTS, EMPTY_FACTS, {}]) {
      const reasons = writeReasons([source(name, 1, facts)], 5)
      expect(reasons).toHaveLength(1)
      const { text, code, actual, typical } = reasons[0]!
      expect(text).not.toMatch(/undefined|NaN|null|Infinity|\s{2}|^\s|\s$/)
      expect(text.length).toBeGreaterThan(10)
      expect(code).toMatch(/^[a-z][a-z0-9_]*$/)
      for (const value of [actual, typical]) expect(value).not.toBeNaN()
      expect(JSON.parse(JSON.stringify(reasons))).toEqual(reasons)
    }
  })
})

describe('contributions', () => {
  const sources = fc.array(
    fc.record({
      feature: fc.constantFrom(...FEATURES.map(feature => feature.name)),
      weight: fc.double({ min: 0, max: 20, noNaN: true }),
    }),
    { maxLength: 20 },
  )

  test('one reason a code, strongest first, together at most the whole score', () => {
    fc.assert(
      fc.property(sources, fc.integer({ min: 1, max: 8 }), (list, limit) => {
        const reasons = writeReasons(
          list.map(({ feature, weight }) => source(feature, weight, FULL_FACTS)),
          limit,
        )
        expect(reasons.length).toBeLessThanOrEqual(limit)
        expect(new Set(reasons.map(reason => reason.code)).size).toBe(reasons.length)
        const shares = reasons.map(reason => reason.contribution)
        expect(shares).toEqual(shares.toSorted((a, b) => b - a))
        // Each share is rounded to three digits.
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1 + 0.0005 * shares.length)
        for (const share of shares) expect(share).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('sources of one code add up, and can overtake a stronger single one', () => {
    const facts = { requests_actual: 9, requests_typical: 1, asn_worst: '64500', asn_worst_peers: 0 }
    const reasons = writeReasons(
      [
        source('asn_surprise', 4, facts),
        source('requests_tail', 3, facts),
        source('requests_excess', 3, facts),
      ],
      1,
    )
    expect(reasons.map(({ code, contribution }) => [code, contribution])).toEqual([['unusual_requests', 0.6]])
  })

  test('no weight, no reason', () => {
    expect(writeReasons([source('asn_surprise', 0), source('requests_tail', Number.NaN)], 5)).toEqual([])
    expect(writeReasons([], 5)).toEqual([])
  })
})
