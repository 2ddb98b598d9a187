import { api, ask, type Row } from '../../lib/api.ts'
import { formatNumber, formatShare } from '../../lib/format.ts'
import { useResource } from '../../lib/resource.ts'
import { Card, Figure, Figures } from '../../ui/card.tsx'
import { EmptyState, Loaded } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { RateChart, ShareChart } from './charts.tsx'
import { FilterCard } from './filter-card.tsx'

type Period = Row<'PerformancePeriod'>

/** How alerts fared week by week, as far as anybody judged them. */
export default function Performance() {
  const found = useResource(() => ask(api.GET('/v1/performance')), '', ['alerts', 'desk', 'scores', 'models'])
  return (
    <div class="view">
      <div class="view-head">
        <h1>Performance</h1>
        <span class="quiet">by the verdicts given so far; weeks begin on Mondays, UTC</span>
      </div>
      <Loaded of={found} what="performance">
        {({ weeks, whole, filter }) =>
          weeks.length === 0 ? (
            <EmptyState title="No hour is scored yet">
              <p>
                <code>keyhound score</code> scores what was ingested, and raises alerts to judge.
              </p>
            </EmptyState>
          ) : (
            <>
              <WholeCard of={whole} />
              <div class="grid">
                <Card title="Detection rate" aside="alerts a scored day">
                  <RateChart weeks={weeks} />
                </Card>
                <Card title="Precision" aside="of the alerts judged, with its 95 % interval">
                  <ShareChart weeks={weeks} of={week => week.precision} name="precision" />
                </Card>
                <Card
                  title="Recall among all alerts raised"
                  aside="misuse shown, of that shown and held back; needs verdicts on samples"
                >
                  <ShareChart weeks={weeks} of={week => week.recallAmongRaised} name="recall" />
                </Card>
                {filter !== null && <FilterCard of={filter} />}
              </div>
              <Card title="Week by week">
                <WeekTable weeks={weeks} />
              </Card>
            </>
          )
        }
      </Loaded>
    </div>
  )
}

function WholeCard({ of }: { readonly of: Period }) {
  const { precision, recallAmongRaised: recall } = of
  const judged = of.alerts - of.unjudged
  return (
    <div class="card">
      <Figures>
        <Figure
          name="Alerts shown"
          value={formatNumber(of.alerts)}
          note={`${formatNumber(of.alertsPerDay)} a day over ${formatNumber(of.days)} days`}
        />
        <Figure
          name="Confirmed misuse"
          value={formatNumber(of.verdicts.true_positive)}
          note={`${formatNumber(of.confirmedPerDay)} a day`}
        />
        <Figure
          name="Precision"
          value={formatShare(precision.value, 0)}
          note={
            judged === 0
              ? 'no alert is judged yet'
              : `95 %: ${formatShare(precision.low, 0)} to ${formatShare(precision.high, 0)}; ${formatNumber(judged)} judged`
          }
        />
        <Figure
          name="Not judged"
          value={formatShare(of.unjudgedShare, 0)}
          note={`${formatNumber(of.unjudged)} alerts, which count nowhere`}
        />
        <Figure
          name="Recall among raised"
          value={formatShare(recall.value, 0)}
          note={
            recall.value === null
              ? 'unknown until held-back alerts are judged'
              : `95 %: ${formatShare(recall.low, 0)} to ${formatShare(recall.high, 0)}`
          }
        />
        <Figure
          name="Held back"
          value={formatNumber(of.suppressed)}
          note={`${formatNumber(of.suppressedVerdicts.true_positive)} of them judged misuse all the same`}
        />
      </Figures>
    </div>
  )
}

function WeekTable({ weeks }: { readonly weeks: readonly Period[] }) {
  const share = ({ value, low, high }: Period['precision']) =>
    value === null ? '–' : `${formatShare(value, 0)} (${formatShare(low, 0)} to ${formatShare(high, 0)})`
  return (
    <Table
      caption="Alerts and verdicts by week"
      rows={weeks.toReversed()}
      keyOf={week => week.start}
      columns={[
        { name: 'Week of', cell: week => <span class="nowrap">{week.start}</span> },
        { name: 'Alerts', isNumber: true, cell: week => formatNumber(week.alerts) },
        { name: 'a day', isNumber: true, cell: week => formatNumber(week.alertsPerDay) },
        { name: 'True', isNumber: true, cell: week => formatNumber(week.verdicts.true_positive) },
        { name: 'False', isNumber: true, cell: week => formatNumber(week.verdicts.false_positive) },
        { name: 'Benign', isNumber: true, cell: week => formatNumber(week.verdicts.benign_trigger) },
        { name: 'Duplicate', isNumber: true, cell: week => formatNumber(week.verdicts.duplicate) },
        { name: 'Not judged', isNumber: true, cell: week => formatShare(week.unjudgedShare, 0) },
        { name: 'Precision (95 %)', isNumber: true, cell: week => share(week.precision) },
        { name: 'Held back', isNumber: true, cell: week => formatNumber(week.suppressed) },
        { name: 'Recall among raised (95 %)', isNumber: true, cell: week => share(week.recallAmongRaised) },
      ]}
    />
  )
}
