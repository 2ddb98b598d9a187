import { wilsonInterval } from '../lib/metrics.ts'
import type { EvaluationReport, RankingReport } from '../schema/evaluation.ts'
import { headlineOf } from './charts.ts'
import { count, duration, percent, percentRange, plural, quantity, rate } from './format.ts'
import { type Html, html } from './html.ts'

export function budgetSection(report: EvaluationReport): Html {
  const group = (ranking: RankingReport) => html`<tr class="group"><td colspan="7">${ranking.title}</td></tr>
${ranking.budgets.map(
  b => html`<tr class="${ranking.name === report.headline && b.perDay === report.referenceBudget ? 'now' : ''}">
<td>${quantity(b.perDay)} a day</td>
<td class="n">${percent(b.precision.value)}<small>${percentRange(b.precision)}</small></td>
<td class="n">${percent(b.recall.value)}<small>${percentRange(b.recall)}</small></td>
<td class="n">${count(b.incidentsFound)} of ${count(report.data.incidents)}<small>${percentRange(b.incidentRecall)}</small></td>
<td class="n">${rate(b.falseAlertsPerDay)}</td>
<td class="n">${duration(b.medianSecondsToDetect)}</td>
<td class="n">${b.threshold === null ? '–' : quantity(b.threshold)}</td></tr>`,
)}`
  const head = html`<thead><tr><th>Budget</th><th class="n">Precision</th><th class="n">Recall, token-days</th><th class="n">Incidents found</th><th class="n">False alerts a day</th><th class="n">Median time to detect</th><th class="n">Threshold</th></tr></thead>`
  const ours = report.rankings.filter(ranking => ranking.kind === 'keyhound')
  const baselines = report.rankings.filter(ranking => ranking.kind === 'baseline')
  return html`<section id="budgets"><h2>At the number of alerts you can handle</h2>
<p class="note">One threshold over the whole period, such that at most so many alerts a day are raised on average. Small print: 95 % intervals.</p>
<div class="scroll" tabindex="0"><table>${head}<tbody>${ours.map(group)}</tbody></table></div>
${stepTable(report)}
${(report.queue ?? []).length > 0 && queueTable(report)}
${(report.dial ?? []).length > 0 && dialTable(report)}
${baselines.length > 0 && html`<details class="more"><summary>The same for the baselines</summary><div class="scroll" tabindex="0"><table>${head}<tbody>${baselines.map(group)}</tbody></table></div></details>`}</section>`
}

/** The alerts that each larger budget adds to the one before: what the next analyst would find. */
function stepTable(report: EvaluationReport): Html {
  const { budgets } = headlineOf(report)
  const steps = budgets.slice(1).map((budget, i) => ({
    from: budgets[i]!.perDay,
    to: budget.perDay,
    alerts: budget.alerts - budgets[i]!.alerts,
    right: budget.truePositives - budgets[i]!.truePositives,
    incidents: budget.incidentsFound - budgets[i]!.incidentsFound,
  }))
  if (steps.every(step => step.alerts === 0)) return html``
  return html`<h3>What a larger budget buys</h3><div class="scroll" tabindex="0"><table><thead><tr><th>From, to</th><th class="n">Alerts added</th><th class="n">Right among them</th><th class="n">Incidents added</th></tr></thead><tbody>
${steps.map(step => {
  const { low, high } = wilsonInterval(step.right, step.alerts)
  const share = step.alerts === 0 ? null : step.right / step.alerts
  return html`<tr><td>${quantity(step.from)} to ${quantity(step.to)} a day</td><td class="n">${count(step.alerts)}</td><td class="n">${percent(share)}<small>${step.alerts === 0 ? '' : percentRange({ value: share, low, high })}</small></td><td class="n">${count(step.incidents)}</td></tr>`
})}</tbody></table></div>`
}

/** Whether a budget that is set ahead gives what it says: the threshold is solved from training, not from the period. */
function dialTable({ dial, data }: EvaluationReport): Html {
  return html`<h3>Calibration: the budget set ahead</h3><p class="note">Above, thresholds are chosen in hindsight. In use, a budget is set before the alerts come, from what training saw: this is what it gave over these ${plural(data.days, 'day')}.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th>Asked for</th><th class="n">Alerts a day that came</th><th class="n">Precision</th><th class="n">Recall, token-days</th></tr></thead><tbody>
${(dial ?? []).map(
  one =>
    html`<tr><td>${quantity(one.perDay)} a day</td><td class="n">${one.alertsPerDay.toFixed(1)}</td><td class="n">${percent(one.precision)}</td><td class="n">${percent(one.recall)}</td></tr>`,
)}</tbody></table></div>`
}

function queueTable({ queue = [], data }: EvaluationReport): Html {
  return html`<h3>The queue, by incident</h3><p class="note">The queue as it was raised: alerts that repeat an open one of their incident are folded into it.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th>The riskiest of the queue</th><th class="n">Precision</th><th class="n">Incidents found</th></tr></thead><tbody>
${queue.map(
  one => html`<tr><td>${quantity(one.perDay)} a day</td><td class="n">${percent(one.truePositives / one.alerts)}</td>
<td class="n">${count(one.incidentsFound)} of ${count(data.incidents)}</td></tr>`,
)}</tbody></table></div>`
}
