import { causeTitle } from '../pipeline/alerts.ts'
import type { ExampleEvent } from '../pipeline/example-events.ts'
import { amount } from '../risk/quantities.ts'
import type { Frame, Reason, ReasonFact } from '../schema/scores.ts'
import { number, percent, printable, table } from './format.ts'
import type { Shell } from './shell.ts'

/** Characters of a value that a column shows: a user agent would push the others off the screen. */
const WIDEST_VALUE = 44

const INDENT = '    '

/**
 * Each reason with its share and sentence, then its facts: what was seen beside what is usual for the token itself, its role
 * and its tenant, then the events that show it, in full where `events` holds them.
 */
export function reasonsText(
  reasons: readonly Reason[],
  colors: Shell['colors'],
  events?: ReadonlyMap<string, ExampleEvent>,
): string {
  if (reasons.length === 0) return 'no reason stands out'
  return reasons
    .map((reason, i) => {
      const share = `${percent(reason.contribution, 0)} of the score`
      const heading = `${i + 1}. ${colors.bold(causeTitle(reason))} ${colors.dim(`(${reason.code}, ${share})`)}`
      const named = events === undefined ? eventNames(reason) : eventTable(reason, events, colors)
      return [heading, indent(printable(reason.text)), indent(factTable(reason, colors)), indent(named)]
        .filter(text => text.trim() !== '')
        .join('\n')
    })
    .join('\n\n')
}

function factTable(reason: Reason, colors: Shell['colors']): string {
  const facts = reason.facts ?? [reason]
  const framed = facts.some(fact => fact.frames !== undefined)
  const usual = framed
    ? ['usual for itself', 'for its role', 'for its tenant'].map(name => ({ name, align: 'right' as const }))
    : [{ name: 'usual', align: 'right' as const }, 'compared with']
  return table(
    ['fact', { name: 'seen', align: 'right' }, ...usual],
    facts.map(fact => [
      factName(fact),
      quantity(fact.actual, fact.unit),
      ...(framed
        ? (['self', 'peer', 'tenant'] as const).map(frame => inFrame(fact, frame))
        : [quantity(fact.typical, fact.unit), FRAMES[fact.frame]]),
    ]),
    colors,
  )
}

const FRAMES: Readonly<Record<Frame, string>> = {
  self: 'its own past',
  peer: 'its role',
  tenant: 'its tenant',
}

/** What is usual under a frame; where the history was not asked, the fact's own typical value under its frame. */
function inFrame(fact: ReasonFact, frame: Frame): string {
  const found = fact.frames?.find(one => one.frame === frame)
  if (found === undefined) {
    const isItsOwn = fact.frames === undefined && fact.frame === frame && fact.typical !== null
    return isItsOwn ? quantity(fact.typical, fact.unit) : '-'
  }
  if (found.highest === null) return quantity(found.typical, fact.unit)
  return `${quantity(found.typical, fact.unit)}, at most ${quantity(found.highest, fact.unit)}`
}

function factName({ code }: ReasonFact): string {
  return code.replace(/^unusual_/, '').replaceAll('_', ' ')
}

/** Numbers with their unit as a person says them, values shortened. */
function quantity(value: number | string | null, unit?: string | null): string {
  if (value === null) return '-'
  if (typeof value === 'string') {
    const text = printable(value)
    return text.length > WIDEST_VALUE ? `${text.slice(0, WIDEST_VALUE - 1)}…` : text
  }
  return unit === 'deviations' ? `${number(value, 1)} sd` : amount(value, unit)
}

function eventNames({ events = [] }: Reason): string {
  return events.length === 0 ? '' : `events  ${events.map(printable).join(' ')}`
}

function eventTable(
  { events = [] }: Reason,
  known: ReadonlyMap<string, ExampleEvent>,
  colors: Shell['colors'],
): string {
  const found = events.flatMap(id => known.get(id) ?? [])
  if (found.length === 0) return ''
  const cell = (value: string | number | null) => quantity(value === null ? null : String(value))
  return table(
    [
      'event',
      'time (UTC)',
      'operation',
      'object',
      { name: 'status', align: 'right' },
      'address',
      'network',
      'client',
    ],
    found.map(event => [
      printable(event.eventId),
      event.time.toISOString().slice(0, 19).replace('T', ' '),
      cell(event.operation),
      cell(event.resourceId),
      cell(event.status),
      cell(event.sourceIp),
      printable([event.asn === null ? null : `AS${event.asn}`, event.country].filter(Boolean).join(' ')) ||
        '-',
      cell(event.client),
    ]),
    colors,
  )
}

function indent(text: string): string {
  return text
    .split('\n')
    .map(line => `${INDENT}${line}`)
    .join('\n')
}
