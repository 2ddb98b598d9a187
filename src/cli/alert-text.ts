import type { ExampleEvent } from '../pipeline/example-events.ts'
import type { RecomputedAlert } from '../pipeline/recompute.ts'
import type { TriagedAlert } from '../pipeline/triage.ts'
import { facts, minute, number, percent, printable, severity, table } from './format.ts'
import { reasonsText } from './reason-text.ts'
import type { Shell } from './shell.ts'

/** Characters of an id that a person has to type; `findAlert` says when they do not suffice. */
const SHORT_ID = 8

/** The queue, an alert a line. */
export function alertTable(alerts: readonly TriagedAlert[], colors: Shell['colors']): string {
  return table(
    [
      'alert',
      'severity',
      { name: 'risk', align: 'right' },
      'first seen (UTC)',
      { name: 'hours', align: 'right' },
      { name: 'more', align: 'right' },
      'token',
      'title',
      'verdict',
    ],
    alerts.map(alert => [
      alert.alertId.slice(0, SHORT_ID),
      severity(alert.severity, colors),
      number(alert.risk, 1),
      minute(alert.firstSeen),
      number(alert.windows),
      alert.folds === 0 ? '' : `+${number(alert.folds)}`,
      printable(alert.tokenId),
      printable(alert.title),
      printable(standing(alert)),
    ]),
    colors,
  )
}

/** Where an alert stands, in a word or two: its verdict once closed. */
function standing({ status, verdict, life, shown }: TriagedAlert): string {
  if (status === 'acknowledged') return life?.assignee ? `with ${life.assignee}` : 'acknowledged'
  if (status === 'new' && verdict !== null) return `${verdict.verdict}, open again`
  return verdict?.verdict ?? life?.judgedAs ?? (shown === 'queue' ? '' : shown)
}

/** The same in full: why it is held back or open again, whose it is, what was noted. */
function statusText({ status, suppressedBecause, life }: TriagedAlert): string {
  if (status === 'suppressed') return `suppressed: ${suppressedBecause ?? '-'}`
  const again = life?.reopenedFor.length ? `, open again: ${life.reopenedFor.join(', ')}` : ''
  const whose = life?.assignee ? `, of ${life.assignee}` : ''
  const held = suppressedBecause === null ? '' : ` (was held back: ${suppressedBecause})`
  return `${status}${whose}${again}${held}${life?.note ? `; note: ${life.note}` : ''}`
}

/** What the token was alerted for before. */
function followsText({ life }: TriagedAlert): [string, string][] {
  if (!life?.follows) return []
  const { alertId, verdict, lastSeen, newCauses } = life.follows
  const news = newCauses.length === 0 ? 'the same causes again' : `new here: ${newCauses.join(', ')}`
  return [['follows', `${alertId.slice(0, SHORT_ID)}, ${verdict}, until ${minute(lastSeen)}; ${news}`]]
}

const SHOWN_TEXTS: Readonly<Record<TriagedAlert['shown'], string>> = {
  queue: 'as part of the queue',
  sampled: 'to check the filter, which holds it back',
  explored: 'to learn from: it lies below the alert risk',
  suppressed: 'only on request',
}

/** One alert in full; `events` are those that its reasons name, where they are to be shown. */
export function alertText(
  alert: TriagedAlert,
  colors: Shell['colors'],
  events?: ReadonlyMap<string, ExampleEvent>,
): string {
  const judged = alert.verdict
  const pairs: [string, string][] = [
    ['alert', alert.alertId],
    ['incident', alert.incidentId ?? '-'],
    ['repeats', alert.foldedInto ?? '-'],
    [
      'repeated by',
      alert.folds === 0 ? '-' : `${number(alert.folds)} alerts: keyhound alerts list --status folded`,
    ],
    ['severity', severity(alert.severity, colors)],
    ['risk', `${number(alert.risk, 1)} of 100`],
    ['tenant', printable(alert.tenantId)],
    ['principal', printable(alert.principalId)],
    ['token', printable(alert.tokenId)],
    [
      'seen',
      `${minute(alert.firstSeen)} to ${minute(alert.lastSeen)} UTC, in ${number(alert.windows)} hours`,
    ],
    ['history behind it', percent(alert.maturity, 0)],
    ['worth an analyst', percent(alert.filterProbability, 0)],
    ['techniques', alert.techniques.map(printable).join(', ') || '-'],
    ['model', alert.model],
    ['shown', SHOWN_TEXTS[alert.shown]],
    ['status', printable(statusText(alert))],
    ...followsText(alert),
    [
      'verdict',
      judged === null
        ? '-'
        : printable(
            `${judged.verdict} by ${judged.who}, ${minute(judged.at)}${judged.note ? `: ${judged.note}` : ''}`,
          ),
    ],
  ]
  return [
    colors.bold(printable(alert.title)),
    facts(pairs, colors),
    reasonsText(alert.reasons, colors, events),
    `${alert.evidence.length} events as evidence: keyhound query "from events where event_id in (${alert.evidence
      .slice(0, 3)
      .map(id => `'${printable(id)}'`)
      .join(', ')})"`,
  ].join('\n\n')
}

/** Whether an alert worked out again is the one that is stored. */
export function recomputedText({ contentId, changed, differences }: RecomputedAlert): string {
  const same = `worked out again with model content ${contentId}: `
  const because = changed === null ? '' : `\n${changed}`
  if (differences.length === 0) return `${same}exactly the same${because}`
  return `${same}differs\n${differences.map(line => printable(line)).join('\n')}${because}`
}
