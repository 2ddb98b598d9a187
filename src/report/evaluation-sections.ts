import { STRONG_PSI } from '../schema/drift.ts'
import type { EvaluationReport, SliceReport, TopAlert } from '../schema/evaluation.ts'
import type { Reason } from '../schema/scores.ts'
import { drawn } from './chart.ts'
import {
  alertsChart,
  detectionChart,
  headlineOf,
  precisionRecallChart,
  strokeOf,
  timelineChart,
} from './charts.ts'
import {
  count,
  date,
  fact,
  fixed,
  fixedRange,
  moment,
  percent,
  percentRange,
  plural,
  quantity,
  words,
} from './format.ts'
import { type Html, html } from './html.ts'
import { footer, legend } from './page.ts'

export function curveSection(report: EvaluationReport): Html {
  return html`<section id="curve"><h2>Precision against recall</h2>
<p class="note">By token-day. Dots: the alert budgets. Band: 95 % interval of the precision. Chance is the share of token-days with misuse, ${percent(headlineOf(report).tokenDays.baseRate)}.</p>
<div class="split"><div>${drawn(precisionRecallChart(report))}</div>
<table><thead><tr><th colspan="2">Ranking</th><th class="n">Average precision</th><th class="n">AUROC</th></tr></thead><tbody>
${report.rankings.map(ranking => {
  const { color, dash, width } = strokeOf(report, ranking)
  const { averagePrecision, auroc } = ranking.tokenDays
  return html`<tr><td class="tight"><svg class="key" viewBox="0 0 34 10" aria-hidden="true"><line x1="0" x2="34" y1="5" y2="5" stroke="${color}" stroke-width="${width}" stroke-dasharray="${dash}"/></svg></td><td>${ranking.title}</td>
<td class="n">${fixed(averagePrecision.value)}<small>${fixedRange(averagePrecision)}</small></td>
<td class="n">${fixed(auroc.value)}<small>${fixedRange(auroc)}</small></td></tr>`
})}</tbody></table></div></section>`
}

export function attackSection(report: EvaluationReport): Html {
  const headline = headlineOf(report)
  if (headline.attackTypes.length === 0) return html``
  const now = report.budgets.indexOf(report.referenceBudget)
  const most = report.budgets.length - 1
  const types = [...headline.attackTypes].sort(
    (a, b) => b.found[now]! / b.incidents - a.found[now]! / a.incidents || b.incidents - a.incidents,
  )
  return html`<section id="attacks"><h2>Recall by attack type</h2>
<p class="note">Incidents found at ${plural(report.referenceBudget, 'alert')} a day${most > now && html`; paler: at ${quantity(report.budgets[most]!)} a day`}. Few incidents of a type say little.</p>
<div class="bars"><div class="row head"><span>Attack type</span><span>Share found</span><span>Found</span><span>Best rank</span></div>
${types.map(
  type => html`<div class="row"><span class="name">${words(type.attackType)}</span>
<span class="bar"><i style="width:${((100 * type.found[most]!) / type.incidents).toFixed(1)}%"></i><b style="width:${((100 * type.found[now]!) / type.incidents).toFixed(1)}%"></b></span>
<span>${count(type.found[now]!)} of ${count(type.incidents)}</span><span>${type.bestRank === null ? '–' : `#${count(type.bestRank)}`}</span></div>`,
)}</div></section>`
}

/** What was injected, in a table of its own: no other figure of the report counts it. */
export function injectedSection(report: EvaluationReport): Html {
  const { injected, budgets } = report
  if (injected === undefined) return html``
  return html`<section id="injected"><h2>Recall of injected attacks</h2>
<p class="note">${plural(injected.incidents, 'incident')} in ${plural(injected.tokenDays, 'token-day')} were written into the log by keyhound inject. They count nowhere else on this page: thresholds are those of the other token-days, and found means that an hour with the attack's own events reaches them. This says what would be seen of such attacks, not how often they happen nor how many alerts are right. Small print: 95 % intervals.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th>Injected attack</th><th>Intensity</th><th class="n">Incidents</th>${budgets.map(budget => html`<th class="n">Found at ${quantity(budget)} a day</th>`)}<th class="n">Median rank</th></tr></thead><tbody>
${injected.kinds.map(
  kind =>
    html`<tr><td class="name">${words(kind.attackType)}</td><td>${kind.intensity ?? '–'}</td><td class="n">${count(kind.incidents)}</td>${kind.found.map(found => html`<td class="n">${count(found)}</td>`)}<td class="n">#${count(Math.round(kind.medianRank))}</td></tr>`,
)}
<tr class="now"><td class="name">All</td><td></td><td class="n">${count(injected.incidents)}</td>${injected.recall.map(recall => html`<td class="n">${percent(recall.value)}<small>${percentRange(recall)}</small></td>`)}<td></td></tr></tbody></table></div></section>`
}

export function timeSection(report: EvaluationReport): Html {
  return html`<section id="time"><h2>${report.headline === 'risk' ? 'Risk' : 'Score'} over time</h2>
<p class="note">${legend('stem', '99th percentile to highest hour of the day')}${legend('dash', `threshold at ${plural(report.referenceBudget, 'alert')} a day`)}${legend('dot', 'misuse alerted')}${legend('dot missed', 'misuse missed')}</p>
${drawn(timelineChart(report))}
<h3>Alerts a day</h3><p class="note">${legend('dot', 'misuse')}${legend('dot false', 'no label')}${legend('dash', 'budget')}</p>
${drawn(alertsChart(report))}</section>`
}

export function detectionSection(report: EvaluationReport): Html {
  if (report.incidents.length === 0) return html``
  const now = report.budgets.indexOf(report.referenceBudget)
  const missed = report.incidents.filter(incident => incident.secondsToDetect[now] === null)
  return html`<section id="detection"><h2>Time to detect</h2>
<p class="note">From an incident's first malicious event to the end of the first alerted hour, at each budget. Missed incidents keep a line below 100 %.</p>
${drawn(detectionChart(report))}
${
  missed.length > 0 &&
  html`<h3>Missed at ${plural(report.referenceBudget, 'alert')} a day</h3><div class="scroll" tabindex="0"><table><thead><tr><th>Incident</th><th>Attack type</th><th>Began</th><th class="n">Token-days</th><th class="n">Best rank</th></tr></thead><tbody>
${missed.slice(0, 15).map(incident => html`<tr><td class="mono">${incident.incidentId}</td><td>${words(incident.attackType)}</td><td>${moment(incident.start)}</td><td class="n">${count(incident.tokenDays)}</td><td class="n">#${count(incident.bestRank)}</td></tr>`)}</tbody></table></div>
${missed.length > 15 && html`<p class="note">And ${count(missed.length - 15)} more, in report.json.</p>`}`
}</section>`
}

export function alertSection(report: EvaluationReport): Html {
  if (report.topAlerts.length === 0) return html``
  return html`<section id="alerts"><h2>Top alerts</h2>
<p class="note">The highest token-days with the reasons of their highest hour. "No label" means that the labels know of no misuse there; it may still be worth a look.</p>
${report.topAlerts.map((alert, i) => alertDetails(alert, report.headline, i < 3))}</section>`
}

function alertDetails(alert: TopAlert, headline: string, isOpen: boolean): Html {
  const chip = alert.positive
    ? html`<span class="chip true" title="${alert.attackTypes.map(words).join(', ')}">${alert.attackTypes.map(words).join(', ')}</span>`
    : html`<span class="chip false">no label</span>`
  const shown = headline === 'risk' ? alert.risk : alert.score
  const facts = [
    `token ${alert.tokenId}`,
    alert.principalId !== null && alert.principalId !== alert.tokenId && `principal ${alert.principalId}`,
    `tenant ${alert.tenantId}`,
    `hour ${moment(alert.windowStart)} UTC`,
    `score ${quantity(alert.score)}`,
    `risk ${quantity(alert.risk)}`,
    alert.severity,
    alert.maturity !== null && `maturity ${fixed(alert.maturity)}`,
    alert.incidentIds.length > 0 && `incident ${alert.incidentIds.join(', ')}`,
  ].filter(text => typeof text === 'string')
  return html`<details class="alert"${isOpen && html` open`}><summary><span class="rank">${alert.rank}</span><span>${chip}</span><span class="what">${alert.reasons[0]?.text ?? `Token ${alert.tokenId}`}</span><span class="rank">${date(alert.day)} · ${headline === 'risk' ? 'risk' : 'score'} ${quantity(shown)}</span></summary>
<div class="why"><p class="facts">${facts.join(' · ')}</p>
${
  alert.reasons.length > 0 &&
  html`<div class="scroll" tabindex="0"><table class="reasons"><thead><tr><th>Reason</th><th>Typical</th><th>Actual</th><th>Against</th><th class="n">Share of score</th></tr></thead><tbody>${alert.reasons.map(reasonRow)}</tbody></table></div>`
}</div></details>`
}

export function falseAlarmSection(report: EvaluationReport): Html {
  const causes = report.falseAlarms ?? []
  if (causes.length === 0) return html``
  const total = causes.reduce((sum, cause) => sum + cause.alerts, 0)
  return html`<section id="false-alarms"><h2>False alarms, and what they were</h2>
<p class="note">${plural(total, 'alert')} at ${plural(report.referenceBudget, 'alert')} a day on token-days without a label, by the first reason given. What is not labelled may still be worth a look.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th>First reason</th><th class="n">Alerts</th><th class="n">Share</th><th class="n">Tokens</th><th>The highest of them</th><th>Typical</th></tr></thead><tbody>
${causes.map(
  cause =>
    html`<tr><td class="name">${cause.cause}</td><td class="n">${count(cause.alerts)}</td><td class="n">${percent(cause.alerts / total)}</td><td class="n">${count(cause.tokens)}</td><td>${cause.example}</td><td class="value">${fact(cause.exampleTypical)}</td></tr>`,
)}</tbody></table></div></section>`
}

const FRAMES: Record<Reason['frame'], string> = { self: 'own past', peer: 'peers', tenant: 'tenant' }

function reasonRow(reason: Reason): Html {
  return html`<tr><td>${reason.text}<small>${words(reason.code)} · ${words(reason.detector)}</small></td><td class="value" data-name="Typical">${fact(reason.typical)}</td><td class="value" data-name="Actual">${fact(reason.actual)}</td><td class="frame" data-name="Against">${FRAMES[reason.frame] ?? reason.frame}</td><td class="n" data-name="Share of score">${percent(reason.contribution)}</td></tr>`
}

export function explanationSection(report: EvaluationReport): Html {
  const models = report.explanations ?? []
  if (models.length === 0) return html``
  const spread = (value: number, random: number) => `${percent(value)} (${percent(random)})`
  return html`<section id="explanations"><h2>Explanations</h2>
<p class="note">Are the reasons given those that made the score? Measured in training on each model's highest token-hours, scored again without the features that the first reasons name, and with nothing else; in brackets the same for as many features drawn at random. The score counts from that of the same hour with nothing unusual in it.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th>Model</th><th class="n">First reasons</th><th class="n">Features</th><th class="n">Score lost without</th><th class="n">Left with nothing else</th><th class="n">Alerts silenced without</th><th class="n">Same reasons under other seeds</th></tr></thead><tbody>
${models.map(({ model, fidelity }) =>
  fidelity.deletions.map(
    (one, i) =>
      html`<tr><td>${i === 0 ? model : ''}</td><td class="n">${count(one.reasons)}</td><td class="n">${one.features.toFixed(1)}</td><td class="n">${spread(one.comprehensiveness, one.randomComprehensiveness)}</td><td class="n">${spread(one.sufficiency, one.randomSufficiency)}</td><td class="n">${percent(one.silenced)}</td><td class="n">${i === 0 ? percent(fidelity.stability) : ''}</td></tr>`,
  ),
)}</tbody></table></div></section>`
}

const SLICE_TITLES: Record<SliceReport['group'], string> = {
  history: 'Tokens seen before, and held out',
  token_age: 'Age of the token',
  maturity: 'Maturity of its baselines',
  activity: 'How busy the token is',
}

export function sliceSection(report: EvaluationReport): Html {
  if (report.slices.length === 0) return html``
  const groups = [...new Set(report.slices.map(slice => slice.group))]
  return html`<section id="slices"><h2>New and known, quiet and busy tokens</h2>
<p class="note">The same threshold, told apart by how much was known of the token and how busy it is. A score means the same everywhere if the share of false alarms is alike.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th></th><th class="n">Token-days</th><th class="n">With misuse</th><th class="n">Alerts</th><th class="n">Precision</th><th class="n">Recall</th><th class="n">False alarms per 1,000</th><th class="n">Average precision</th></tr></thead><tbody>
${groups.map(
  group =>
    html`<tr class="group"><td colspan="8">${SLICE_TITLES[group]}</td></tr>${report.slices
      .filter(slice => slice.group === group)
      .map(
        slice =>
          html`<tr><td class="name">${slice.name}</td><td class="n">${count(slice.tokenDays)}</td><td class="n">${count(slice.positives)}</td><td class="n">${count(slice.alerts)}</td><td class="n">${percent(slice.precision)}</td><td class="n">${percent(slice.recall)}</td><td class="n">${slice.falseAlarmRate === null ? '' : (1000 * slice.falseAlarmRate).toFixed(1)}</td><td class="n">${fixed(slice.averagePrecision)}</td></tr>`,
      )}`,
)}</tbody></table></div></section>`
}

export function detectorSection(report: EvaluationReport): Html {
  if (report.detectors.length === 0) return html``
  return html`<section id="detectors"><h2>Each detector alone</h2>
<p class="note">What its own column would find, by token-day, at ${plural(report.referenceBudget, 'alert')} a day.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th>Detector</th><th class="n">Average precision</th><th class="n">AUROC</th><th class="n">Incidents found</th></tr></thead><tbody>
${report.detectors.map(
  detector =>
    html`<tr><td class="name">${words(detector.name)}</td><td class="n">${fixed(detector.averagePrecision)}</td><td class="n">${fixed(detector.auroc)}</td><td class="n">${count(detector.incidentsFound)} of ${count(report.data.incidents)}</td></tr>`,
)}</tbody></table></div></section>`
}

export function driftSection(report: EvaluationReport): Html {
  const { features, trainingRows, evaluatedRows } = report.drift
  if (features.length === 0) return html``
  const most = Math.max(...features.map(f => f.psi), STRONG_PSI)
  return html`<section id="drift"><h2>Feature drift</h2>
<p class="note">Token-hours of training (${count(trainingRows)}) against those evaluated (${count(evaluatedRows)}). PSI: population stability index, beside what chance alone would give at this number of token-days; below 0.1 beyond chance stable, above ${STRONG_PSI} strong. KS: largest gap of the two distributions.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th>Feature</th><th>PSI</th><th class="n">By chance</th><th>Drift</th><th class="n">KS</th><th class="n">Median before</th><th class="n">Median now</th><th class="n">Missing before</th><th class="n">Missing now</th></tr></thead><tbody>
${features.map(
  feature =>
    html`<tr><td class="mono">${feature.feature}</td><td><span class="drift ${feature.level === 'strong' ? 'high' : ''}" style="width:${((90 * feature.psi) / most).toFixed(0)}px"></span>${fixed(feature.psi)}</td><td class="n">${fixed(feature.psiByChance)}</td><td>${feature.level}</td><td class="n">${fixed(feature.ks)}</td><td class="n">${quantity(feature.trainingMedian)}</td><td class="n">${quantity(feature.evaluatedMedian)}</td><td class="n">${percent(feature.trainingMissing)}</td><td class="n">${percent(feature.evaluatedMissing)}</td></tr>`,
)}</tbody></table></div></section>`
}

export function dataFooter(report: EvaluationReport): Html {
  const { data } = report
  const headline = headlineOf(report)
  const rows: [string, string][] = [
    ['Model', report.models.join(', ') || 'unknown'],
    ['Period', `${data.from} to ${data.to}, ${plural(data.days, 'day')}`],
    ['Events', count(data.events)],
    [
      'Tokens',
      `${count(data.tokens)}, ${count(data.heldOutTokens)} of them without traffic before the period`,
    ],
    [
      'Token-hours',
      `${count(data.tokenHours)}, ${count(data.positiveTokenHours)} with misuse (average precision ${fixed(headline.tokenHours.averagePrecision.value)}, ${fixedRange(headline.tokenHours.averagePrecision)}; AUROC ${fixed(headline.tokenHours.auroc.value)}; base rate ${percent(headline.tokenHours.baseRate)})`,
    ],
    ['Token-days', `${count(data.tokenDays)}, ${count(data.positiveTokenDays)} with misuse`],
    ['Incidents', `${count(data.incidents)} of ${plural(data.attackTypes, 'type')}`],
    [
      'Labels',
      `${plural(data.labels.rows, 'row')} by ${data.labels.kind}, ${count(data.labels.unmatched)} unmatched`,
    ],
    [
      'Intervals',
      `95 %; ${count(report.replicates)} resamples of whole tokens, seed ${report.seed}; shares of incidents by Wilson's score`,
    ],
    ['Made', moment(report.createdAt)],
  ]
  return footer(
    'Data and model',
    rows,
    html`<p>${report.rankings.map(ranking => html`<b>${ranking.title}</b>: ${ranking.doc} `)}</p>`,
  )
}
