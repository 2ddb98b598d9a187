import type { DryRun, DryRunLog, StoredRow } from '../pipeline/dry-run.ts'
import { facts, number, printable, table } from './format.ts'
import type { Shell } from './shell.ts'

type Colors = Shell['colors']

/** Files, forms of logs, and columns listed; --json has them all. */
const LISTED_FILES = 3
const LISTED_LOGS = 10
const LISTED_LEFT = 30
/** Characters of a value; three rows of them fit on a wide terminal. */
const SHOWN_CHARACTERS = 32
/** Characters of the columns that one is made of. */
const NAME_CHARACTERS = 64

/** The columns as they were understood, and the rows as they would be stored. */
export function dryRunText(report: DryRun, colors: Colors): string {
  const { logs, findings, notes, bad } = report
  const parts = logs.slice(0, LISTED_LOGS).map(log => logText(log, report.hasOwnKey, colors))
  if (logs.length > LISTED_LOGS)
    parts.push(`... and ${number(logs.length - LISTED_LOGS)} more forms of logs: --json`)
  // The error that follows on stderr tells of some of them.
  const isTold = (text: string) => report.stop?.includes(text) === true
  const remarks = [
    ...bad.filter(({ error }) => !isTold(error)).map(({ error }) => `cannot be used: ${printable(error)}`),
    ...findings
      .filter(({ text }) => !isTold(text))
      .map(({ source, check, text }) => `check ${check} (${source}): ${printable(text)}`),
    ...notes.map(printable),
  ]
  if (remarks.length > 0) parts.push(remarks.join('\n'))
  const counts = `Rows: ${number(report.read)} read, ${number(report.usable)} usable, ${number(report.rejected)} rejected`
  const end = report.stop === null ? 'An ingest would go on.' : 'An ingest would end with this error:'
  parts.push(`Dry run: nothing was stored. ${counts}. ${end}`)
  return parts.join('\n\n')
}

function logText(log: DryRunLog, hasOwnKey: boolean, colors: Colors): string {
  const { files } = log
  const more = files.length > LISTED_FILES ? ` and ${number(files.length - LISTED_FILES)} more files` : ''
  const key = hasOwnKey ? "hashed; the key is this call's own, since the workspace has none yet" : 'hashed'
  const head = facts(
    [
      ['files', `${files.slice(0, LISTED_FILES).map(printable).join(', ')}${more}`],
      ['source', `${log.source} (${log.format}): ${printable(log.why)}`],
      ['tokens', log.tokens === 'secret' ? key : 'kept as they are'],
      ['rows read', number(log.read)],
      ['usable', number(log.usable)],
      ['rejected', number(log.rejected)],
      ...Object.entries(log.rejectsByReason).map(
        ([reason, count]) => [`rejected, ${printable(reason)}`, number(count)] as const,
      ),
    ],
    colors,
  )
  const columns = table(
    ['your column', 'taken as', 'by', 'example, as stored'],
    log.taken.map(({ from, as, by, example }) => [
      from.length === 0 ? '-' : shown(from.join(', '), NAME_CHARACTERS),
      as,
      by,
      valueText(example),
    ]),
    colors,
  )
  return [head, columns, leftText(log), ...log.notes.map(printable), rowsText(log.rows, colors)]
    .filter(part => part !== '')
    .join('\n\n')
}

function leftText({ left, leftUnnamed }: DryRunLog): string {
  if (left.length + leftUnnamed === 0) return 'No column was left.'
  const rest = left.length - LISTED_LEFT + leftUnnamed
  const named = left.slice(0, LISTED_LEFT).map(printable).join(', ')
  const more = Math.max(leftUnnamed, rest)
  return `Columns left: ${[named, ...(more > 0 ? [`${number(more)} more`] : [])].filter(Boolean).join(' and ')}`
}

/** A line a column that any of the rows has. */
function rowsText(rows: readonly StoredRow[], colors: Colors): string {
  if (rows.length === 0) return ''
  const names = Object.keys(rows[0]!).filter(name => rows.some(row => row[name] !== null))
  return table(
    ['stored as', ...rows.map((_, i) => `row ${i + 1}`)],
    names.map(name => [name, ...rows.map(row => valueText(row[name] ?? null))]),
    colors,
  )
}

function valueText(value: string | number | Date | null): string {
  if (value === null) return '-'
  return shown(value instanceof Date ? value.toISOString() : String(value))
}

function shown(text: string, most = SHOWN_CHARACTERS): string {
  const safe = printable(text)
  return safe.length <= most ? safe : `${safe.slice(0, most - 3)}...`
}
