import type { Digest, DigestIncident } from '../schema/digest.ts'
import type { PerformancePeriod } from '../schema/performance.ts'
import { drawn } from './chart.ts'
import { dailyAlertsChart, precisionTrendChart } from './digest-charts.ts'
import { countStand, decidedOf } from './digest-summary.ts'
import {
  count,
  date,
  duration,
  fixed,
  moment,
  percent,
  percentRange,
  plural,
  quantity,
  rate,
  words,
} from './format.ts'
import { type Html, html } from './html.ts'
import { legend } from './page.ts'

/** Incidents shown in full; the rest of a bad week is in report.json. */
const LISTED = 25
/** Shown open, so that the page begins with what matters. */
const OPENED = 3

const STANDS: Record<DigestIncident['stand'], { chip: string; word: string }> = {
  open: { chip: 'open', word: 'open' },
  confirmed: { chip: 'true', word: 'misuse' },
  cleared: { chip: 'plain', word: 'cleared' },
}

export function incidentsSection({ incidents }: Digest): Html {
  if (incidents.length === 0) return html``
  return html`<section id="incidents"><h2>Incidents</h2>
<p class="note">Alerts of one campaign together: open ones first, then by risk. Judged as the alerts were, up to now.</p>
${incidents.slice(0, LISTED).map((one, i) => incident(one, i < OPENED))}
${incidents.length > LISTED && html`<p class="note">And ${count(incidents.length - LISTED)} more, in report.json.</p>`}</section>`
}

function incident(one: DigestIncident, isOpen: boolean): Html {
  const { chip, word } = STANDS[one.stand]
  const facts = [
    `${one.firstSeen.slice(0, 10) === one.lastSeen.slice(0, 10) ? moment(one.firstSeen) : `${date(one.firstSeen)} to ${date(one.lastSeen)}`} UTC`,
    plural(one.alerts, 'alert'),
    `${one.severity}, risk ${rate(one.risk)}`,
    named('tenant', one.tenants),
    named('principal', one.principals),
    named('token', one.tokens),
    one.techniques.length > 0 && one.techniques.join(', '),
    one.assignee !== null && `with ${one.assignee}`,
    one.verdicts.length > 0 && `judged ${one.verdicts.map(words).join(', ')}`,
  ].filter(text => typeof text === 'string')
  return html`<details class="alert incident"${isOpen && html` open`}><summary><span class="rank">${rate(one.risk)}</span><span><span class="chip ${chip}">${word}</span></span><span class="what">${one.title}</span><span class="rank">${date(one.firstSeen)}</span></summary>
<div class="why"><p class="facts">${facts.join(' · ')}</p>
<ol class="story">${one.story.map(line => html`<li><span class="when">${moment(line.at)}</span> ${line.text}</li>`)}</ol>
${one.notes.map(note => html`<p class="said">“${note}”</p>`)}</div></details>`
}

/** `token a`, `3 tokens: a, b, c`, and of many the first. */
function named(noun: string, names: readonly string[]): string {
  if (names.length === 1) return `${noun} ${names[0]}`
  const first = names.slice(0, 3).join(', ')
  return `${plural(names.length, noun)}: ${first}${names.length > 3 ? ' …' : ''}`
}

export function alertsSection(digest: Digest): Html {
  const { alerts, before, weeks } = digest
  const judgedWeeks = weeks.filter(week => week.precision.value !== null)
  return html`<section id="alerts"><h2>Alerts a day, and what became of them</h2>
<p class="note">${legend('dot', 'misuse')}${legend('dot false', 'false or benign')}${legend('dot dim', 'duplicate')}${legend('dot ours', 'not judged')}${legend('dash', `budget, ${rate(digest.budgetPerDay)} a day`)}</p>
${drawn(dailyAlertsChart(digest))}
<div class="split even"><div><h3>Against the ${count(digest.days)} days before</h3>${beforeTable(digest, alerts, before)}</div>
${judgedWeeks.length > 1 ? html`<div><h3>Precision by week, with its interval</h3>${drawn(precisionTrendChart(digest))}</div>` : html``}</div></section>`
}

function beforeTable(digest: Digest, now: PerformancePeriod, before: PerformancePeriod | null): Html {
  const confirmed = countStand(digest, 'confirmed')
  const rows: [string, (of: PerformancePeriod) => Html | string][] = [
    ['Alerts', of => count(of.alerts)],
    ['Alerts a day', of => rate(of.alertsPerDay)],
    ['Judged', of => `${count(decidedOf(of))} of ${count(of.alerts)}`],
    ['Misuse among them', of => count(of.verdicts.true_positive)],
    ['Precision', of => html`${percent(of.precision.value)}<small>${percentRange(of.precision)}</small>`],
    ['Confirmed a day', of => rate(of.confirmedPerDay)],
    ['Held back', of => count(of.suppressed)],
    [
      'Found, of the misuse among all raised',
      of => html`${percent(of.recallAmongRaised.value)}<small>${percentRange(of.recallAmongRaised)}</small>`,
    ],
  ]
  return html`<table><thead><tr><th></th><th class="n">Now</th><th class="n">Before</th></tr></thead><tbody>
${rows.map(([name, value]) => html`<tr><td>${name}</td><td class="n">${value(now)}</td><td class="n">${before === null ? '–' : value(before)}</td></tr>`)}
<tr><td>Incidents confirmed</td><td class="n">${count(confirmed)}</td><td class="n">–</td></tr></tbody></table>`
}

export function filterSection({ filter, suppressions, alerts }: Digest): Html {
  return html`<section id="held-back"><h2>What analysts were spared, and what that may hide</h2>
<p>${plural(alerts.suppressed, 'alert')} of the period ${alerts.suppressed === 1 ? 'was' : 'were'} held back: ${count(alerts.suppressed - suppressions.heldBack)} by the filter, ${count(suppressions.heldBack)} by suppressions.
${filter === null ? '' : filter.state === 'none' ? ' The model in use has no filter.' : ` The filter is ${filter.because}.`}</p>
${filter !== null && filter.heldBack > 0 && html`<p>Of the ${plural(filter.heldBack, 'alert')} that this model's filter has held back so far, ${filter.sampled === 0 ? 'no sample was judged: any number may be misuse' : html`at most <b>${count(filter.missedBound)}</b> may be misuse (95 % sure, by ${plural(filter.sampled, 'sampled verdict')})`}.</p>`}
<h3>Suppressions that end: ${count(suppressions.ending.length)} of ${count(suppressions.active + suppressions.ending.filter(one => one.isExpired).length)}</h3>
${
  suppressions.ending.length === 0
    ? html`<p class="note">None ended in this period or ends within two weeks of it.</p>`
    : html`<div class="scroll" tabindex="0"><table><thead><tr><th>Ends</th><th>Covers</th><th>Because</th><th>Owner</th><th class="n">Alerts held back</th></tr></thead><tbody>
${suppressions.ending.map(one => html`<tr><td class="frame">${date(one.expiresAt)}${one.isExpired && html`<small>ended</small>`}</td><td class="value">${one.scope}</td><td>${one.because}</td><td>${one.owner}</td><td class="n">${count(one.hits)}</td></tr>`)}</tbody></table></div>`
}</section>`
}

export function tokenSection({ tokens }: Digest): Html {
  if (tokens.length === 0) return html``
  return html`<section id="tokens"><h2>Tokens at risk</h2>
<p class="note">At the end of the period: open alerts and confirmed misuse add up, and fade with time.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th class="bar-cell">Risk</th><th></th><th>Token</th><th>Principal</th><th>Tenant</th><th class="n">Open alerts</th><th class="n">Last alert</th></tr></thead><tbody>
${tokens.map(
  token =>
    html`<tr><td class="bar-cell"><span class="bar"><b style="width:${token.entityRisk.toFixed(1)}%"></b></span></td><td class="n">${rate(token.entityRisk)}</td><td class="mono value">${token.tokenId}</td><td class="value">${token.principalId}</td><td>${token.tenantId}</td><td class="n">${count(token.openAlerts)}</td><td class="n">${date(token.lastAlert)}</td></tr>`,
)}</tbody></table></div></section>`
}

export function responseSection({ responses }: Digest): Html {
  if (responses.length === 0) return html``
  return html`<section id="responses"><h2>What was done</h2>
<p class="note">Actions of playbooks that were proposed or moved on. A rehearsal changes nothing outside.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th>When</th><th>Action</th><th>Target</th><th>Playbook</th><th>Stands</th><th>By</th></tr></thead><tbody>
${responses.map(
  one =>
    html`<tr><td class="frame">${moment(one.changedAt)}</td><td>${words(one.action)}${one.dryRun && html`<small>rehearsal</small>`}</td><td class="mono value">${one.target}</td><td>${one.playbook}</td><td>${one.status}</td><td>${one.changedBy}</td></tr>`,
)}</tbody></table></div></section>`
}

export function dataSection({ data, days }: Digest): Html {
  const share = data.rowsRead === 0 ? null : data.rowsRejected / data.rowsRead
  const change = data.eventsBefore === 0 ? null : data.events / data.eventsBefore - 1
  const rows: [string, string][] = [
    [
      'Events',
      `${count(data.events)}${change === null ? '' : `, ${change < 0 ? '−' : '+'}${percent(Math.abs(change))} on the ${count(days)} days before`}`,
    ],
    ['Days scored', `${count(days - data.unscoredDays.length)} of ${count(days)}`],
    [
      'Rejected rows',
      data.rowsRead === 0
        ? 'no run of ingest in the period'
        : `${count(data.rowsRejected)} of ${count(data.rowsRead)} (${percent(share)})`,
    ],
    [
      'Lag of scoring',
      data.longestLagSeconds === null
        ? 'no run of score in the period'
        : `median ${duration(data.medianLagSeconds)}, longest ${duration(data.longestLagSeconds)}`,
    ],
    [
      'Runs',
      data.runs.length === 0
        ? 'none began in the period'
        : data.runs
            .map(({ command, count: n, byStatus }) => `${command} ${count(n)}${others(byStatus)}`)
            .join(', '),
    ],
    ['Logging outages', data.gaps.length === 0 ? 'none seen' : plural(data.gaps.length, 'outage')],
  ]
  return html`<section id="data"><h2>Data and runs</h2>
<dl class="facts-list">${rows.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>
${data.failures.length > 0 && html`<h3>Latest failures</h3><div class="scroll" tabindex="0"><table><tbody>${data.failures.map(one => html`<tr><td class="frame">${moment(one.at)}</td><td>${one.command}</td><td>${one.error}</td></tr>`)}</tbody></table></div>`}</section>`
}

/** What did not end well, in brackets. */
function others(byStatus: Digest['data']['runs'][number]['byStatus']): string {
  const bad = Object.entries(byStatus).filter(([status]) => status !== 'done')
  return bad.length === 0 ? '' : ` (${bad.map(([status, n]) => `${count(n)} ${status}`).join(', ')})`
}

export function modelSection({ model }: Digest): Html {
  if (model === null) return html``
  const { drift } = model
  return html`<section id="model"><h2>Model in use: ${model.model}</h2>
<p>Trained on ${date(model.trainedFrom)} to ${date(new Date(Date.parse(model.trainedUntil) - 1).toISOString())}, made on ${date(model.createdAt)}, ${model.hasFilter ? 'with' : 'without'} a filter for false alarms.
${drift !== null && html` Over ${date(drift.from)} to ${date(drift.to)} the log lies <b>${fixed(drift.weighted)}</b> from training, weighted by what makes high scores (warned above ${fixed(drift.warnAbove)}); the scores themselves ${fixed(drift.score)}. <span class="chip ${drift.isBeyond ? 'false' : 'true'}">${drift.isBeyond ? 'train again' : 'within bounds'}</span>`}</p>
${
  drift !== null &&
  drift.columns.length > 0 &&
  html`<div class="scroll" tabindex="0"><table><thead><tr><th>What moved most of what matters</th><th class="n">Index beyond chance</th><th>Drift</th><th class="n">Median in training</th><th class="n">Median now</th></tr></thead><tbody>
${drift.columns.map(column => html`<tr><td class="mono">${column.name}</td><td class="n">${fixed(column.excess)}</td><td>${column.level}</td><td class="n">${quantity(column.trainingMedian)}</td><td class="n">${quantity(column.periodMedian)}</td></tr>`)}</tbody></table></div>`
}</section>`
}
