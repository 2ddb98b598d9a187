import type { Severity } from '../schema/scores.ts'

/** RFC 5424, table 2: critical, error, warning, notice, informational. */
const SYSLOG_SEVERITY: Readonly<Record<Severity, number>> = {
  critical: 2,
  high: 3,
  medium: 4,
  low: 5,
  info: 6,
}

export interface SyslogMessage {
  /** 0-23. */
  readonly facility: number
  readonly severity: Severity
  readonly time: Date
  readonly hostname: string
  /** Keyhound's version, as the `origin` element says it (section 7.2). */
  readonly productVersion: string
  readonly text: string
}

/**
 * A syslog message: version 1, application `keyhound`, message id `alert`, and the registered element `origin`. Elements of our own
 * would need an enterprise number. The text is UTF-8 without a byte order mark, which section 6.4 leaves open and CEF readers trip
 * over.
 */
export function toSyslog({
  facility,
  severity,
  time,
  hostname,
  productVersion,
  text,
}: SyslogMessage): string {
  const priority = 8 * facility + SYSLOG_SEVERITY[severity]
  const origin = `[origin software="Keyhound" swVersion="${escapeParam(productVersion)}"]`
  return `<${priority}>1 ${time.toISOString()} ${hostname} keyhound - alert ${origin} ${text}`
}

/** A parameter's value, section 6.3.3: quote, backslash and closing bracket are escaped. */
export function escapeParam(text: string): string {
  return text.replace(/["\\\]]/g, '\\$&')
}

/** RFC 6587, section 3.4.1, and RFC 5425: the length in octets, a space, the message. */
export function frame(message: string): Buffer {
  const bytes = Buffer.from(message)
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes])
}
