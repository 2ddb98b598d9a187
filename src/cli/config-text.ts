import { basename } from 'node:path'
import type { ConfigSetting } from '../schema/config-explained.ts'
import { printable } from './format.ts'
import type { Shell } from './shell.ts'

/** Where nobody says how wide the terminal is. */
const USUAL_COLUMNS = 100
/** Below this the meaning stands under its setting, not beside it. */
const LEAST_MEANING = 36
const GAP = 2

/** The settings as an aligned table, the last column wrapped to the terminal; unit first, then why. */
export function configText(
  settings: readonly ConfigSetting[],
  columns: number = USUAL_COLUMNS,
  colors: Shell['colors'],
): string {
  const cells = settings.map(one => [
    one.path,
    shown(one.value),
    one.isChanged ? shown(one.default) : '',
    one.source === null ? one.origin : `${one.origin} ${basename(one.source)}`,
  ])
  const heads = ['setting', 'value', 'default', 'from']
  const widths = heads.map((head, c) => Math.max(head.length, ...cells.map(row => row[c]!.length)))
  const indent = widths.reduce((sum, width) => sum + width + GAP, 0)
  const isBeside = columns - indent >= LEAST_MEANING
  const room = isBeside ? columns - indent : Math.max(LEAST_MEANING, columns - 4)
  const line = (row: readonly string[]) => row.map((cell, c) => cell.padEnd(widths[c]! + GAP)).join('')
  const lines: string[] = [colors.bold(`${line(heads)}${isBeside ? 'meaning' : ''}`.trimEnd())]
  settings.forEach((one, i) => {
    const row = line(cells[i]!)
    const left = one.isChanged ? colors.yellow(row) : row
    const meaning = [
      ...wrap(`${one.unit}.`, room),
      ...wrap(`Why the default: ${one.why}.`, room).map(text => colors.dim(text)),
    ]
    if (isBeside) {
      lines.push(`${left}${meaning[0]}`)
      for (const text of meaning.slice(1)) lines.push(' '.repeat(indent) + text)
    } else {
      lines.push(left.trimEnd(), ...meaning.map(text => `    ${text}`))
    }
  })
  return lines.join('\n')
}

/** A value in one line: lists of named things by their names. */
function shown(value: unknown): string {
  if (value === null) return 'none'
  if (!Array.isArray(value)) return printable(String(value))
  if (value.length === 0) return 'none'
  return printable(value.map(one => (one as { name?: string }).name ?? JSON.stringify(one)).join(', '))
}

/** Words into lines of at most `width` characters; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
