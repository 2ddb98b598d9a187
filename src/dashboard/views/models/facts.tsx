import { formatNumber, formatShare } from '../../lib/format.ts'
import { Card } from '../../ui/card.tsx'
import { Table } from '../../ui/table.tsx'
import type { Version } from './data.ts'

type Manifest = Version['manifest']

const LEARNERS = {
  score: 'a threshold on the score',
  alike: 'verdicts on alike alerts',
  net: 'a network beside verdicts on alike alerts',
} as const

const FACTS: readonly (readonly [name: string, of: (manifest: Manifest) => string])[] = [
  ['Trained on', ({ training }) => `${training.from.slice(0, 10)} to ${training.until.slice(0, 10)}`],
  ['Days', ({ training }) => formatNumber(training.days)],
  [
    'Token-hours, and drawn to fit on',
    ({ training }) => `${formatNumber(training.windows)}, ${formatNumber(training.fittedWindows)}`,
  ],
  ['Left out: called misuse', ({ training }) => formatNumber(training.excludedWindows)],
  ['Left out of the fit: alerted, not cleared', ({ training }) => formatNumber(training.heldWindows)],
  ['Permission clusters', ({ clusters }) => formatNumber(clusters.count)],
  ['Their stability (adjusted Rand)', ({ clusters }) => formatNumber(clusters.stability)],
  [
    'Filter learned',
    ({ filter }) =>
      filter.champion === undefined ? (filter.because ?? 'no') : LEARNERS[filter.champion.learner],
  ],
  [
    'Labelled alerts, misuse among them',
    ({ filter }) =>
      filter.trained ? `${formatNumber(filter.alerts)}, ${formatNumber(filter.positives)}` : '–',
  ],
  [
    'Recall and precision of the filter, out of fold',
    ({ filter }) =>
      filter.trained ? `${formatShare(filter.recall)}, ${formatShare(filter.precision)}` : '–',
  ],
  [
    'Average precision without and with the filter',
    ({ filter: { champion } }) =>
      champion === undefined ? '–' : `${champion.unfiltered.toFixed(3)}, ${champion.filtered.toFixed(3)}`,
  ],
  ['Top reasons that other seeds give too', ({ explanations }) => formatShare(explanations?.stability, 0)],
  ['Seed', ({ seed }) => String(seed)],
  ['Feature definitions', ({ featureFingerprint }) => featureFingerprint.slice(0, 12)],
]

/** What the versions say of themselves, side by side. */
export function FactsCard({ of }: { readonly of: readonly Version[] }) {
  return (
    <Card title="What they were made of">
      <Table
        caption="Facts of the versions"
        rows={FACTS}
        keyOf={([name]) => name}
        columns={[
          { name: 'Fact', cell: ([name]) => name },
          ...of.map(({ model, manifest }) => ({
            name: model,
            cell: ([, fact]: (typeof FACTS)[number]) => fact(manifest),
          })),
        ]}
      />
    </Card>
  )
}
