import type { Severity } from '../schema/scores.ts'
import type { OutgoingAlert } from './sink.ts'
import { templateValues } from './template.ts'

/** CEF counts from 0 to 10: 0-3 low, 4-6 medium, 7-8 high, 9-10 very high. */
const CEF_SEVERITY: Readonly<Record<Severity, number>> = { info: 1, low: 3, medium: 5, high: 8, critical: 10 }

/** Longest `msg` of the dictionary of CEF. */
const MOST_MSG = 1023

/** A header field: backslash and pipe are escaped, a line break has no place there. */
export function escapeCefHeader(text: string): string {
  return text.replace(/[\\|]/g, '\\$&').replace(/[\r\n]+/g, ' ')
}

/** A value of the extension: backslash and equals sign are escaped, line breaks spelt out; a pipe stands as it is. */
export function escapeCefValue(text: string): string {
  return text.replace(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n')
}

/**
 * An alert in ArcSight's Common Event Format, version 0, one line: the cause as signature, ids and techniques in labelled custom
 * strings, the first address that an example event names as `src`.
 */
export function toCef({ alert, events, deliveryId }: OutgoingAlert, productVersion: string): string {
  const values = templateValues(alert)
  const example = alert.reasons
    .flatMap(reason => reason.events ?? [])
    .map(id => events.get(id))
    .find(event => event !== undefined && event.sourceIp !== null)
  const header = [
    'CEF:0',
    'Keyhound',
    'Keyhound',
    productVersion,
    alert.reasons[0]?.code ?? 'alert',
    values.title,
    String(CEF_SEVERITY[alert.severity]),
  ].map(escapeCefHeader)
  const extension: readonly (readonly [string, string | undefined])[] = [
    ['externalId', alert.alertId],
    ['rt', String(alert.lastSeen.getTime())],
    ['start', String(alert.firstSeen.getTime())],
    ['end', String(alert.lastSeen.getTime())],
    ['suid', values.principal],
    ['src', example?.sourceIp ?? undefined],
    ['cat', 'API token misuse'],
    ['cs1Label', 'tenant'],
    ['cs1', values.tenant],
    ['cs2Label', 'token'],
    ['cs2', values.token],
    ['cs3Label', 'techniques'],
    ['cs3', values.techniques],
    ['cs4Label', 'incident'],
    ['cs4', values.incidentId],
    ['cs5Label', 'model'],
    ['cs5', values.model],
    ['cs6Label', 'deliveryId'],
    ['cs6', deliveryId],
    ['cn1Label', 'alertedHours'],
    ['cn1', values.hours],
    ['cfp1Label', 'risk'],
    ['cfp1', values.risk],
    ['msg', values.reasons.slice(0, MOST_MSG)],
  ]
  const pairs = extension.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escapeCefValue(value)}`],
  )
  return `${header.join('|')}|${pairs.join(' ')}`
}
