import type { Estimate } from '../schema/evaluation.ts'
import type { ModelComparison } from '../schema/promotion.ts'
import type { ReplaySide } from '../schema/replay.ts'
import { estimateOf } from './estimate.ts'
import { count, date, fixed, percent, percentRange, plural, quantity, rate } from './format.ts'
import { type Html, html } from './html.ts'
import { sureOf, tiles } from './tile.ts'

/** The first screen: may the challenger take the champion's place, and what would change. */
export function comparisonSummary({ champion, challenger, replay, findings, passes }: ModelComparison): Html {
  const { before, after, incidents, gained, lost, kept } = replay
  const failing = findings.filter(finding => finding.verdict === 'fails')
  const unknown = findings.filter(finding => finding.verdict === 'unknown')
  const lede = passes
    ? unknown.length === 0
      ? 'Every rule of the promotion gate is kept.'
      : `No rule of the promotion gate is broken; ${plural(unknown.length, 'rule')} of ${count(findings.length)} could not be judged (${unknown.map(one => one.rule).join(', ')}).`
    : `The promotion gate refuses it: ${failing.map(one => one.text).join('; ')}.`
  return html`<header>
<p class="eyebrow">Keyhound: models compared · ${date(replay.from.toISOString())} to ${date(new Date(replay.to.getTime() - 1).toISOString())} · champion ${champion}, challenger ${challenger}</p>
<h1>${challenger} ${passes ? 'may replace' : 'should not replace'} ${champion}</h1>
<p class="lede">${lede}</p>
<p class="note">Both scored the same ${plural(replay.days, 'day')}: alerts that stay ${count(kept)}, gained ${count(gained.length)}, lost ${count(lost.length)}.</p>
${tiles([
  {
    ask: 'What is found',
    figure: `${count(after.incidentsFound)} of ${count(incidents.known)}`,
    unit: 'known incidents',
    of: `champion ${count(before.incidentsFound)}; ${count(incidents.gained.length)} gained, ${count(incidents.lost.length)} lost`,
    range: estimateOf(after.incidentsFound, incidents.known),
    rival: incidents.known === 0 ? null : before.incidentsFound / incidents.known,
    sure: sureOf(
      percentRange(estimateOf(after.incidentsFound, incidents.known)),
      'no incident is known in the period',
    ),
  },
  {
    ask: 'How much of it is right',
    figure: percent(after.precision),
    unit: 'of the alerts judged or labelled',
    of: `${count(after.truePositives)} of ${count(after.judged)}; champion ${percent(before.precision)}`,
    range: precisionOf(after),
    rival: before.precision,
    sure: sureOf(percentRange(precisionOf(after)), 'nothing of it is judged'),
  },
  {
    ask: 'What it costs',
    figure: rate(after.alertsPerDay),
    unit: 'alerts a day',
    of: `champion ${rate(before.alertsPerDay)}; ${rate(after.analystHoursPerDay)} analyst hours a day at ${quantity(replay.minutesPerAlert)} minutes an alert`,
    range: { value: after.alertsPerDay / scaleOf(before, after), low: null, high: null },
    rival: before.alertsPerDay / scaleOf(before, after),
    sure: `of ${rate(after.budgetPerDay)} allowed`,
  },
  {
    ask: 'How good is its order',
    figure: fixed(after.averagePrecision),
    unit: 'average precision of what is judged',
    of: `champion ${fixed(before.averagePrecision)}`,
    range: { value: after.averagePrecision, low: null, high: null },
    rival: before.averagePrecision,
    sure:
      after.averagePrecision === null
        ? 'unknown: it takes judged misuse and judged rest'
        : `over ${plural(after.judged, 'judged alert')} and what else is known`,
  },
])}
<p class="note">Band: 95 % interval. Upright line in orange: the champion.</p>
${replay.notes.length > 0 && html`<ul class="notes">${replay.notes.map(note => html`<li>${note}</li>`)}</ul>`}
</header>`
}

/** Of the alerts shown that labels or verdicts speak of. */
export function precisionOf({ truePositives, judged }: ReplaySide): Estimate {
  return estimateOf(truePositives, judged)
}

/** Alerts a day are drawn against the larger of both and the budgets. */
function scaleOf(before: ReplaySide, after: ReplaySide): number {
  return Math.max(before.alertsPerDay, after.alertsPerDay, before.budgetPerDay, after.budgetPerDay)
}
