import type { Definition } from '../../features/define.ts'
import { DELETE, READ, WRITE } from '../../kernel/calls.ts'
import type { FacetName } from '../../schema/activity.ts'
import type { ReasonFact } from '../../schema/scores.ts'
import { type DayLog, IS_FACET, type Moment } from './day-log.ts'

/** Which events of an hour show a fact; the most telling first. */
export interface Example {
  /** `value` is what the fact names. */
  readonly shows: (log: DayLog, moment: Moment, value: string) => boolean
  /** Higher comes first. @default the earliest */
  readonly weight?: (log: DayLog, at: number) => number
}

/** The event's value of a facet was never used by the token on an earlier day. */
const firstSeen = (facet: FacetName): Example => ({
  shows: (log, moment) => log.isFirst(facet, moment),
})
const sameValue = (facet: FacetName): Example => ({
  shows: (log, moment, value) => log.textOf(facet, moment) === value,
})
const changed = (facet: 'net' | 'country' | 'client'): Example => ({
  shows: (log, { at, before }) => log.isOther(facet, at, before),
})
const status = (isShown: (status: number) => boolean): Example => ({
  shows: (log, { at }) => isShown(log.statusOf(at)),
})
const largest = (column: 'requestBytes' | 'responseBytes' | 'latency'): Example => ({
  shows: (log, { at }) => !Number.isNaN(log.numberOf(column, at)),
  weight: (log, at) => log.numberOf(column, at),
})
const isSensitive = (log: DayLog, at: number) => log.isSensitive(at)
const ofKind = (kind: number): Example => ({
  shows: (log, { at }) => log.kindOf(at) === kind,
  weight: isSensitive,
})
const isDenied = (code: number) => code === 401 || code === 403
const isMissing = (code: number) => code === 404 || code === 410
const withObject: Example = { shows: (log, moment) => log.valueOf('object', moment) >= 0 }
const any: Example = { shows: () => true }

/** By what the code of a fact ends on, after `unusual_`, `slow_` or `slow_new_`, and `day_`. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  failed: status(code => code >= 400),
  denied: { ...status(isDenied), weight: isSensitive },
  denied_sensitive: {
    shows: (log, { at }) => log.isSensitive(at) === 1 && isDenied(log.statusOf(at)),
  },
  not_found: status(isMissing),
  server_errors: status(code => code >= 500),
  writes: ofKind(WRITE),
  deletes: ofKind(DELETE),
  sensitive: {
    shows: (log, { at }) => log.isSensitive(at) === 1,
    weight: (log, at) => Number(log.kindOf(at) !== READ),
  },
  operations: firstSeen('operation'),
  fresh_operations: firstSeen('operation'),
  operation_entropy: any,
  fresh_bigrams: firstSeen('bigram'),
  objects: withObject,
  object_entropy: withObject,
  fresh_objects: firstSeen('object'),
  foreign_objects: firstSeen('object'),
  private_objects: firstSeen('object'),
  id_steps: {
    shows: (log, moment) => log.stepOf(moment) >= 1 && log.stepOf(moment) <= 3,
  },
  nets: changed('net'),
  ips: changed('net'),
  asns: changed('net'),
  clients: changed('client'),
  client_switches: changed('client'),
  country_switches: changed('country'),
  handovers: changed('net'),
  three_day_handovers: changed('net'),
  refused_objects: {
    shows: (log, moment) => {
      const code = log.statusOf(moment.at)
      return log.valueOf('object', moment) >= 0 && (isDenied(code) || isMissing(code))
    },
  },
  net_returns: {
    shows: (log, { at, before, beforeLast }) =>
      log.isOther('net', at, before) && log.isSame('net', at, beforeLast),
  },
  impossible_travel: {
    shows: (log, { at, before }) => log.isOther('net', at, before) && log.isLocated(at),
  },
  out_of_grant: { shows: (log, { at }) => log.isOutOfGrant(at) },
  permission_violation: {
    shows: (log, moment, value) =>
      log.textOf('operation', moment) === value || log.textOf('scope', moment) === value,
  },
  response_bytes: largest('responseBytes'),
  bytes_per_request: largest('responseBytes'),
  largest_response: largest('responseBytes'),
  request_bytes: largest('requestBytes'),
  latency: largest('latency'),
  quick_gaps: {
    shows: (log, { at, before }) => before >= 0 && log.timeOf(at) - log.timeOf(before) <= 1000,
  },
}

/** An own feature shows the events that it gives a number above zero, the largest first. */
function ownExample(shows: NonNullable<Definition['shows']>): Example {
  return {
    shows: (log, moment) => Number(shows(log.shownEvent(moment.at))) > 0,
    weight: (log, at) => Number(shows(log.shownEvent(at))),
  }
}

/** What shows a fact; facts of own features say it themselves. */
export function exampleOf(
  { code, actual, feature }: Pick<ReasonFact, 'code' | 'actual' | 'feature'>,
  own: readonly Definition[] = [],
): Example {
  const known = own.find(one => one.name === feature)
  if (known !== undefined) return known.shows === undefined ? any : ownExample(known.shows)
  const kind = code.replace(/^(unusual|slow)_/, '').replace(/^(new|day)_/, '')
  if (IS_FACET.has(kind) && code.startsWith('slow_')) return firstSeen(kind as FacetName)
  if (IS_FACET.has(kind) && actual !== null) return sameValue(kind as FacetName)
  return EXAMPLES[kind] ?? any
}
