import type { Definition } from '../define.ts'
import { METRICS, type Metric, type MetricName } from '../metrics.ts'

type ExcessMetric = Extract<(typeof METRICS)[number], { hasExcess?: true }>['name']

export type MetricFeature = `${MetricName}_tail` | `${ExcessMetric}_excess`

/** `<metric>_tail` for each metric, and `<metric>_excess` where the size beyond the usual matters. */
export const METRIC_FEATURES: readonly Definition<MetricFeature>[] = METRICS.flatMap(
  (metric, index) => metricFeatures(metric, index) as Definition<MetricFeature>[],
)

/** What the metric of a number says of an hour. */
export function metricFeatures(metric: Metric, index: number): Definition[] {
  const { name, unit, group, what } = metric
  const tail: Definition = {
    name: `${name}_tail`,
    group,
    unit: 'nats',
    doc: `Surprise of so many ${what} (${unit}): -ln P(at least as many) in the token's own past, drawn to its peers.`,
    higherIs: 'worse',
    of: hour => hour.judged.surprise[index]!,
  }
  if (metric.hasExcess === undefined) return [tail]
  return [
    tail,
    {
      name: `${name}_excess`,
      group,
      unit: 'octaves',
      doc: `How far the ${what} lie above the token's usual 95th percentile (drawn to its peers), in doublings; 0 below it.`,
      higherIs: 'worse',
      of: hour => hour.judged.excess[index]!,
    },
  ]
}
