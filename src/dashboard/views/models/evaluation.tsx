import { formatNumber, formatShare, formatSpan } from '../../lib/format.ts'
import { Card } from '../../ui/card.tsx'
import { Legend, Picture } from '../../ui/plot.tsx'
import { Table } from '../../ui/table.tsx'
import { COLOURS, type Evaluation, type Version } from './data.ts'

interface Evaluated {
  readonly model: string
  readonly colour: string
  readonly evaluation: Evaluation
}

type Ranking = Evaluation['rankings'][number]

/** Curves, budgets and detectors of the versions that were evaluated; how to evaluate the others. */
export function EvaluationCards({ of }: { readonly of: readonly Version[] }) {
  const evaluated = of.flatMap(({ model, evaluation }, i): Evaluated[] =>
    evaluation.found === null ? [] : [{ model, colour: COLOURS[i]!, evaluation: evaluation.found }],
  )
  const missing = of.flatMap(({ evaluation }) => evaluation.missing ?? [])
  return (
    <>
      {evaluated.length > 0 && (
        <div class="grid">
          <CurveCard of={evaluated} />
          <DetectorCard of={evaluated} />
        </div>
      )}
      {missing.length > 0 && (
        <Card title="Not evaluated">
          {missing.map(text => (
            <p key={text} class="quiet">
              {text}
            </p>
          ))}
        </Card>
      )}
    </>
  )
}

const headline = ({ evaluation }: Evaluated): Ranking =>
  evaluation.rankings.find(one => one.name === evaluation.headline) ?? evaluation.rankings[0]!

const HEIGHT = 260

/** The curve from a recall of 0 on. Precision at a recall is that of the next point, as average precision sums it. */
function stepsOf({ curve }: Ranking): Ranking['curve'] {
  const [first] = curve
  return first === undefined ? [] : [{ ...first, recall: 0 }, ...curve]
}

/** Precision by recall of what analysts get, over the best baseline. */
function CurveCard({ of }: { readonly of: readonly Evaluated[] }) {
  const curves = of.flatMap(one => stepsOf(headline(one)).map(point => ({ ...point, colour: one.colour })))
  const baseline = of[0]!.evaluation.rankings
    .filter(({ kind }) => kind === 'baseline')
    .toSorted((a, b) => (b.averagePrecision.value ?? 0) - (a.averagePrecision.value ?? 0))[0]
  const { baseRate } = headline(of[0]!)
  const summary = of
    .map(
      one =>
        `${one.model} average precision ${headline(one).averagePrecision.value?.toFixed(2) ?? 'unknown'}`,
    )
    .join(', ')
  const { tokenDays, positiveTokenDays, from, to } = of[0]!.evaluation
  return (
    <Card
      title="Precision and recall"
      aside={`${formatNumber(positiveTokenDays)} of ${formatNumber(tokenDays)} token-days are misuse, ${from.slice(0, 10)} to ${to.slice(0, 10)}`}
    >
      <Picture
        label={`Precision by recall of token-days: ${summary}`}
        height={HEIGHT}
        on={[of]}
        draw={(Plot, width) =>
          Plot.plot({
            width,
            height: HEIGHT,
            marginLeft: 44,
            style: { background: 'transparent' },
            x: { domain: [0, 1], label: 'recall', tickFormat: '.0%', ticks: 5, grid: true },
            y: { domain: [0, 1], label: 'precision', tickFormat: '.0%', ticks: 5, grid: true },
            marks: [
              Plot.ruleY([baseRate], { stroke: 'var(--line-strong)', strokeDasharray: '3 3' }),
              ...(baseline === undefined
                ? []
                : [
                    Plot.line(stepsOf(baseline), {
                      x: 'recall',
                      y: 'precision',
                      stroke: 'var(--line-strong)',
                      curve: 'step-before',
                    }),
                  ]),
              Plot.line(curves, {
                x: 'recall',
                y: 'precision',
                stroke: 'colour',
                z: 'colour',
                strokeWidth: 2,
                curve: 'step-before',
              }),
              Plot.dot(
                of.flatMap(one =>
                  headline(one).budgets.map(budget => ({
                    x: budget.recall.value,
                    y: budget.precision.value,
                    colour: one.colour,
                  })),
                ),
                { x: 'x', y: 'y', fill: 'colour', r: 4 },
              ),
            ],
          })
        }
      />
      <Legend
        of={[
          ...of.map(one => [one.colour, `${one.model}; points: the alert budgets`] as const),
          ['var(--line-strong)', `${baseline?.title ?? 'base rate'}; dashed: chance`],
        ]}
      />
      <BudgetTable of={of} />
      <p class="quiet small">
        {of
          .map(one => `${one.model}: ${one.evaluation.file}, ${one.evaluation.createdAt.slice(0, 10)}`)
          .join('; ')}
      </p>
    </Card>
  )
}

/** What each alert budget brings. */
function BudgetTable({ of }: { readonly of: readonly Evaluated[] }) {
  const rows = of.flatMap(one => headline(one).budgets.map(budget => ({ model: one.model, ...budget })))
  const share = ({ value, low, high }: (typeof rows)[number]['precision']) => (
    <span title={value === null ? undefined : `95 %: ${formatShare(low, 0)} to ${formatShare(high, 0)}`}>
      {formatShare(value, 0)}
    </span>
  )
  return (
    <Table
      caption="What each alert budget brings"
      rows={rows.toSorted((a, b) => a.perDay - b.perDay)}
      keyOf={row => `${row.model} ${row.perDay}`}
      columns={[
        { name: 'Alerts a day', isNumber: true, cell: row => formatNumber(row.perDay) },
        ...(of.length > 1 ? [{ name: 'Model', cell: (row: (typeof rows)[number]) => row.model }] : []),
        { name: 'Precision', isNumber: true, cell: row => share(row.precision) },
        { name: 'Recall', isNumber: true, cell: row => share(row.recall) },
        { name: 'Incidents found', isNumber: true, cell: row => formatNumber(row.incidentsFound) },
        {
          name: 'Median time to detect',
          isNumber: true,
          cell: row =>
            row.medianSecondsToDetect === null ? '–' : formatSpan(1000 * row.medianSecondsToDetect),
        },
      ]}
    />
  )
}

const DETECTOR_PX = 17

/** Average precision of each detector alone: which carry the score, and which a version has lost. */
function DetectorCard({ of }: { readonly of: readonly Evaluated[] }) {
  const points = of.flatMap(({ evaluation, colour, model }) =>
    evaluation.detectors
      .filter(one => one.averagePrecision !== null)
      .map(one => ({ name: one.name.replaceAll('_', ' '), value: one.averagePrecision!, colour, model })),
  )
  const names = [...new Set(points.toSorted((a, b) => b.value - a.value).map(one => one.name))]
  const height = 40 + DETECTOR_PX * names.length
  return (
    <Card title="Each detector alone" aside="average precision of token-days">
      <Picture
        label={`Average precision of each detector alone: ${names[0]} is highest, ${names.at(-1)} lowest`}
        height={height}
        on={[of]}
        draw={(Plot, width) =>
          Plot.plot({
            width,
            height,
            marginLeft: 130,
            style: { background: 'transparent' },
            x: { domain: [0, 1], label: null, grid: true, ticks: 5 },
            y: { domain: names, label: null },
            marks: [
              ...(of.length > 1
                ? []
                : [Plot.ruleY(points, { x: 'value', y: 'name', stroke: 'colour', strokeOpacity: 0.4 })]),
              Plot.dot(points, { x: 'value', y: 'name', fill: 'colour', r: 4 }),
            ],
          })
        }
      />
      {of.length > 1 && <Legend of={of.map(one => [one.colour, one.model] as const)} />}
    </Card>
  )
}
