import { type Html, html, raw } from '../../../src/report/html.ts'
import { type EffectTable, type Spread, signed } from './row.ts'

/** Pixels of a bar's drawing. */
const WIDTH = 230
const HEIGHT = 18

/** What is lost or won, a row a thing left out; the first measure is drawn with its spread. */
export function effectTable({ title, note, measures, rows }: EffectTable): Html {
  const drawn = rows.map(({ changes }) => changes[0]!)
  const low = Math.min(0, ...drawn.map(change => change.low))
  const high = Math.max(0, ...drawn.map(change => change.high))
  return html`<h3>${title}</h3>${note && html`<p class="note">${note}</p>`}
<div class="scroll"><table class="effects"><thead><tr><th>Left out</th><th class="n">Facts</th><th>${measures[0]}</th>${measures.map(name => html`<th class="n">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ name, facts, changes }) =>
      html`<tr><td>${name}</td><td class="n">${facts}</td><td>${drawSpread(changes[0]!, low, high)}</td>${changes.map(cell)}</tr>`,
  )}</tbody></table></div>`
}

function cell({ mean, low, high }: Spread): Html {
  return html`<td class="n">${signed(mean)}<small>${signed(low)} to ${signed(high)}</small></td>`
}

/** A bar from zero to the mean, and a whisker from lowest to highest. */
function drawSpread({ mean, low, high }: Spread, from: number, to: number): Html {
  const x = (value: number) => 1 + ((WIDTH - 2) * (value - from)) / Math.max(1e-9, to - from)
  const at = (value: number) => x(value).toFixed(1)
  const middle = HEIGHT / 2
  const bar = `<rect class="${mean < 0 ? 'loss' : 'gain'}" x="${at(Math.min(0, mean))}" y="4" width="${Math.abs(x(mean) - x(0)).toFixed(1)}" height="${HEIGHT - 8}" rx="1.5"/>`
  const axis = `<line class="axis" x1="${at(0)}" x2="${at(0)}" y1="0" y2="${HEIGHT}"/>`
  const whisker = `<path class="whisker" fill="none" d="M${at(low)} ${middle - 3}v6m0 -3H${at(high)}m0 -3v6"/>`
  return html`<svg width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${signed(mean)}, ${signed(low)} to ${signed(high)}">${raw(bar + axis + whisker)}</svg>`
}
