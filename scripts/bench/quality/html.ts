import { precisionRecallChart, strokeOf } from '../../../src/report/charts.ts'
import { count, duration, fixed, percent, plural, rate } from '../../../src/report/format.ts'
import { type Html, html, raw } from '../../../src/report/html.ts'
import { STYLE } from '../../../src/report/style.ts'
import type { EvaluationReport } from '../../../src/schema/evaluation.ts'
import { effectTable } from './effects.ts'
import { type QualityPart, type QualityRow, type QualityTable, type Verdict, verdictOf } from './row.ts'

/** What the bench adds to the style of the evaluation report. */
const MORE_STYLE = `
h1 small { color: var(--muted); font-weight: 500; font-size: 0.6em; letter-spacing: 0; }
.figures { min-width: 820px; }
.figures td { vertical-align: middle; }
.figures .range { width: 150px; margin: 4px 0; }
.figures .range u.goal { background: none; border-left: 2px dashed var(--text); width: 0; opacity: 0.65; }
.glance td { padding-top: 5px; padding-bottom: 5px; }
.glance a { color: inherit; text-decoration-color: var(--line-strong); text-underline-offset: 3px; }
.glance table { min-width: 820px; } .glance td { vertical-align: middle; } .glance td:nth-child(2) { min-width: 180px; } .glance td:nth-child(6) { min-width: 125px; }
.glance td:nth-child(6) small { white-space: normal; max-width: 125px; margin-left: auto; line-height: 1.25; }
.glance .range { width: 110px; margin: 4px 0; }
.glance .range u.goal { background: none; border-left: 2px dashed var(--text); width: 0; opacity: 0.65; }
details.more table { width: auto; min-width: 46%; }
.chip { white-space: nowrap; }
.chip.none { color: var(--muted); background: var(--page); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; color: var(--muted); font-size: 13px; margin: 10px 0 0; max-width: none; }
.legend .range { display: inline-block; width: 34px; margin: 0 7px 0 0; vertical-align: middle; }
.legend .range u.goal { background: none; border-left: 2px dashed var(--text); width: 0; opacity: 0.65; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(400px, 1fr)); gap: 18px 28px; margin-top: 18px; }
.curves h3 { margin-top: 0; }
.curves .key { display: inline-block; margin: 0 6px 0 0; vertical-align: middle; }
.curves .keys { margin-top: 12px; font-size: 12.5px; color: var(--muted); }
.effects { min-width: 820px; }
.effects td { padding-top: 4px; padding-bottom: 4px; vertical-align: middle; }
.effects svg { display: block; }
.effects .loss { fill: var(--bad); } .effects .gain { fill: var(--good); }
.effects .axis { stroke: var(--line-strong); } .effects .whisker { stroke: var(--text); opacity: 0.55; }
@media (max-width: 760px) { .curves { grid-template-columns: 1fr; } .scroll table.figures, .scroll table.effects { min-width: 820px; } }
`

/** A part that has no figures; `dataset` where its data is not there. */
export interface MissingPart {
  readonly title: string
  readonly dataset: string | null
}

/** The figures as one HTML page that needs nothing else. */
export function renderQuality(
  parts: readonly QualityPart[],
  missing: readonly MissingPart[],
  date: string,
): string {
  const verdicts = parts.flatMap(part => part.rows.filter(row => row.goal).map(verdictOf))
  const reached = verdicts.filter(verdict => verdict === 'reached').length
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Keyhound quality, ${date}</title>
<style>${raw(STYLE + MORE_STYLE)}</style></head><body>
<header><p class="eyebrow">Keyhound quality · ${date}</p>
<h1>${count(reached)} of ${plural(verdicts.length, 'goal')} reached</h1>
<p class="lede">Detection on simulated worlds of unseen seeds and on real data of others, each figure beside its goal, what others reach, and chance.</p>
</header>
<main><section class="glance"><div class="scroll">${glance(parts)}</div>
<p class="legend"><span><span class="range"><b style="left:50%"></b></span>measured</span><span><span class="range"><i style="left:20%;right:20%"></i></span>interval or range</span><span><span class="range"><u style="left:50%"></u></span>reference</span><span><span class="range"><u class="goal" style="left:50%"></u></span>goal</span><span>bars run from 0 to 1</span></p>
${missing.length > 0 && html`<p class="note" style="margin-top:10px">Not measured: ${missing.map(notMeasured).join('; ')}.</p>`}</section>
${parts.map(section)}</main>
<footer><p>AP: average precision, the area under precision against recall. A token-day is one token on one UTC day at its highest hour: what an analyst is shown at most once. Chance: the share of positives for AP, precision and F1; 0.5 for AUROC. A figure without a goal is held against its reference. Verdicts go by the value; the interval tells how sure they are.</p></footer>
</body></html>
`.html
}

function notMeasured({ title, dataset }: MissingPart): string {
  return dataset === null ? title : `${title} (${dataset} is not there)`
}

/** The headline rows of all parts, each part under its name, and every goal that is missed. */
function glance(parts: readonly QualityPart[]): Html {
  return html`<table><thead><tr><th>On</th><th>Measure</th><th class="n">Measured</th><th></th><th class="n">Goal</th><th class="n">Reference</th><th>Verdict</th></tr></thead>
<tbody>${parts.flatMap(part => part.rows.filter(isShownFirst).map((row, r) => glanceRow(part, row, r === 0)))}</tbody></table>`
}

function isShownFirst(row: QualityRow): boolean {
  return row.isHeadline === true || verdictOf(row) === 'not reached'
}

function glanceRow(part: QualityPart, row: QualityRow, isFirst: boolean): Html {
  const show = shownAs(row)
  const { measure, value, range, reference } = row
  return html`<tr><td>${isFirst && html`<a href="#${part.name}">${part.title}</a>`}<small>${row.subject}</small></td><td>${measure}</td>
<td class="n"><strong>${show(value)}</strong>${range && html`<small>${show(range.low)} to ${show(range.high)}</small>`}</td><td>${row.kind === 'share' && bar(row)}</td>
<td class="n">${goalText(row)}</td><td class="n">${reference ? html`${show(reference.value)}<small>${reference.of}</small>` : '–'}</td><td>${chip(row)}</td></tr>`
}

function section(part: QualityPart): Html {
  return html`<section id="${part.name}"><h2>${part.title}</h2><p class="note">${part.about} Measured ${part.measuredOn} in ${duration(part.seconds)}.</p>
<div class="scroll"><table class="figures"><thead><tr><th>On</th><th>Measure</th><th class="n">Measured</th><th></th><th class="n">Reference</th><th class="n">Chance</th><th class="n">Goal</th><th>Verdict</th></tr></thead>
<tbody>${part.rows.map((row, r) => figureRow(row, part.rows[r - 1]?.subject))}</tbody></table></div>
${part.curves.length > 0 && html`<div class="curves">${part.curves.map(curve)}</div>`}
${part.effects.map(effectTable)}
${part.tables.filter(of => of.rows.length > 0).map(table)}
</section>`
}

function figureRow(row: QualityRow, before: string | undefined): Html {
  const show = shownAs(row)
  const { subject, measure, value, range, reference, chance } = row
  return html`<tr><td>${subject !== before && subject}</td><td>${measure}</td>
<td class="n"><strong>${show(value)}</strong>${range && html`<small>${show(range.low)} to ${show(range.high)}, ${range.of}</small>`}</td>
<td>${row.kind === 'share' && bar(row)}</td>
<td class="n">${reference ? html`${show(reference.value)}<small>${reference.of}</small>` : '–'}</td>
<td class="n">${chance === undefined ? '–' : show(chance)}</td>
<td class="n">${goalText(row)}</td><td>${chip(row)}</td></tr>`
}

function shownAs({ kind }: QualityRow): (figure: number) => string {
  return kind === 'share' ? figure => fixed(figure, 3) : rate
}

function goalText(row: QualityRow): string {
  if (row.goal === undefined) return '–'
  return `${row.goal.is === 'at most' ? '≤' : '≥'} ${shownAs(row)(row.goal.value)}`
}

const CHIPS: Readonly<Record<Verdict, string>> = {
  reached: 'true',
  'like reference': 'true',
  'above reference': 'true',
  'not reached': 'false',
  'below reference': 'false',
  'no goal': 'none',
}

function chip(row: QualityRow): Html {
  const verdict = verdictOf(row)
  return html`<span class="chip ${CHIPS[verdict]}">${verdict}</span>`
}

function bar({ value, range, reference, goal }: QualityRow): Html {
  const at = (share: number) => `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%`
  return html`<div class="range" role="img" aria-label="${percent(value)}">${range && html`<i style="left:${at(range.low)};right:calc(100% - ${at(range.high)})"></i>`}${reference && html`<u style="left:${at(reference.value)}"></u>`}${goal && html`<u class="goal" style="left:${at(goal.value)}"></u>`}<b style="left:${at(value)}"></b></div>`
}

function curve({ title, report }: { title: string; report: EvaluationReport }): Html {
  return html`<div><h3>${title}</h3>${precisionRecallChart(report)}<p class="keys">${report.rankings.map(
    ranking => {
      const { color, dash, width } = strokeOf(report, ranking)
      return html`<span class="item"><svg class="key" viewBox="0 0 34 10" aria-hidden="true"><line x1="0" x2="34" y1="5" y2="5" stroke="${color}" stroke-width="${width}" stroke-dasharray="${dash}"/></svg>${ranking.title}</span> `
    },
  )}</p></div>`
}

function table({ title, note, rows }: QualityTable): Html {
  const names = Object.keys(rows[0]!)
  // A column is one of numbers when its first cell is one, whatever sign stands before it.
  const numeric = new Set(names.filter(name => /^[+−]?[\d.]+( of \d+)?$/.test(String(rows[0]![name]))))
  const cell = (name: string) => (numeric.has(name) ? 'n' : '')
  return html`<details class="more"${rows.length <= 12 && raw(' open')}><summary>${title}</summary>${note && html`<p class="note">${note}</p>`}
<div class="scroll"><table><thead><tr>${names.map(name => html`<th class="${cell(name)}">${name}</th>`)}</tr></thead>
<tbody>${rows.map(row => html`<tr>${names.map(name => html`<td class="${cell(name)}">${row[name]}</td>`)}</tr>`)}</tbody></table></div></details>`
}
