/** Colours on a light ground, by what they mean; contrast with the surface at least 4.5 for text (WCAG AA). */
export const LIGHT: Readonly<Record<string, string>> = {
  page: '#f6f7f9',
  surface: '#ffffff',
  text: '#16202c',
  muted: '#5d6978',
  line: '#e3e7ec',
  'line-strong': '#c3cbd5',
  ours: '#1b5fd0',
  'ours-soft': '#d7e4fb',
  good: '#0b7f57',
  'good-soft': '#d9f1e6',
  'good-text': '#08694a',
  bad: '#c23b22',
  'bad-soft': '#fbe2dc',
  'bad-text': '#a5301a',
  'baseline-1': '#b26a00',
  'baseline-2': '#7d5ba6',
  'baseline-3': '#5d7380',
}

/** The same on a dark ground. */
export const DARK: Readonly<Record<string, string>> = {
  page: '#0f141a',
  surface: '#171e27',
  text: '#e8edf3',
  muted: '#98a5b5',
  line: '#28323e',
  'line-strong': '#445163',
  ours: '#6fa8ff',
  'ours-soft': '#1d3355',
  good: '#47c795',
  'good-soft': '#143528',
  'good-text': '#47c795',
  bad: '#ff8a70',
  'bad-soft': '#43211a',
  'bad-text': '#ff8a70',
  'baseline-1': '#e0a14a',
  'baseline-2': '#b99be0',
  'baseline-3': '#8fa6b5',
}

const declare = (colors: Readonly<Record<string, string>>) =>
  Object.entries(colors)
    .map(([name, color]) => `--${name}: ${color};`)
    .join(' ')

/** The report's whole style: no font, image or script from elsewhere; light and dark by the reader's setting. */
export const STYLE = `
:root { color-scheme: light dark; ${declare(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root { ${declare(DARK)} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
h1 { font-size: 34px; line-height: 1.15; letter-spacing: -0.02em; margin: 4px 0 10px; text-wrap: balance; }
h2 { font-size: 19px; letter-spacing: -0.01em; margin: 0 0 4px; }
h3 { font-size: 14px; margin: 22px 0 6px; }
p { margin: 0 0 12px; max-width: 76ch; }
.eyebrow { color: var(--muted); font-size: 13px; margin: 0; max-width: none; }
.lede { font-size: 17px; margin-bottom: 6px; }
.note { color: var(--muted); font-size: 13.5px; max-width: none; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 22px 24px; margin: 18px 0; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 14px; margin: 22px 0 18px; }
.tile { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px 14px; display: flex; flex-direction: column; }
.tile .ask { color: var(--muted); font-size: 13px; margin: 0; }
.tile .figure { font-size: 36px; line-height: 1.15; font-weight: 650; letter-spacing: -0.025em; margin: 2px 0 0; font-variant-numeric: tabular-nums; }
.tile .figure small { display: block; font-size: 14px; line-height: 1.3; font-weight: 500; letter-spacing: 0; color: var(--muted); }
.tile .of { font-size: 13.5px; margin: 6px 0 10px; }
.tile .sure { color: var(--muted); font-size: 12.5px; margin: 6px 0 0; }
.range { position: relative; height: 8px; border-radius: 4px; background: var(--line); margin-top: auto; }
.range i { position: absolute; top: 0; height: 8px; border-radius: 4px; background: var(--ours); opacity: 0.35; }
.range b { position: absolute; top: -3px; width: 3px; height: 14px; border-radius: 2px; background: var(--ours); transform: translateX(-1.5px); }
.range u { position: absolute; top: -3px; width: 2px; height: 14px; background: var(--baseline-1); transform: translateX(-1px); }
.notes { border-left: 3px solid var(--baseline-1); padding: 2px 0 2px 14px; margin: 0 0 6px; list-style: none; font-size: 14px; }
.scroll { overflow-x: auto; margin: 0 -6px; padding: 0 6px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--muted); font-size: 12.5px; border-bottom: 1px solid var(--line-strong); padding: 6px 14px 6px 0; vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: 8px 14px 8px 0; vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th.n, td.n { text-align: right; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
td small { color: var(--muted); font-size: 12px; display: block; }
tr.now td { background: color-mix(in srgb, var(--ours-soft) 45%, transparent); }
tr.now td:first-child { box-shadow: inset 3px 0 var(--ours); padding-left: 10px; }
tr.group td { border-bottom: 1px solid var(--line-strong); color: var(--muted); font-size: 12.5px; padding-top: 16px; }
.chart svg { display: block; max-width: 100%; height: auto; overflow: visible; color: var(--muted); --plot-background: var(--surface); }
.chart.narrow { display: none; }
.split { display: grid; grid-template-columns: minmax(0, 8fr) minmax(300px, 5fr); gap: 28px; align-items: center; }
.key { display: block; width: 30px; height: 10px; margin-top: 6px; }
td.frame { white-space: nowrap; }
td.tight { width: 40px; padding-right: 10px; }
td.value { max-width: 240px; overflow-wrap: anywhere; }
.item { white-space: nowrap; margin-right: 14px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 50%; background: var(--good); margin-right: 5px; }
.dot.false { background: var(--bad); }
.dot.missed { background: none; border: 2px solid var(--bad); }
.dot.plain { background: var(--muted); }
.dot.dim { background: color-mix(in srgb, var(--muted) 40%, transparent); } .dot.ours { background: color-mix(in srgb, var(--ours) 50%, transparent); }
.dash { display: inline-block; width: 18px; border-top: 2px dashed var(--ours); vertical-align: middle; margin-right: 5px; }
.stem { display: inline-block; width: 4px; height: 12px; border-radius: 2px; background: var(--line-strong); vertical-align: -1px; margin-right: 4px; }
.bars { display: grid; grid-template-columns: minmax(120px, max-content) minmax(80px, 1fr) auto auto; gap: 9px 16px; align-items: center; font-size: 14px; font-variant-numeric: tabular-nums; }
.bars .row { display: contents; }
.bars .head span { color: var(--muted); font-size: 12.5px; }
.bar { position: relative; height: 16px; background: var(--line); border-radius: 3px; overflow: hidden; }
.bar i, .bar b { position: absolute; inset: 0 auto 0 0; background: var(--ours); }
.bar i { opacity: 0.35; }
.name::first-letter { text-transform: uppercase; }
details.more { margin-top: 14px; } details.more > summary { cursor: pointer; color: var(--ours); font-size: 14px; padding: 6px 0; }
details.alert { border-top: 1px solid var(--line); }
details.alert:first-of-type { border-top: 0; }
details.alert summary { display: grid; grid-template-columns: 34px 190px minmax(0, 1fr) auto; gap: 12px; align-items: center; padding: 10px 0; cursor: pointer; list-style: none; }
details.incident summary { grid-template-columns: 34px 84px minmax(0, 1fr) auto; }
details.alert summary::-webkit-details-marker { display: none; }
details.alert summary:hover { background: color-mix(in srgb, var(--line) 40%, transparent); }
.rank { color: var(--muted); font-variant-numeric: tabular-nums; text-align: right; }
.what { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px; }
.chip { display: inline-block; border-radius: 20px; padding: 1px 10px; font-size: 12.5px; font-weight: 550; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom; }
.chip.true { background: var(--good-soft); color: var(--good-text); }
.chip.false { background: var(--bad-soft); color: var(--bad-text); }
.chip.plain { background: var(--line); color: var(--muted); } .chip.open { background: var(--ours-soft); color: var(--ours); }
.story { list-style: none; margin: 0 0 8px; padding: 0; font-size: 14px; } .story li { display: grid; grid-template-columns: 140px minmax(0, 1fr); gap: 14px; padding: 3px 0; overflow-wrap: anywhere; }
.when { color: var(--muted); font-size: 13px; font-variant-numeric: tabular-nums; } .said { color: var(--muted); font-style: italic; margin: 0; }
.split.even { grid-template-columns: 1fr 1fr; align-items: start; }
td.bar-cell, th.bar-cell { width: 90px; } td .bar { display: block; height: 10px; margin-top: 5px; }
.facts-list { display: grid; grid-template-columns: max-content 1fr; gap: 5px 22px; margin: 10px 0 0; font-size: 14px; font-variant-numeric: tabular-nums; } .facts-list dt { color: var(--muted); } .facts-list dd { margin: 0; overflow-wrap: anywhere; }
.why { padding: 0 0 16px 46px; }
.facts { color: var(--muted); font-size: 13px; margin: 0 0 8px; overflow-wrap: anywhere; max-width: none; }
.drift { display: inline-block; height: 8px; border-radius: 2px; background: var(--line-strong); vertical-align: middle; margin-right: 8px; }
.drift.high { background: var(--bad); }
footer { color: var(--muted); font-size: 13px; padding-bottom: 48px; }
footer dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; margin: 0 0 14px; font-variant-numeric: tabular-nums; }
footer dt { color: var(--muted); } footer dd { margin: 0; color: var(--text); overflow-wrap: anywhere; }
@media (max-width: 860px) { .tiles { grid-template-columns: 1fr 1fr; } .split { grid-template-columns: 1fr; } }
@media (max-width: 760px) {
  .chart.wide { display: none; } .chart.narrow { display: block; }
  main, header, footer { padding: 0 14px; } header { padding-top: 24px; }
  h1 { font-size: 26px; } section { padding: 18px 16px; }
  .tile { padding: 13px 14px 12px; } .tile .figure { font-size: 29px; }
  .bars { display: block; } .bars .row { display: grid; grid-template-columns: 1fr auto auto; gap: 2px 14px; margin-bottom: 10px; } .bars .bar { grid-area: 2 / 1 / 3 / 4; } .bars .row.head { display: none; }
  .scroll table { min-width: 600px; } .scroll table.reasons { min-width: 0; } .reasons thead { display: none; } .reasons tr { display: block; border-bottom: 1px solid var(--line); padding: 6px 0; } .reasons td { display: block; border: 0; padding: 1px 0; text-align: left; max-width: none; } .reasons td[data-name]::before { content: attr(data-name) ": "; color: var(--muted); }
  details.alert summary { grid-template-columns: 26px minmax(0, 1fr) auto; } details.alert .what { grid-column: 2 / -1; grid-row: 2; }
  .why { padding-left: 0; } .story li { grid-template-columns: 1fr; gap: 0; } .split.even { grid-template-columns: 1fr; } .facts-list { grid-template-columns: 1fr; gap: 0; } .facts-list dd { margin-bottom: 8px; }
}
@media print {
  :root { color-scheme: light; }
  @page { margin: 14mm 12mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { background: #fff; font-size: 12.5px; } main, header, footer { max-width: none; padding: 0; } header { padding-top: 0; }
  h2, h3 { break-after: avoid; } .tile, .chart, tr, .bars .row, details.alert { break-inside: avoid; }
  .tiles { grid-template-columns: repeat(4, 1fr); } .tile .figure { font-size: 26px; } section { padding: 14px 16px; margin: 12px 0; border-color: var(--line-strong); }
  .scroll { overflow: visible; } .split { grid-template-columns: minmax(0, 8fr) minmax(220px, 5fr); }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`
