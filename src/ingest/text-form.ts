import { quoteText } from '../sql/duckdb.ts'
import type { OpenLog } from './log.ts'

/** A text log whose lines are taken apart by a regular expression (RE2) with named groups. */
export interface TextForm {
  readonly names: readonly string[]
  /** For the engine: groups without names. */
  readonly line: string
  readonly test: RegExp
}

/** A form of an expression with groups like `(?<time>...)`. */
export function textForm(expression: string): TextForm {
  const names = [...expression.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name]) => name!)
  return { names, line: expression.replaceAll(/\(\?<[A-Za-z_]\w*>/g, '('), test: new RegExp(expression) }
}

/** The lines of a sample that hold a record. */
export function sampleLines(log: Pick<OpenLog, 'sample'>): string[] {
  return log.sample
    .map(({ line }) => String(line ?? ''))
    .filter(line => line.trim() !== '' && !line.startsWith('#'))
}

/** Of the lines, the share that is of the form. */
export function shareOf(lines: readonly string[], test: { test(line: string): boolean }): number {
  if (lines.length === 0) return 0
  return lines.filter(line => test.test(line)).length / lines.length
}

/** A log of lines whose parts are its columns. */
export function takeApart(log: OpenLog, { names, line }: TextForm, what: string): OpenLog {
  const list = names.map(quoteText).join(', ')
  const known = new Set(names)
  return {
    ...log,
    columns: names.map(name => ({ name, type: 'VARCHAR' })),
    value: name => (known.has(name) ? `parts.${name}` : 'NULL'),
    relation: keepErrors =>
      `SELECT *, regexp_extract(line, ${quoteText(line)}, [${list}]) AS parts FROM (${log.relation(keepErrors)})`,
    broken: `coalesce(${log.broken}, CASE WHEN NOT regexp_matches(line, ${quoteText(line)}) THEN ${quoteText(`row: not ${what}`)} END)`,
  }
}

/** What stands before the lines of a program that writes to syslog or to a container's output, each with its own head. */
const PREFIXES: readonly string[] = [
  '^(?:<\\d{1,3}>)?[A-Z][a-z]{2} [ \\d]\\d \\d{2}:\\d{2}:\\d{2} \\S+ [^:\\[\\s]+(?:\\[\\d+\\])?: ?',
  '^(?:<\\d{1,3}>)?1 \\d{4}-\\S+ \\S+ \\S+ \\S+ \\S+ (?:-|(?:\\[[^\\]]*\\])+) ?',
  '^(?:<\\d{1,3}>)?\\d{4}-\\d{2}-\\d{2}T\\S+ \\S+ [^:\\[\\s]+(?:\\[\\d+\\])?: ?',
  '^\\d{4}-\\d{2}-\\d{2}T\\S+ (?:stdout|stderr) [FP] ',
  '^\\[pod/\\S+\\] ',
  '^[A-Za-z0-9][\\w.-]* +\\| ',
  '^\\d{4}-\\d{2}-\\d{2}T[\\d:.]+(?:Z|[+-]\\d{2}:\\d{2}) ',
]

/** The head that nearly all lines have before what `isKnown` says is a record; null where none stands before them. */
export function findPrefix(lines: readonly string[], isKnown: (rest: string) => boolean): string | null {
  if (lines.length === 0) return null
  for (const prefix of PREFIXES) {
    const head = new RegExp(prefix)
    const known = lines.filter(line => head.test(line) && isKnown(line.replace(head, '')))
    if (known.length >= 0.5 * lines.length) return prefix
  }
  return null
}
