import type { GateFinding, ModelComparison } from '../schema/promotion.ts'
import type { AlertChange, KnownIncident, ReplayReport, ReplaySide } from '../schema/replay.ts'
import { drawn } from './chart.ts'
import { riskShiftChart } from './comparison-charts.ts'
import { precisionOf } from './comparison-summary.ts'
import { estimateOf } from './estimate.ts'
import { count, date, fixed, percent, percentRange, quantity, rate, words } from './format.ts'
import { type Html, html } from './html.ts'
import { legend } from './page.ts'

/** Alerts listed of each kind, and how many of them at once; report.json has them all. */
const LISTED = 60
const SHOWN = 12

const RULES: Record<GateFinding['rule'], string> = {
  precision: 'Precision at the budget',
  ranking: 'Order of what is judged',
  incidents: 'Known incidents',
  alerts: 'Size of the queue',
  drift: 'Drift of its scores',
}

const VERDICTS: Record<GateFinding['verdict'], { chip: string; word: string }> = {
  passes: { chip: 'true', word: 'kept' },
  fails: { chip: 'false', word: 'broken' },
  unknown: { chip: 'plain', word: 'not known' },
}

export function gateSection({ findings, scoreDrift }: ModelComparison): Html {
  return html`<section id="gate"><h2>The promotion gate</h2>
<p class="note">Rules of promotion.* in the configuration. What is not known does not stand in the way. Drift is the stability index of the scores against their own training, beyond chance: champion ${fixed(scoreDrift.champion, 3)}, challenger ${fixed(scoreDrift.challenger, 3)}.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th>Rule</th><th></th><th>Found</th></tr></thead><tbody>
${findings.map(({ rule, verdict, text }) => html`<tr><td>${RULES[rule]}</td><td><span class="chip ${VERDICTS[verdict].chip}">${VERDICTS[verdict].word}</span></td><td>${text}</td></tr>`)}</tbody></table></div></section>`
}

export function sidesSection({ champion, challenger, replay }: ModelComparison): Html {
  const { before, after, incidents } = replay
  const rows: [string, (side: ReplaySide) => Html | string][] = [
    ['Alert budget, a day', side => quantity(side.budgetPerDay)],
    ['Alerts shown', side => count(side.alerts)],
    ['Alerts a day', side => side.alertsPerDay.toFixed(1)],
    ['By the score alone, a day', side => side.beforeFilterPerDay.toFixed(1)],
    ['Held back by filter and suppressions', side => count(side.heldBack)],
    ['Analyst hours a day', side => side.analystHoursPerDay.toFixed(1)],
    ['Judged or labelled alerts', side => count(side.judged)],
    [
      'Precision of those',
      side => html`${percent(side.precision)}<small>${percentRange(precisionOf(side))}</small>`,
    ],
    ['Average precision', side => fixed(side.averagePrecision, 3)],
    [
      'Known incidents found',
      side =>
        html`${count(side.incidentsFound)} of ${count(incidents.known)}<small>${percentRange(estimateOf(side.incidentsFound, incidents.known))}</small>`,
    ],
    [
      'Least score that alerts',
      side => (side.scoreThreshold === null ? '–' : side.scoreThreshold.toFixed(2)),
    ],
  ]
  return html`<section id="sides"><h2>Side by side</h2><p class="note">Small print: 95 % intervals.</p>
<div class="scroll" tabindex="0"><table><thead><tr><th></th><th class="n">Champion ${champion}</th><th class="n">Challenger ${challenger}</th></tr></thead><tbody>
${rows.map(([name, value]) => html`<tr><td>${name}</td><td class="n">${value(before)}</td><td class="n">${value(after)}</td></tr>`)}</tbody></table></div></section>`
}

const UNKNOWN_AS = { labels: 'no label', verdicts: 'not judged' } as const

export function riskSection(comparison: ModelComparison): Html {
  const { gained, lost } = comparison.replay
  if (gained.length + lost.length === 0) return html``
  return html`<section id="risk"><h2>Alerts that change sides</h2>
<p class="note">${legend('dot', 'known misuse')}${legend('dot false', 'judged not to be')}${legend('dot plain', UNKNOWN_AS[comparison.replay.incidents.knownFrom ?? 'verdicts'])} Above the diagonal the challenger finds it riskier.</p>
<div class="split"><div>${drawn(riskShiftChart(comparison))}</div>
<table><thead><tr><th>Why not on the other side</th><th class="n">Gained</th><th class="n">Lost</th></tr></thead><tbody>
${causesOf(comparison).map(one => html`<tr><td class="name">${one.cause}</td><td class="n">${count(one.gained)}</td><td class="n">${count(one.lost)}</td></tr>`)}</tbody></table></div></section>`
}

/** How many alerts change sides for which reason, most first. */
function causesOf({ replay: { gained, lost } }: ModelComparison) {
  const causes = [...new Set([...gained, ...lost].map(causeOf))]
  const countOf = (alerts: readonly AlertChange[], cause: string) =>
    alerts.filter(alert => causeOf(alert) === cause).length
  return causes
    .map(cause => ({ cause, gained: countOf(gained, cause), lost: countOf(lost, cause) }))
    .sort((a, b) => b.gained + b.lost - a.gained - a.lost || (a.cause < b.cause ? -1 : 1))
}

/** What is the same of alike reasons: `held back: filter: 4 % likely ...` -> held back by the filter. */
function causeOf({ because }: AlertChange): string {
  if (!because.startsWith('held back: ')) return because
  return because.startsWith('held back: filter: ') ? 'held back by the filter' : 'held back by a suppression'
}

export function incidentSection({ replay: { incidents } }: ModelComparison): Html {
  const list = [
    ...incidents.lost.map(one => ({ ...one, change: 'lost' })),
    ...incidents.gained.map(one => ({ ...one, change: 'gained' })),
  ] satisfies (KnownIncident & { change: string })[]
  if (list.length === 0) return html``
  return html`<section id="incidents"><h2>Known incidents that change sides</h2>
<div class="scroll" tabindex="0"><table><thead><tr><th></th><th>Incident</th><th>Attack type</th><th>Days</th></tr></thead><tbody>
${list.map(one => html`<tr><td><span class="chip ${one.change === 'lost' ? 'false' : 'true'}">${one.change}</span></td><td class="mono">${one.incidentId}</td><td>${one.attackType === null ? 'known from verdicts' : words(one.attackType)}</td><td>${one.days.map(date).join(', ')}</td></tr>`)}</tbody></table></div></section>`
}

export function alertSection(id: 'gained' | 'lost', note: string, { replay }: ModelComparison): Html {
  const alerts = replay[id]
  if (alerts.length === 0) return html``
  const rows = (list: readonly AlertChange[]) =>
    html`<div class="scroll" tabindex="0"><table><thead><tr><th>Day</th><th>Alert</th><th>Known as</th><th class="n">Risk, champion</th><th class="n">Risk, challenger</th><th>Why not on the other side</th></tr></thead><tbody>
${list.map(
  alert => html`<tr><td class="frame">${date(alert.day)}</td><td>${alert.title}<small class="mono">${alert.tenantId} · ${alert.tokenId}</small></td>
<td>${knownAs(alert, replay)}</td><td class="n">${rate(alert.riskBefore)}</td><td class="n">${rate(alert.riskAfter)}</td><td>${alert.because}</td></tr>`,
)}</tbody></table></div>`
  const more = alerts.slice(SHOWN, LISTED)
  return html`<section id="${id}"><h2>Alerts ${id}: ${count(alerts.length)}</h2>
<p class="note">${note} ${misuseAmong(alerts)} Days of known incidents first, then the highest risk.</p>
${rows(alerts.slice(0, SHOWN))}
${more.length > 0 && html`<details class="more"><summary>${count(more.length)} more</summary>${rows(more)}</details>`}
${alerts.length > LISTED && html`<p class="note">And ${count(alerts.length - LISTED)} more, in report.json.</p>`}</section>`
}

function misuseAmong(alerts: readonly AlertChange[]): string {
  const known = alerts.filter(({ incidents, verdict }) => incidents.length > 0 || verdict === 'true_positive')
  return `${known.length === 0 ? 'None' : count(known.length)} of them ${known.length === 1 ? 'is' : 'are'} of known misuse.`
}

function knownAs(
  { incidents, verdict }: AlertChange,
  { incidents: { knownFrom } }: ReplayReport,
): Html | string {
  if (incidents.length > 0) return html`<span class="chip true">${incidents.join(', ')}</span>`
  if (verdict !== null) return words(verdict)
  return knownFrom === 'labels' ? 'no label' : 'not judged'
}
