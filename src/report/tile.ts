import type { Estimate } from '../schema/evaluation.ts'
import { type Html, html } from './html.ts'

/** One of the figures that the first screen answers with. */
export interface Tile {
  /** The question. */
  readonly ask: string
  readonly figure: string
  readonly unit: string
  /** What the figure is made of. */
  readonly of: string
  /** Shares, 0-1: drawn as a bar, with a band where there is an interval. */
  readonly range: Estimate
  /** What it is held against, 0-1: an upright line. */
  readonly rival: number | null
  readonly sure: string
}

export function tiles(list: readonly Tile[]): Html {
  return html`<div class="tiles">
${list.map(tile)}
</div>`
}

function tile({ ask, figure, unit, of, range, rival, sure }: Tile): Html {
  const at = (share: number) => `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%`
  const { value, low, high } = range
  const band =
    low !== null && high !== null
      ? html`<i style="left:${at(low)};right:calc(100% - ${at(high)})"></i>`
      : value !== null && html`<i style="left:0;width:${at(value)}"></i>`
  return html`<div class="tile"><p class="ask">${ask}</p><p class="figure">${figure} <small>${unit}</small></p>
<p class="of">${of}</p><div class="range">${band}${value !== null && html`<b style="left:${at(value)}"></b>`}${rival !== null && html`<u style="left:${at(rival)}"></u>`}</div><p class="sure">${sure}</p></div>`
}

/** How sure a figure is, by its interval. */
export function sureOf(range: string, without = 'no interval: too little to resample'): string {
  return range === '' ? without : `95 % sure: ${range}`
}
