import { describe, expect, test } from 'vitest'
import { BUILT_IN, FEATURES } from '../../src/features/catalogue.ts'
import { METRICS } from '../../src/features/metrics.ts'
import {
  extendCatalogue,
  OwnFeatureError,
  type OwnSource,
  ownFeatures,
  refuseUnknownFeatures,
} from '../../src/features/own.ts'
import type { TokenHour } from '../../src/features/token-hour.ts'
import { createTokenHour } from '../../src/kernel/day/hour-view.ts'
import { nearestName } from '../../src/lib/nearest.ts'

const RATE = {
  name: 'bytes_per_minute',
  group: 'data',
  unit: 'bytes',
  doc: 'Bytes received per active minute.',
  higherIs: 'worse',
  of: (hour: TokenHour) => hour.requestBytes / hour.activeMinutes,
} as const
const COUNT = {
  name: 'uploads',
  level: 'hour',
  group: 'data',
  unit: 'events',
  what: 'uploads',
  of: (hour: TokenHour) => hour.writes,
} as const

const source = (exports: OwnSource['exports'], file = 'mine.js'): OwnSource => ({
  file,
  digest: file,
  exports,
})
const features = (...list: unknown[]) => [source({ features: list })]

function hourOf(values: Partial<TokenHour>): TokenHour {
  return Object.assign(createTokenHour(METRICS.length + 1), values)
}

describe('extendCatalogue', () => {
  test('puts own features after the built-in ones, and computes them', () => {
    const { features: all, own, metrics } = extendCatalogue(features(RATE))
    expect(all.slice(0, FEATURES.length)).toEqual(FEATURES)
    expect(all.slice(FEATURES.length)).toEqual(own)
    expect(metrics).toEqual(METRICS)
    const [rate] = own
    expect(rate!.of(hourOf({ requestBytes: 6000, activeMinutes: 4 }))).toBe(1500)
    // What is not finite is unknown.
    expect(rate!.of(hourOf({ requestBytes: 6000, activeMinutes: 0 }))).toBeNaN()
  })

  test('makes a tail, and where asked an excess, of an own metric, numbered after the built-in ones', () => {
    const { metrics, own } = extendCatalogue([source({ metrics: [{ ...COUNT, hasExcess: true }] })])
    expect(metrics.map(metric => metric.name)).toEqual([...METRICS.map(metric => metric.name), 'uploads'])
    expect(own.map(({ name, metric }) => [name, metric])).toEqual([
      ['uploads_tail', 'uploads'],
      ['uploads_excess', 'uploads'],
    ])
    const hour = hourOf({})
    hour.judged.surprise[METRICS.length] = 3
    hour.judged.excess[METRICS.length] = 0.5
    expect(own.map(feature => feature.of(hour))).toEqual([3, 0.5])
  })

  test('without definitions is the built-in catalogue', () => {
    expect(extendCatalogue([])).toBe(BUILT_IN)
    expect(extendCatalogue(features())).toBe(BUILT_IN)
  })

  test('its fingerprint changes with any file and with their order', () => {
    const mine = source({ features: [RATE] }, 'mine.js')
    const yours = source({ features: [{ ...RATE, name: 'other' }] }, 'yours.js')
    const prints = [[mine], [yours], [mine, yours], [yours, mine], [{ ...mine, digest: 'changed' }]].map(
      sources => extendCatalogue(sources).fingerprint,
    )
    expect(new Set([...prints, BUILT_IN.fingerprint]).size).toBe(6)
    expect(extendCatalogue([mine]).fingerprint).toBe(prints[0])
  })

  test.each([
    [
      'a feature of ours',
      { name: 'requests_tail' },
      /mine.js: "requests_tail": the name requests_tail is taken/,
    ],
    ['a metric of ours', { name: 'requests' }, /is taken/],
    ['a facet', { name: 'country' }, /is taken/],
    ['a column of the evidence', { name: 'gap_typical' }, /is taken/],
    ['a key column', { name: 'token_id' }, /is taken/],
    ['a model', { name: 'forest_score' }, /is taken/],
    ['no identifier', { name: 'Bytes' }, /"Bytes": name lower-case letters/],
    ['no group', { group: 'date' }, /"bytes_per_minute": group "date" is no group; did you mean data\?/],
    ['no direction', { higherIs: 'bad' }, /higherIs/],
    ['no function', { of: 3 }, /of is not a function/],
    ['a field too many', { higherls: 'worse' }, /[Uu]nrecognized key: "higherls"/],
  ])('refuses %s', (_, part, message) => {
    expect(() => extendCatalogue(features({ ...RATE, ...part }))).toThrow(message)
  })

  test('refuses one name twice, also across files, and says all problems at once', () => {
    const twice = [
      source({ features: [RATE, { ...RATE, group: 'date' }] }),
      source({ features: [RATE] }, 'yours.js'),
    ]
    expect(() => extendCatalogue(twice)).toThrow(/mine.js.*no group.*yours.js: .*bytes_per_minute is taken/)
  })

  test('refuses metrics of whole days, and an own feature named as the column of an own metric', () => {
    const daily = { ...COUNT, level: 'day' }
    expect(() => extendCatalogue([source({ metrics: [daily] })])).toThrow(/level is "hour"/)
    const both = source({ features: [{ ...RATE, name: 'uploads_typical' }], metrics: [COUNT] })
    expect(() => extendCatalogue([both])).toThrow(/"uploads": the name uploads_typical is taken/)
  })
})

describe('a definition that fails', () => {
  const [failing] = extendCatalogue(
    features({
      ...RATE,
      of: () => {
        throw new RangeError('no minutes')
      },
    }),
  ).own

  test('names file and feature, and the token-hour once it is known', () => {
    const error = catchError(() => failing!.of(hourOf({})))
    expect(error).toMatchObject({
      code: 'bad-input',
      message: 'mine.js: "bytes_per_minute" failed: no minutes',
      cause: expect.any(RangeError),
    })
    expect((error as OwnFeatureError).at('the hour 09:00').message).toBe(
      'mine.js: "bytes_per_minute" failed: no minutes, in the hour 09:00',
    )
  })

  test.each([undefined, null, '3', 3n])('a value that is no number is none: %s', value => {
    const [wrong] = extendCatalogue(features({ ...RATE, of: () => value })).own
    expect(catchError(() => wrong!.of(hourOf({})))).toBeInstanceOf(OwnFeatureError)
  })
})

test('ownFeatures: the digest covers what the functions are written as', () => {
  const { of, ...rest } = RATE
  const print = (compute: (hour: TokenHour) => number) =>
    ownFeatures({ features: [{ ...rest, of: compute }] }).fingerprint
  expect(print(of)).toBe(print(of))
  expect(print(hour => hour.requests)).not.toBe(print(hour => hour.requests + 1))
})

describe('names that nobody has', () => {
  test('come with the nearest', () => {
    const catalogue = extendCatalogue(features(RATE))
    expect(() =>
      refuseUnknownFeatures('here', ['bytes_per_minute', 'requests_tail'], catalogue),
    ).not.toThrow()
    expect(() => refuseUnknownFeatures('here', ['bytes_per_minut', 'mood'], catalogue)).toThrow(
      'here: no feature "bytes_per_minut"; did you mean bytes_per_minute?; no feature "mood". Names:',
    )
  })

  test('the nearest is at most a third of the letters away, at least two', () => {
    expect(nearestName('gap_tial', ['gap_tail', 'ips_tail'])).toBe('gap_tail')
    expect(nearestName('ab', ['abcd', 'abcde'])).toBe('abcd')
    expect(nearestName('ab', ['abcde'])).toBeUndefined()
    expect(nearestName('request_tails', ['requests_tail'])).toBe('requests_tail')
  })
})

function catchError(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}
