import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SIGNALS } from '../../src/detectors/signals/catalogue.ts'
import { EVIDENCE, FEATURES } from '../../src/features/catalogue.ts'
import { familyOf } from '../../src/risk/causes.ts'
import { factCode, tellFact } from '../../src/risk/fact-words.ts'
import { type ReasonSource, writeReasons } from '../../src/risk/reasons.ts'

const source = (
  feature: string,
  weight: number,
  facts: ReasonSource['facts'] = {},
  detector = 'rate',
): ReasonSource => ({ detector, feature, weight, facts })
const textOf = (feature: string, facts: ReasonSource['facts']) => tellFact(feature, facts).text

/** A token-hour in which every feature and every evidence column has some value. */
const FULL_FACTS: ReasonSource['facts'] = Object.fromEntries([
  ...FEATURES.map(({ name }) => [name, 2.5]),
  ...EVIDENCE.map(({ name, type }, i) => [name, type === 'VARCHAR' ? 'something' : 1234.5 + i]),
  ['hour', '03:00 UTC'],
  ['weekday', 'Sunday'],
  ['role', 'analyst'],
  ['item', 'op:files.delete'],
])
const EMPTY_FACTS: ReasonSource['facts'] = Object.fromEntries(
  Object.keys(FULL_FACTS).map(name => [name, null]),
)

describe('texts', () => {
  test('of a metric name actual, whole and typical', () => {
    expect(tellFact('requests_tail', { requests_actual: 1_234_567, requests_typical: 12 })).toMatchObject({
      code: 'unusual_requests',
      actual: 1_234_567,
      typical: 12,
      unit: null,
      frame: 'self',
      text: '1.2 M requests in the hour; usually about 12',
    })
    expect(textOf('denied_excess', { denied_actual: 38, denied_typical: 0, requests_actual: 175 })).toBe(
      '38 of 175 requests were denied (401, 403); usually none',
    )
  })

  test('have the unit that a person thinks in', () => {
    expect(
      textOf('response_bytes_tail', { response_bytes_actual: 99.5e6, response_bytes_typical: 46_300 }),
    ).toBe('99.5 MB sent back in the hour; usually about 46.3 kB')
    expect(textOf('gap_tail', { gap_actual: 24 * 21, gap_typical: 1.83 })).toBe(
      'Back after 21 days without use; usually about 1.8 hours',
    )
    expect(textOf('latency_tail', { latency_actual: 2300, latency_typical: 40 })).toBe(
      '2.3 s mean latency; usually about 40 ms',
    )
  })

  test('compare a token without twelve hours of history with its role, and with its tenant where no role is known', () => {
    const facts = { requests_actual: 90, requests_typical: 4, active_hours: Math.log1p(5) }
    expect(tellFact('requests_tail', { ...facts, role: 'analyst' })).toMatchObject({
      frame: 'peer',
      text: '90 requests in the hour; usually about 4 in its role',
    })
    expect(tellFact('requests_tail', { ...facts, role: null })).toMatchObject({
      frame: 'tenant',
      text: '90 requests in the hour; usually about 4 in its tenant',
    })
    expect(tellFact('requests_tail', { ...facts, active_hours: Math.log1p(12) }).frame).toBe('self')
  })

  test('of a value name it and who else uses it', () => {
    const facts = { net_worst: '203.0.113.0/24', net_worst_peers: 0, net_surprise: 6, role: 'analyst' }
    expect(tellFact('net_surprise', facts)).toMatchObject({
      code: 'unusual_net',
      actual: '203.0.113.0/24',
      typical: 'never seen',
      frame: 'peer',
      text: 'Network "203.0.113.0/24" was never seen before from this token or any of its role',
    })
    expect(tellFact('net_surprise', { ...facts, net_worst_peers: 1 })).toMatchObject({
      frame: 'self',
      text: 'Network "203.0.113.0/24" is rare for this token; 1 token of its role has used it',
    })
    // One nat: used on a third of its days. Nobody would call that rare.
    expect(textOf('net_surprise', { ...facts, net_worst_peers: 3, net_surprise: 1 })).toBe(
      'Network "203.0.113.0/24" is not one that this token uses every day',
    )
  })

  test('undo the logarithms of features that are logarithms', () => {
    const text = (feature: string, value: number) => textOf(feature, { [feature]: value })
    expect(text('out_of_grant', Math.log1p(7))).toBe(
      '7 requests needed a scope that the token was not granted',
    )
    expect(text('denied_sensitive', Math.log1p(3))).toBe(
      '3 sensitive operations were denied (401, 403); usually none',
    )
    expect(text('address_tokens', Math.log(40))).toBe(
      '40 tokens used the same address in the hour; usually 1',
    )
    expect(text('address_tenants', 3)).toBe(
      'Tokens of 3 tenants used the same address in the hour; usually 1',
    )
    expect(tellFact('out_of_grant', { out_of_grant: Math.log1p(7) }).actual).toBe(7)
  })

  test('an operation new to the token and outside what is expected of it is one fact', () => {
    const facts = { item: 'op:files.delete', operation_worst: 'files.delete' }
    expect(factCode('violation', facts)).toBe('unusual_operation')
    expect(factCode('violation', { ...facts, operation_worst: 'files.list' })).toBe('permission_violation')
    expect(textOf('violation', { item: 'scope:admin:write' })).toBe(
      'Scope "admin:write" is expected neither of this token nor of tokens that work alike',
    )
  })

  test('a running total that is all of this hour, and peak and hour alike, are one fact', () => {
    const facts = { day_deletes_actual: 25, deletes_actual: 25, peak_10min_actual: 9, requests_actual: 30 }
    expect(factCode('day_deletes_tail', facts)).toBe('unusual_deletes')
    expect(factCode('day_deletes_tail', { ...facts, day_deletes_actual: 26 })).toBe('unusual_day_deletes')
    expect(factCode('peak_10min_tail', facts)).toBe('unusual_peak_10min')
    expect(factCode('peak_10min_tail', { ...facts, peak_10min_actual: 30 })).toBe('unusual_requests')
  })
})

describe('the whole catalogue', () => {
  const worse = FEATURES.filter(feature => feature.higherIs !== 'context').map(feature => feature.name)

  test.each([...worse, 'violation'])('%s gives a sentence, with facts and without', name => {
    for (const facts of [FULL_FACTS, EMPTY_FACTS, {}]) {
      const { text, brief, code, actual, typical } = tellFact(name, facts)
      for (const sentence of [text, brief]) {
        expect(sentence).not.toMatch(/undefined|NaN|null|Infinity|\s{2}|^\s|\s$/)
        // Analysts are told neither logarithms nor nats, nor the names of columns.
        expect(sentence).not.toMatch(
          /\b(log|logs|ln|nats?|octaves?|cusum|surprise|surplus|excess|tail)\b|\w_\w/i,
        )
      }
      expect(text).toMatch(/^[A-Z0-9]/)
      expect(text.length).toBeGreaterThan(20)
      expect(code).toMatch(/^[a-z][a-z0-9_]*$/)
      for (const value of [actual, typical]) expect(value).not.toBeNaN()
    }
  })

  test('nothing that higher values speak of falls through to the name of its column', () => {
    const unnamed = worse.filter(name => /unlike most token-hours$/.test(textOf(name, FULL_FACTS)))
    // Both ends of these are unusual, which only the forest says.
    expect(unnamed).toEqual(['regularity', 'operation_entropy', 'object_entropy'])
  })

  test('context, too, has a sentence, should the forest ever be asked', () => {
    for (const { name } of FEATURES) expect(textOf(name, FULL_FACTS).length).toBeGreaterThan(20)
  })
})

describe('contributions', () => {
  const sources = fc.array(
    fc.record({
      feature: fc.constantFrom(...FEATURES.map(feature => feature.name)),
      weight: fc.double({ min: 0, max: 20, noNaN: true }),
      detector: fc.constantFrom(...SIGNALS.map(signal => signal.name)),
    }),
    { maxLength: 20 },
  )

  test('one reason a cause, one telling a fact, strongest first, together at most the whole score', () => {
    fc.assert(
      fc.property(sources, fc.integer({ min: 1, max: 8 }), (list, limit) => {
        const reasons = writeReasons(
          list.map(({ feature, weight, detector }) => source(feature, weight, FULL_FACTS, detector)),
          limit,
        )
        expect(reasons.length).toBeLessThanOrEqual(limit)
        const families = reasons.map(reason => familyOf(reason.detector))
        expect(new Set(families).size).toBe(families.length)
        const codes = reasons.flatMap(reason => reason.facts!).map(fact => fact.code)
        expect(new Set(codes).size).toBe(codes.length)
        const shares = reasons.map(reason => reason.contribution)
        expect(shares).toEqual(shares.toSorted((a, b) => b - a))
        // Each share is rounded to three digits.
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1 + 0.0005 * shares.length)
        for (const share of shares) expect(share).toBeGreaterThanOrEqual(0)
        expect(JSON.parse(JSON.stringify(reasons))).toEqual(reasons)
      }),
    )
  })

  test('features of one fact add up, and can overtake a stronger single one', () => {
    const facts = { requests_actual: 9, requests_typical: 1, asn_worst: '64500', asn_worst_peers: 0 }
    const reasons = writeReasons(
      [
        source('asn_surprise', 4, facts, 'new_place'),
        source('requests_tail', 3, facts),
        source('requests_excess', 3, facts),
      ],
      1,
    )
    expect(reasons.map(({ code, contribution }) => [code, contribution])).toEqual([['rate', 0.6]])
    expect(reasons[0]!.facts).toHaveLength(1)
  })

  test('another device is one reason: client, network and addresses are its parts', () => {
    const facts = {
      client_worst: 'curl',
      client_worst_peers: 0,
      net_worst: '203.0.113.0/24',
      net_worst_peers: 0,
      ips_actual: 2,
      ips_typical: 1,
    }
    const [reason, ...others] = writeReasons(
      [
        source('client_surprise', 4, facts, 'new_client'),
        source('net_surprise', 3, facts, 'new_place'),
        source('ips_tail', 1, facts, 'many_networks'),
      ],
      5,
    )
    expect(others).toEqual([])
    expect(reason).toMatchObject({ code: 'new_client_and_place', detector: 'new_client', contribution: 1 })
    expect(reason!.facts!.map(fact => fact.code)).toEqual(['unusual_client', 'unusual_net', 'unusual_ips'])
    expect(reason!.text).toContain('Client "curl" was never seen')
    expect(reason!.text).toContain('also network "203.0.113.0/24"')
  })

  test('the more specific of a family names it once it weighs a quarter', () => {
    const code = (denied: number) =>
      writeReasons(
        [
          source('operation_surprise', 3, FULL_FACTS, 'new_operations'),
          source('denied_tail', denied, FULL_FACTS, 'privilege_probing'),
        ],
        1,
      )[0]!.code
    expect(code(0.9)).toBe('new_operations')
    expect(code(1.1)).toBe('privilege_probing')
  })

  test('what weighs under three per cent is left out, unless its signal fires', () => {
    const list = [
      source('requests_tail', 98, FULL_FACTS),
      source('deletes_tail', 2, FULL_FACTS, 'destructive_burst'),
    ]
    const codes = (nats: number) => writeReasons(list, 5, () => nats).map(reason => reason.code)
    expect(codes(6)).toEqual(['rate'])
    expect(codes(7)).toEqual(['rate', 'destructive_burst'])
  })

  test('no weight, no reason', () => {
    expect(writeReasons([source('asn_surprise', 0), source('requests_tail', Number.NaN)], 5)).toEqual([])
    expect(writeReasons([], 5)).toEqual([])
  })
})
