import Table from 'cli-table3'
import type pc from 'picocolors'
import type { Severity } from '../schema/scores.ts'

type Colors = ReturnType<typeof pc.createColors>

/** Decimal number with thousands separated, to at most `digits` decimals: 1,234.5. A dash where unknown. */
export function number(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const [whole, fraction] = Math.abs(value).toFixed(digits).split('.') as [string, string | undefined]
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${value < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}

/** A share as a percentage: 0.683 -> 68.3 %. */
export function percent(value: number | null | undefined, digits = 1): string {
  return value === null || value === undefined || Number.isNaN(value)
    ? '-'
    : `${number(100 * value, digits)} %`
}

/** A duration in the unit that suits: 45 min, 3.5 h, 2.1 d. */
export function hours(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-'
  if (value < 1) return `${number(60 * value)} min`
  return value < 48 ? `${number(value, 1)} h` : `${number(value / 24, 1)} d`
}

/** UTC minute: 2026-10-05 01:00. */
export function minute(time: Date): string {
  return time.toISOString().slice(0, 16).replace('T', ' ')
}

export interface TableColumn {
  readonly name: string
  /** @default 'left' */
  readonly align?: 'left' | 'right'
}

/** Borderless, aligned table; numbers go right. The last line has no trailing line break. */
export function table(
  columns: readonly (string | TableColumn)[],
  rows: readonly (readonly string[])[],
  colors: Colors,
): string {
  const heads = columns.map(column => (typeof column === 'string' ? { name: column } : column))
  const plain = new Table({
    head: heads.map(head => colors.bold(head.name)),
    colAligns: heads.map(head => ('align' in head ? (head.align ?? 'left') : 'left')),
    // No frame: two spaces between columns are enough for the eye, and for cut and awk.
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  plain.push(...rows.map(row => [...row]))
  return plain
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')
}

/** Facts as aligned `label  value` lines. */
export function facts(pairs: readonly (readonly [string, string])[], colors: Colors): string {
  const width = Math.max(0, ...pairs.map(([label]) => label.length))
  return pairs.map(([label, value]) => `${colors.dim(label.padEnd(width))}  ${value}`).join('\n')
}

/** A severity in its colour. */
export function severity(value: string, colors: Colors): string {
  const paint: Record<Severity, (text: string) => string> = {
    info: colors.dim,
    low: colors.cyan,
    medium: colors.yellow,
    high: colors.red,
    critical: text => colors.bold(colors.red(text)),
  }
  return (paint[value as Severity] ?? String)(value)
}

/** Text that came from logs, made safe for a terminal: control characters would let a log line move the cursor or hide. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
}

/** The digits of a content id that a list shows: as many as one types to name a model by it, and four more. */
export function shortContentId(contentId: string): string {
  return contentId.slice(0, 12)
}
