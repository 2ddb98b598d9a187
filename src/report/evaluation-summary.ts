import type { BudgetReport, EvaluationReport, RankingReport } from '../schema/evaluation.ts'
import { headlineOf } from './charts.ts'
import { count, date, fixed, fixedRange, inSentence, percent, percentRange, plural, rate } from './format.ts'
import { type Html, html } from './html.ts'
import { sureOf, tiles } from './tile.ts'

/** The first screen: what was found, how much of it was right, what it costs in alerts, how sure we are. */
export function summary(report: EvaluationReport): Html {
  const { data, referenceBudget } = report
  const headline = headlineOf(report)
  const budget = budgetOf(report, headline)
  const rival = bestBaseline(report)
  const rivalBudget = rival && budgetOf(report, rival)
  const misused = data.incidents > 0
  const title = misused
    ? `Found ${count(budget.incidentsFound)} of ${plural(data.incidents, 'incident')} at ${plural(referenceBudget, 'alert')} a day`
    : 'No labelled misuse in this period'
  return html`<header>
<p class="eyebrow">Keyhound evaluation · ${date(report.data.from)} to ${date(lastDay(report.data.to))} · ${report.models.join(', ')}</p>
<h1>${title}</h1>
<p class="lede">${lede(budget, rival, rivalBudget, data.incidents)}</p>
<p class="note">${plural(data.events, 'event')} of ${plural(data.tokens, 'token')} over ${plural(data.days, 'day')}; an alert is one token on one day (UTC), at its highest hour. Right and wrong are told by ${plural(data.labels.rows, 'label')}; ${percent(headline.tokenDays.baseRate)} of the ${count(data.tokenDays)} token-days are misuse.</p>
${tiles([
  {
    ask: 'What was found',
    figure: percent(budget.incidentRecall.value),
    unit: 'of incidents',
    of: `${count(budget.incidentsFound)} of ${count(data.incidents)}; ${percent(budget.recall.value)} of their token-days`,
    range: budget.incidentRecall,
    rival: rivalBudget?.incidentRecall.value ?? null,
    sure: sureOf(percentRange(budget.incidentRecall)),
  },
  {
    ask: 'How much of it was right',
    figure: percent(budget.precision.value),
    unit: 'of alerts',
    of: `${count(budget.truePositives)} of ${plural(budget.alerts, 'alert')}; by chance ${percent(headline.tokenDays.baseRate)}`,
    range: budget.precision,
    rival: rivalBudget?.precision.value ?? null,
    sure: sureOf(percentRange(budget.precision)),
  },
  {
    ask: 'What it costs',
    figure: rate(budget.falseAlertsPerDay),
    unit: 'false alerts a day',
    of: `${rate(budget.alerts / data.days)} alerts a day raised, of ${count(referenceBudget)} allowed`,
    range: { value: budget.falseAlertsPerDay / referenceBudget, low: null, high: null },
    rival: rivalBudget ? rivalBudget.falseAlertsPerDay / referenceBudget : null,
    sure: `bar: share of the budget spent on false alerts`,
  },
  {
    ask: 'How good, at any budget',
    figure: fixed(headline.tokenDays.averagePrecision.value),
    unit: 'average precision',
    of: rival
      ? `${inSentence(rival.title)} ${fixed(rival.tokenDays.averagePrecision.value)}; chance ${fixed(headline.tokenDays.baseRate, 3)}`
      : `chance ${fixed(headline.tokenDays.baseRate, 3)}`,
    range: headline.tokenDays.averagePrecision,
    rival: rival?.tokenDays.averagePrecision.value ?? null,
    sure: sureOf(fixedRange(headline.tokenDays.averagePrecision)),
  },
])}
${rival && html`<p class="note">Band: 95 % interval. Upright line in orange: the best baseline, ${inSentence(rival.title)}.</p>`}
${report.notes.length > 0 && html`<ul class="notes">${report.notes.map(note => html`<li>${note}</li>`)}</ul>`}
</header>`
}

function lede(
  budget: BudgetReport,
  rival: RankingReport | undefined,
  rivalBudget: BudgetReport | undefined,
  incidents: number,
): string {
  if (budget.alerts === 0)
    return 'The highest scores tie in more token-days than the budget allows, so nothing was alerted.'
  const right =
    incidents > 0
      ? `${count(budget.truePositives)} of its ${plural(budget.alerts, 'alert')} were right`
      : `All ${plural(budget.alerts, 'alert')} were false`
  if (rival === undefined || rivalBudget === undefined || incidents === 0) return `${right}.`
  return `${right}. The best baseline (${inSentence(rival.title)}) finds ${count(rivalBudget.incidentsFound)} at the same cost.`
}

function budgetOf(report: EvaluationReport, ranking: RankingReport): BudgetReport {
  return ranking.budgets.find(budget => budget.perDay === report.referenceBudget)!
}

function bestBaseline(report: EvaluationReport): RankingReport | undefined {
  const quality = (ranking: RankingReport) => ranking.tokenDays.averagePrecision.value ?? 0
  return report.rankings.filter(r => r.kind === 'baseline').sort((a, b) => quality(b) - quality(a))[0]
}

/** The last moment of a period whose end is exclusive. */
function lastDay(to: string): string {
  return new Date(new Date(to).getTime() - 1).toISOString()
}
