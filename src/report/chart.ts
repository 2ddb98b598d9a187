import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { escapeHtml, type Html, raw } from './html.ts'
import { LIGHT } from './style.ts'

/** Widths in pixels at which each chart is drawn: the page shows the one that fits, so that text never shrinks. */
export const NARROW = 340
export const HALF = 590
export const FULL = 980

/** Colours are variables of the page's style: the same drawing serves light and dark. */
export const OURS = 'var(--ours)'
export const MUTED = 'var(--muted)'
export const GOOD = 'var(--good)'
export const BAD = 'var(--bad)'

/** A chart before it is drawn: for a page, a telephone, or a file of its own. */
export interface Chart {
  /** Names its file, kebab-case. */
  readonly name: string
  readonly title: string
  /** Width on a page, pixels. */
  readonly width: number
  readonly options: (width: number) => Plot.PlotOptions
  /** What its marks stand for, where it stands alone; pages say so beside it. */
  readonly key: readonly KeyEntry[]
}

export interface KeyEntry {
  readonly text: string
  readonly color: string
  /** Dashes of a line, as SVG has them; null for an area or a dot. @default a solid line */
  readonly dash?: string | null
}

export function chart(
  name: string,
  title: string,
  width: number,
  options: Chart['options'],
  key: readonly KeyEntry[] = [],
): Chart {
  return { name, title, width, options, key }
}

/** Drawn once for a page and once for a telephone; the style shows one of them. */
export function drawn(chart: Chart): Html {
  const figure = (name: string, width: number) => `<div class="chart ${name}">${svgOf(chart, width)}</div>`
  return raw(figure('wide', chart.width) + figure('narrow', NARROW))
}

/** Room around a chart that stands alone, and for its title, pixels. */
const MARGIN = 20
const HEAD = 30
const KEY_LINE = 20
/** Width of a character of the key, pixels: what the fonts below need at 12 pixels, and some. */
const KEY_CHARACTER = 6.6
/** Mark of an entry, and the room after it. */
const KEY_MARK = 26
const KEY_GAP = 18

/**
 * A chart as an SVG document that stands alone: colours of the light style, a font that is there wherever it is opened, its title above.
 */
export function standalone(chart: Chart): { svg: string; width: number; height: number } {
  const svg = svgOf(chart, chart.width)
  const key = keyOf(chart)
  const height = Number(/ height="([\d.]+)"/.exec(svg)![1])
  const root = /^<svg [^>]*>/.exec(svg)![0]
  // What the page's style decides is said on the element itself.
  const placed = root
    .replace(/ (style|font-family|font-size|width|height|color)="[^"]*"/g, '')
    .replace(
      '<svg ',
      `<svg x="${MARGIN}" y="${MARGIN + HEAD + key.height}" width="${chart.width}" height="${height}" overflow="visible" color="${LIGHT.muted}" font-family="${FONTS}" font-size="12" `,
    )
  const inner = placed + svg.slice(root.length).replace(/<style>[\s\S]*?<\/style>/, '')
  const outer = { width: chart.width + 2 * MARGIN, height: height + 2 * MARGIN + HEAD + key.height }
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${outer.width}" height="${outer.height}" viewBox="0 0 ${outer.width} ${outer.height}">`
  const title = `<text x="${MARGIN}" y="${MARGIN + 14}" font-family="${FONTS}" font-size="16" font-weight="600" fill="${LIGHT.text}">${escapeHtml(chart.title)}</text>`
  const all = `${open}<rect width="100%" height="100%" fill="${LIGHT.surface}"/>${title}${key.svg}${inner}</svg>`
  return { svg: inLight(all), ...outer }
}

/** The key as lines of marks and texts below the title. */
function keyOf({ key, width }: Chart): { svg: string; height: number } {
  let x = 0
  let line = 0
  const entries = key.map(({ text, color, dash = '' }) => {
    const room = KEY_MARK + KEY_CHARACTER * text.length + KEY_GAP
    if (x > 0 && x + room > width) {
      x = 0
      line++
    }
    const [left, middle] = [MARGIN + x, MARGIN + HEAD + line * KEY_LINE]
    x += room
    const mark =
      dash === null
        ? `<rect x="${left + 4}" y="${middle - 6}" width="12" height="12" rx="2" fill="${color}"/>`
        : `<line x1="${left}" x2="${left + 20}" y1="${middle}" y2="${middle}" stroke="${color}" stroke-width="2.5" stroke-dasharray="${dash}"/>`
    return `${mark}<text x="${left + KEY_MARK}" y="${middle + 4}" font-family="${FONTS}" font-size="12" fill="${LIGHT.text}">${escapeHtml(text)}</text>`
  })
  return { svg: entries.join(''), height: key.length === 0 ? 0 : (line + 1) * KEY_LINE }
}

const FONTS = 'Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif'

/** What a file viewer does not know: variables of a style, and the colour of the text around. */
function inLight(svg: string): string {
  return svg
    .replace(/var\(--([a-z0-9-]+)\)/g, (whole, name: string) => LIGHT[name] ?? whole)
    .replaceAll('currentColor', LIGHT.muted!)
}

function svgOf({ title, options }: Chart, width: number): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const svg = Plot.plot({
    document,
    width,
    ariaLabel: title,
    style: { background: 'none', fontSize: '12px' },
    ...options(width),
  })
  // One picture with one name: what the library calls its groups means nothing to who listens.
  svg.setAttribute('role', 'img')
  for (const group of svg.querySelectorAll('g')) {
    group.removeAttribute('aria-label')
    group.removeAttribute('aria-hidden')
    group.removeAttribute('aria-description')
  }
  return svg.outerHTML
}
