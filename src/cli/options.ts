import { InvalidArgumentError, Option } from 'commander'
import type { Moment } from '../pipeline/moments.ts'
import { BUDGET_FORM, parseBudget } from '../schema/budget.ts'

const TIME_FORM = '2026-10-05 or 2026-10-05T13:00:00Z (UTC)'
const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000 }

/** A date or a time of day: 2026-10-05, 2026-10-05T13:00, with an optional zone; UTC where none is named. */
export function parseTime(text: string): Date {
  const time = readTime(text)
  if (time === null) throw new InvalidArgumentError(`Not a time: write ${TIME_FORM}.`)
  return time
}

/** The same, or so long before the end of the log: -7d, -36h, -30m. */
export function parseMoment(text: string): Moment {
  const back = /^-(\d{1,5})([dhm])$/.exec(text)
  const moment = back ? { msBeforeEnd: Number(back[1]) * UNIT_MS[back[2]!]! } : readTime(text)
  if (moment === null) {
    throw new InvalidArgumentError(
      `Not a time: write ${TIME_FORM}, or -7d, -36h or -30m, counted back from the end of the log.`,
    )
  }
  return moment
}

/** What --help says of options that take a {@link Moment}. */
export const MOMENT_HELP =
  '\nTimes are UTC: 2026-10-05 or 2026-10-05T13:00; or days, hours or minutes before the end of the log: -7d, -36h, -30m.\n' +
  'The log ends with the hour of its newest event.\n'

function readTime(text: string): Date | null {
  const parts =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text)
  if (parts === null) return null
  const time = new Date(`${parts[1]}T${parts[2] ?? '00:00'}${parts[3] ?? 'Z'}`)
  // Date rolls 31 February over to March; what it makes of the date alone must be the date itself.
  const day = new Date(`${parts[1]}T00:00Z`)
  if (Number.isNaN(time.getTime()) || Number.isNaN(day.getTime())) return null
  return day.toISOString().slice(0, 10) === parts[1] ? time : null
}

/** A whole number within bounds (inclusive). */
export function parseCount(low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const value = Number(text.replaceAll('_', ''))
    if (!/^[\d_]+$/.test(text) || value < low || value > high) {
      const upTo = high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `between ${low} and ${high}`
      throw new InvalidArgumentError(`Not a whole number ${upTo}.`)
    }
    return value
  }
}

/** `--wait`, of commands that work alone on a workspace. */
export function waitOption(): Option {
  return new Option(
    '--wait <seconds>',
    'wait so long for another run to end (default: fail at once, code 4)',
  ).argParser(parseCount(0, 86_400))
}

/** Budgets separated by commas, as alerts a day, ascending: 1,3,10 or 3/day,70/week. */
export function parseBudgets(text: string): number[] {
  const values = text.split(',').map(parseBudget)
  if (values.includes(null)) {
    throw new InvalidArgumentError(
      `Write positive budgets separated by commas: 1,3,10. Each is ${BUDGET_FORM}.`,
    )
  }
  return [...new Set(values as number[])].sort((a, b) => a - b)
}

/** One alert budget, as alerts a day. */
export function parseOneBudget(text: string): number {
  const perDay = parseBudget(text)
  if (perDay === null) throw new InvalidArgumentError(`Write an alert budget: ${BUDGET_FORM}.`)
  return perDay
}

/** Words separated by commas. */
export function parseList(text: string): string[] {
  const words = text.split(',').map(word => word.trim())
  if (words.some(word => word === '')) throw new InvalidArgumentError('Write names separated by commas.')
  return words
}

/** An option with a fixed set of values, which --help then lists. */
export function choice(
  flags: string,
  description: string,
  values: readonly string[],
  standard?: string,
): Option {
  const option = new Option(flags, description).choices([...values])
  return standard === undefined ? option : option.default(standard)
}

/** The examples that every command's --help ends with: a comment that teaches, then the line to type. */
export function examples(list: readonly (readonly [string, string])[]): string {
  return `\nExamples:\n${list.map(([why, line]) => `  # ${why}\n  $ ${line}`).join('\n\n')}\n`
}
