import { join } from 'node:path'
import { headlineOf } from '../report/charts.ts'
import type { BudgetReport, EvaluationReport, InjectedReport } from '../schema/evaluation.ts'
import { facts, hours, number, percent, table } from './format.ts'
import type { Shell } from './shell.ts'

/** An evaluation for the terminal: what was held against what, the rankings side by side, and where the report lies. */
export function evaluationText(report: EvaluationReport, folder: string, colors: Shell['colors']): string {
  const { data } = report
  const head = facts(
    [
      ['period', `${data.from} to ${data.to} (${number(data.days)} days)`],
      ['models', report.models.join(', ')],
      [
        'scored',
        `${number(data.tokenHours)} token-hours, ${number(data.tokenDays)} token-days, ${number(data.tokens)} tokens`,
      ],
      [
        'misuse',
        `${number(data.incidents)} incidents of ${number(data.attackTypes)} types in ${number(data.positiveTokenDays)} token-days (base rate ${percent(data.positiveTokenDays / data.tokenDays, 2)})`,
      ],
    ],
    colors,
  )
  const notes = report.notes.length === 0 ? '' : `\n\n${report.notes.map(note => `- ${note}`).join('\n')}`
  // Where all that is known to be misuse was injected, precision and recall of the rest are unknown, not zero.
  const observed =
    data.incidents === 0 && report.injected !== undefined
      ? []
      : [rankingTable(report, colors), budgetTable(report, colors)]
  return [
    head,
    ...observed,
    ...(report.dial === null || observed.length === 0 ? [] : [dialTable(report.dial, colors)]),
    ...(report.queue === undefined || report.queue.length === 0 || observed.length === 0
      ? []
      : [queueTable(report.queue, data.incidents, colors)]),
    ...(report.injected === undefined ? [] : [injectedTable(report.injected, report.budgets, colors)]),
    `report: ${join(folder, 'report.html')}${notes}`,
  ].join('\n\n')
}

/** The queue, each incident's repeats folded. */
function queueTable(
  queue: NonNullable<EvaluationReport['queue']>,
  incidents: number,
  colors: Shell['colors'],
): string {
  const columns = ['queue, repeats folded', 'alerts', 'precision', 'incidents found', 'of incidents']
  return table(
    columns.map(name => ({ name, align: 'right' as const })),
    queue.map(one => [
      `${number(one.perDay, 2)} a day`,
      number(one.alerts),
      percent(one.truePositives / one.alerts),
      number(one.incidentsFound),
      percent(one.incidentsFound / incidents),
    ]),
    colors,
  )
}

/** Budgets set ahead, as scoring sets them: what training promised beside what came. */
function dialTable(dial: NonNullable<EvaluationReport['dial']>, colors: Shell['colors']): string {
  return table(
    [
      { name: 'budget set ahead', align: 'right' },
      { name: 'least score', align: 'right' },
      { name: 'alerts a day', align: 'right' },
      { name: 'precision', align: 'right' },
      { name: 'recall', align: 'right' },
    ],
    dial.map(one => [
      number(one.perDay, 2),
      number(one.scoreThreshold, 2),
      number(one.alertsPerDay, 2),
      percent(one.precision),
      percent(one.recall),
    ]),
    colors,
  )
}

/** Average precision and recall of incidents at the reference budget, Keyhound's rankings beside the baselines. */
export function rankingTable(report: EvaluationReport, colors: Shell['colors']): string {
  const at = `at ${number(report.referenceBudget, report.referenceBudget % 1 === 0 ? 0 : 1)} a day`
  return table(
    [
      'ranking',
      { name: 'AP', align: 'right' },
      { name: 'AUROC', align: 'right' },
      { name: `precision ${at}`, align: 'right' },
      { name: `recall ${at}`, align: 'right' },
      { name: `incidents ${at}`, align: 'right' },
    ],
    report.rankings.map(ranking => {
      const budget = ranking.budgets.find(one => one.perDay === report.referenceBudget)
      const name = ranking.kind === 'keyhound' ? colors.bold(ranking.title) : ranking.title
      return [
        name,
        number(ranking.tokenDays.averagePrecision.value, 3),
        number(ranking.tokenDays.auroc.value, 3),
        percent(budget?.precision.value),
        percent(budget?.recall.value),
        percent(budget?.incidentRecall.value),
      ]
    }),
    colors,
  )
}

/** What the headline ranking gives at each alert budget. */
export function budgetTable(report: EvaluationReport, colors: Shell['colors']): string {
  const columns = [
    'alerts a day',
    'alerts',
    'true',
    'false',
    'precision',
    'recall',
    'incidents found',
    'time to detect',
  ]
  return table(
    columns.map(name => ({ name, align: 'right' as const })),
    headlineOf(report).budgets.map(budget => budgetRow(budget, report.data.incidents)),
    colors,
  )
}

/** Recall of injected incidents by attack and intensity at each budget, and of all. */
export function injectedTable(
  injected: InjectedReport,
  budgets: readonly number[],
  colors: Shell['colors'],
): string {
  const rate = (value: number) => number(value, value % 1 === 0 ? 0 : 1)
  const share = (found: number, of: number) => `${number(found)} of ${number(of)}`
  const all = injected.recall.map(({ value, low, high }) =>
    value === null ? '-' : `${percent(value, 0)} (${percent(low, 0)} to ${percent(high, 0)})`,
  )
  return table(
    [
      'injected attack',
      'intensity',
      ...budgets.map(budget => ({ name: `found at ${rate(budget)} a day`, align: 'right' as const })),
      { name: 'median rank', align: 'right' },
    ],
    [
      ...injected.kinds.map(kind => [
        kind.attackType,
        kind.intensity ?? '-',
        ...kind.found.map(found => share(found, kind.incidents)),
        number(kind.medianRank),
      ]),
      [colors.bold('all'), '', ...all, ''],
    ],
    colors,
  )
}

function budgetRow(budget: BudgetReport, incidents: number): string[] {
  const seconds = budget.medianSecondsToDetect
  return [
    number(budget.perDay, budget.perDay % 1 === 0 ? 0 : 1),
    number(budget.alerts),
    number(budget.truePositives),
    number(budget.falsePositives),
    percent(budget.precision.value),
    percent(budget.recall.value),
    `${number(budget.incidentsFound)} of ${number(incidents)}`,
    seconds === null ? '-' : hours(seconds / 3600),
  ]
}
