import { RANGE_VIEWS, type RangeView, VALUE_VIEWS, type ValueView } from '../../../schema/explore.ts'
import type { components } from '../../../server/api-types.ts'

/** Part of a quantity, in the unit of its bins; null is without end. */
export interface Band {
  readonly from: number | null
  /** Exclusive. */
  readonly to: number | null
}

/** What is brushed. */
export interface Brushes {
  readonly ranges: Readonly<Partial<Record<RangeView, Band>>>
  readonly values: Readonly<Partial<Record<ValueView, readonly (string | null)[]>>>
}

export const NO_BRUSH: Brushes = { ranges: {}, values: {} }

export const countBrushes = ({ ranges, values }: Brushes): number =>
  Object.keys(ranges).length + Object.keys(values).length

/** Brushes with one replaced; without it where the band is endless. */
export function withBand({ ranges, values }: Brushes, view: RangeView, band: Band | null): Brushes {
  const { [view]: _, ...rest } = ranges
  const isEndless = band === null || (band.from === null && band.to === null)
  return { ranges: isEndless ? rest : { ...rest, [view]: band }, values }
}

/** Brushes with a value more or less; without the view where none is left. */
export function withValue({ ranges, values }: Brushes, view: ValueView, value: string | null): Brushes {
  const { [view]: chosen = [], ...rest } = values
  const next = chosen.includes(value) ? chosen.filter(one => one !== value) : [...chosen, value]
  return { ranges, values: next.length === 0 ? rest : { ...rest, [view]: next } }
}

export function withoutValues({ ranges, values }: Brushes, view: ValueView): Brushes {
  const { [view]: _, ...rest } = values
  return { ranges, values: rest }
}

/** As the API is asked. */
export function requestOf(
  { ranges, values }: Brushes,
  mostValues: number,
): Pick<components['schemas']['ExploreBrushes'], 'ranges' | 'values' | 'mostValues'> {
  const { time, ...rest } = ranges
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  return {
    ranges: { ...rest, ...(time && { time: { from: iso(time.from), to: iso(time.to) } }) },
    values: Object.fromEntries(Object.entries(values).map(([view, chosen]) => [view, [...chosen]])),
    mostValues,
  }
}

/** Brushes of an address, so that a finding can be sent to somebody; none where it has none, or what is no brush. */
export function readBrushes(search: string): Brushes {
  try {
    const found = JSON.parse(new URLSearchParams(search).get('brushes') ?? 'null') as Partial<Brushes> | null
    const isEdge = (edge: unknown) => edge === null || typeof edge === 'number'
    const ranges = RANGE_VIEWS.flatMap(view => {
      const band = found?.ranges?.[view]
      return band && isEdge(band.from) && isEdge(band.to)
        ? [[view, { from: band.from, to: band.to }] as const]
        : []
    })
    const values = VALUE_VIEWS.flatMap(view => {
      const chosen = found?.values?.[view]
      const isList = Array.isArray(chosen) && chosen.every(one => one === null || typeof one === 'string')
      return isList && chosen.length > 0 ? [[view, chosen] as const] : []
    })
    return { ranges: Object.fromEntries(ranges), values: Object.fromEntries(values) }
  } catch {
    return NO_BRUSH
  }
}

/** The address of brushes. */
export function addressOf(brushes: Brushes): string {
  if (countBrushes(brushes) === 0) return '/explore'
  return `/explore?brushes=${encodeURIComponent(JSON.stringify(brushes))}`
}
