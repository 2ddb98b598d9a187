import type { Row } from '../lib/api.ts'
import { formatNumber, formatShare } from '../lib/format.ts'
import { Table } from './table.tsx'

type Side = Row<'ReplaySide'>

interface SidesProps {
  readonly of: Row<'Replay'>
  readonly before?: string
  readonly after?: string
}

/** Both sides of a replay in figures, and what lies between them. */
export function SidesTable({ of, before = 'Before', after = 'After' }: SidesProps) {
  const number = (name: string, value: (side: Side) => number | null, title?: string) => ({
    name,
    title,
    before: formatNumber(value(of.before)),
    after: formatNumber(value(of.after)),
    difference: difference(value(of.before), value(of.after)),
  })
  const models = (side: Side) => side.models.map(one => one.model).join(', ')
  const rows = [
    { name: 'Model', title: undefined, before: models(of.before), after: models(of.after), difference: '' },
    number('Alert budget, a day', side => side.budgetPerDay),
    number('Least score, before the filter', side => side.scoreThreshold),
    number('Alerts', side => side.alerts),
    number('Alerts a day', side => side.alertsPerDay),
    number('Held back by filter or suppression', side => side.heldBack),
    number(
      `Analyst hours a day, at ${formatNumber(of.minutesPerAlert)} min an alert`,
      side => side.analystHoursPerDay,
    ),
    {
      name: 'Precision of the alerts judged',
      title: undefined,
      before: `${formatShare(of.before.precision)} of ${formatNumber(of.before.judged)}`,
      after: `${formatShare(of.after.precision)} of ${formatNumber(of.after.judged)}`,
      difference: '',
    },
    number('Average precision, of token-days judged', side => side.averagePrecision),
    number(`Known incidents found, of ${formatNumber(of.incidents.known)}`, side => side.incidentsFound),
  ]
  return (
    <Table
      caption={`${before} and ${after}, side by side`}
      rows={rows}
      keyOf={row => row.name}
      columns={[
        { name: 'Over the same hours', cell: row => row.name },
        { name: before, isNumber: true, cell: row => row.before },
        { name: after, isNumber: true, cell: row => row.after },
        { name: 'Difference', isNumber: true, cell: row => row.difference },
      ]}
    />
  )
}

function difference(before: number | null, after: number | null): string {
  if (before === null || after === null) return ''
  const by = after - before
  return Math.abs(by) < 1e-9 ? '0' : `${by > 0 ? '+' : '−'}${formatNumber(Math.abs(by))}`
}
