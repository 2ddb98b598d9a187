import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addressOf,
  type Brushes,
  countBrushes,
  NO_BRUSH,
  readBrushes,
  requestOf,
  withBand,
  withoutValues,
  withValue,
} from '../../src/dashboard/views/explore/brushes.ts'
import { RANGE_VIEWS, VALUE_VIEWS } from '../../src/schema/explore.ts'

describe('brushes of the explore view', () => {
  test('a band replaces the one before; an endless one is none', () => {
    const one = withBand(NO_BRUSH, 'risk', { from: 50, to: null })
    expect(one.ranges).toEqual({ risk: { from: 50, to: null } })
    expect(withBand(one, 'risk', { from: null, to: 20 }).ranges).toEqual({ risk: { from: null, to: 20 } })
    expect(withBand(one, 'risk', { from: null, to: null })).toEqual(NO_BRUSH)
    expect(withBand(one, 'risk', null)).toEqual(NO_BRUSH)
  })

  test('a value is chosen and left again; null is a value like others', () => {
    const two = withValue(withValue(NO_BRUSH, 'country', 'NL'), 'country', null)
    expect(two.values).toEqual({ country: ['NL', null] })
    expect(countBrushes(two)).toBe(1)
    expect(withValue(withValue(two, 'country', 'NL'), 'country', null)).toEqual(NO_BRUSH)
    expect(withoutValues(two, 'country')).toEqual(NO_BRUSH)
  })

  test('time is asked for in ISO, other bands as they are', () => {
    const brushes = withBand(withBand(NO_BRUSH, 'time', { from: 0, to: null }), 'risk', { from: 1, to: 2 })
    expect(requestOf(brushes, 8)).toEqual({
      ranges: { time: { from: '1970-01-01T00:00:00.000Z', to: null }, risk: { from: 1, to: 2 } },
      values: {},
      mostValues: 8,
    })
  })

  test('an address gives back the brushes that it was made of', () => {
    const edge = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value || 0))
    const band = fc.record({ from: edge, to: edge }).filter(({ from, to }) => from !== null || to !== null)
    const brushes = fc.record({
      ranges: fc.dictionary(fc.constantFrom(...RANGE_VIEWS), band, { noNullPrototype: true }),
      values: fc.dictionary(
        fc.constantFrom(...VALUE_VIEWS),
        fc.array(fc.option(fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 4 }),
        { noNullPrototype: true },
      ),
    })
    fc.assert(
      fc.property(brushes, asked => {
        const { search } = new URL(addressOf(asked as Brushes), 'http://localhost')
        expect(readBrushes(search)).toEqual(asked)
      }),
    )
  })

  test.each([
    '',
    '?brushes=',
    '?brushes={',
    '?brushes=3',
    '?brushes={"ranges":{"risk":{"from":"x","to":1},"nonsense":{"from":1,"to":2}},"values":{"country":"NL"}}',
  ])('what is no brush is none: %s', search => {
    expect(readBrushes(search)).toEqual(NO_BRUSH)
  })
})
