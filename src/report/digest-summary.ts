import type { Digest, IncidentStand } from '../schema/digest.ts'
import type { PerformancePeriod } from '../schema/performance.ts'
import { count, date, percent, percentRange, plural, rate } from './format.ts'
import { type Html, html } from './html.ts'
import { sureOf, type Tile, tiles } from './tile.ts'

/** The first screen: what was found, how much of it was right, what it costs, and what may have been missed. */
export function digestSummary(digest: Digest): Html {
  const { incidents, notes } = digest
  const confirmed = countStand(digest, 'confirmed')
  return html`<header>
<p class="eyebrow">${eyebrow(digest)}</p>
<h1>${digestTitle(digest)}</h1>
<p class="lede">${digestLede(digest)}</p>
${tiles([
  {
    ask: 'What was found',
    figure: count(confirmed),
    unit: `of ${plural(incidents.length, 'incident')} confirmed as misuse`,
    of: `${count(countStand(digest, 'cleared'))} cleared, ${count(countStand(digest, 'open'))} open`,
    range: { value: incidents.length === 0 ? null : confirmed / incidents.length, low: null, high: null },
    rival: null,
    sure: 'bar: share of the incidents',
  },
  precisionTile(digest),
  costTile(digest),
  missedTile(digest),
])}
${digest.before !== null && html`<p class="note">Band: 95 % interval. Upright line in orange: the ${count(digest.days)} days before.</p>`}
${notes.length > 0 && html`<ul class="notes">${notes.map(note => html`<li>${note}</li>`)}</ul>`}
</header>`
}

function eyebrow({ from, to, week, model }: Digest): string {
  const last = new Date(Date.parse(to) - 1).toISOString()
  return ['Keyhound digest', week, `${date(from)} to ${date(last)}`, model?.model].filter(Boolean).join(' · ')
}

/** What a reader who reads one line must know. */
export function digestTitle(digest: Digest): string {
  const { incidents, week } = digest
  const when = week === null ? 'in this period' : 'this week'
  if (digest.data.unscoredDays.length === digest.days) return `Nothing was scored ${when}`
  if (incidents.length === 0) return `No incident ${when}`
  const confirmed = countStand(digest, 'confirmed')
  const open = countStand(digest, 'open')
  const parts = [`${count(confirmed)} confirmed as misuse`, open > 0 && `${count(open)} still open`]
  return `${plural(incidents.length, 'incident')} ${when}: ${parts.filter(Boolean).join(', ')}`
}

export function digestLede(digest: Digest): string {
  const { alerts, budgetPerDay, folded } = digest
  const judged = decidedOf(alerts)
  const right =
    alerts.precision.value === null
      ? 'none has been judged yet'
      : `${count(alerts.verdicts.true_positive)} of the ${count(judged)} that were judged were right`
  const repeats = folded > 0 ? ` (${count(folded)} of them repeat another of their incident)` : ''
  return `${plural(alerts.alerts, 'alert')}${repeats}, ${rate(alerts.alertsPerDay)} a day of ${rate(budgetPerDay)} in the budget; ${right}.`
}

function precisionTile({ alerts, before }: Digest): Tile {
  const judged = decidedOf(alerts)
  return {
    ask: 'How much of it was right',
    figure: percent(alerts.precision.value),
    unit: 'of the alerts judged',
    of: `${count(alerts.verdicts.true_positive)} of ${count(judged)}; ${count(alerts.unjudged)} of ${plural(alerts.alerts, 'alert')} not judged`,
    range: alerts.precision,
    rival: before?.precision.value ?? null,
    sure: sureOf(percentRange(alerts.precision), 'no verdict, no precision'),
  }
}

function costTile({ alerts, before, budgetPerDay, minutesPerAlert }: Digest): Tile {
  const perDay = alerts.alertsPerDay
  const most = Math.max(budgetPerDay, perDay ?? 0, before?.alertsPerDay ?? 0)
  const hours = perDay === null ? null : (perDay * minutesPerAlert) / 60
  return {
    ask: 'What it cost',
    figure: rate(perDay),
    unit: 'alerts a day',
    of: `about ${rate(hours)} analyst hours a day at ${rate(minutesPerAlert)} minutes an alert`,
    range: { value: perDay === null ? null : perDay / most, low: null, high: null },
    rival: before?.alertsPerDay == null ? null : before.alertsPerDay / most,
    sure: `bar: of ${rate(most)} a day; the budget is ${rate(budgetPerDay)}`,
  }
}

function missedTile({ filter, alerts }: Digest): Tile {
  const ask = 'What may have been missed'
  if (filter === null || filter.state === 'none' || filter.heldBack === 0)
    return {
      ask,
      figure: count(alerts.suppressed),
      unit: 'alerts held back this period',
      of: filter?.state === 'on' ? 'the filter has held back none' : 'no filter: only suppressions hold back',
      range: { value: null, low: null, high: null },
      rival: null,
      sure: 'misuse that raises no alert at all is in no figure here',
    }
  return {
    ask,
    figure: filter.sampled === 0 ? '–' : `≤ ${count(filter.missedBound)}`,
    unit: `of ${plural(filter.heldBack, 'alert')} that the filter held back`,
    of:
      filter.sampled === 0
        ? 'no sampled alert has a verdict'
        : `${count(filter.truePositives)} of ${count(filter.sampled)} sampled and judged were misuse`,
    range:
      filter.sampled === 0
        ? { value: null, low: null, high: null }
        : { value: null, low: 0, high: filter.missedShareBound },
    rival: null,
    sure:
      filter.sampled === 0
        ? 'judge those marked sampled, and this figure comes'
        : `95 % sure: at most ${percent(filter.missedShareBound)} of them`,
  }
}

/** Judged, duplicates aside: they were decided with their original. */
export function decidedOf({ verdicts }: PerformancePeriod): number {
  return verdicts.true_positive + verdicts.false_positive + verdicts.benign_trigger
}

export function countStand({ incidents }: Digest, stand: IncidentStand): number {
  return incidents.filter(one => one.stand === stand).length
}
