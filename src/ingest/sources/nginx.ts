import { quoteText } from '../../sql/duckdb.ts'
import type { OpenLog } from '../log.ts'
import {
  FIELD_GUESS,
  FIELD_KEY,
  FIELD_SESSION,
  QUERY_GUESS,
  QUERY_KEY,
  QUERY_SECRET,
  QUERY_SESSION,
} from '../secret-names.ts'
import { type Fields, INSIDE_NETWORK, type Source } from '../source.ts'
import { sampleLines, shareOf, type TextForm, takeApart, textForm } from '../text-form.ts'

/** A quoted field, in which quotation marks are escaped by a backslash. */
const QUOTED = (name: string) => `"(?<${name}>(?:[^"\\\\]|\\\\.)*)"`

/** Common and combined log format (Apache httpd 2.4, mod_log_config; nginx `combined`), and whatever was added after it. */
const AFTER_ADDRESS = `(?<ident>\\S+) (?<remote_user>.*?) ?\\[(?<time_local>[^\\]]+)\\] ${QUOTED('request')} (?<status>\\d{3}|-) (?<bytes>\\d+|-)(?: ${QUOTED('referer')} ${QUOTED('user_agent')}(?<rest>.*))?`

const ADDRESS = '\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+'

const COMBINED = textForm(`^(?<ip>\\S+) ${AFTER_ADDRESS}`)
/** The form of which a line certainly is: an address stands first. */
const SURE = new RegExp(`^(?:${ADDRESS}) \\S+ .*?\\[\\d{1,2}/[A-Z][a-z]{2}/\\d{4}:[^\\]]+\\] "`)
/** Apache's `vhost_combined`: the virtual host and its port before the address. */
const VHOST = textForm(`^(?<vhost>\\S+) (?<ip>${ADDRESS}) ${AFTER_ADDRESS}`)

/** Is the line one of the common or combined format with an address first, and no head of another program before it? */
export function isAccessLine(line: string): boolean {
  return SURE.test(line) || VHOST.test.test(line)
}

/** A quoted list of addresses that was added to the format: X-Forwarded-For, as in the `main` format of nginx's packages. */
const FORWARDED = `"((?:${ADDRESS})(?:, ?[^",]+)*)"`

/** nginx or Apache access log in the common or combined format, with or without fields of one's own at the end. */
export const nginx: Source = accessLog('nginx')
/** The same format under its own name. */
export const combined: Source = accessLog('combined')

function accessLog(name: 'nginx' | 'combined'): Source {
  return {
    name,
    tokens: 'secret',
    recognise: log =>
      log.format === 'lines' && shareOf(sampleLines(log), COMBINED.test) >= 0.5
        ? 'lines of the common or combined log format'
        : null,
    prepare: log =>
      log.format === 'lines' ? takeApart(log, formOf(log), 'in the common or combined log format') : log,
    fields(log) {
      const part = (wanted: string) => log.value(wanted)
      const rest = part('rest')
      const group = (text: string, pattern: string, at: number) =>
        `nullif(regexp_extract(${text}, ${quoteText(pattern)}, ${at}), '')`
      const forwarded = group(rest, FORWARDED, 1)
      const fields: Fields = {
        time: part('time_local'),
        token_id: `coalesce(${[
          group(rest, '(?i)(?:bearer|basic)\\s+([^"\\s]+)', 1),
          group(rest, FIELD_KEY, QUERY_KEY),
          group(part('request'), QUERY_SECRET, QUERY_KEY),
          group(rest, FIELD_SESSION, QUERY_KEY),
          group(rest, FIELD_GUESS, QUERY_KEY),
          `kh_said(${part('remote_user')})`,
          group(part('request'), QUERY_SESSION, QUERY_KEY),
          group(part('request'), QUERY_GUESS, QUERY_KEY),
        ].join(', ')})`,
        principal_id: part('remote_user'),
        method: `regexp_extract(${part('request')}, '^([A-Z]+) ', 1)`,
        path: part('request'),
        status: part('status'),
        source_ip: `CASE WHEN ${forwarded} IS NOT NULL AND regexp_matches(${part('ip')}, ${quoteText(INSIDE_NETWORK)}) THEN ${forwarded} ELSE ${part('ip')} END`,
        user_agent: part('user_agent'),
        response_bytes: part('bytes'),
        latency_ms: `(kh_number(regexp_extract(${rest}, '(?:rt|request_time)="?([0-9.]+)', 1)) * 1000)::VARCHAR`,
      }
      return {
        fields,
        notes: [
          'token is a bearer token, an API key or a session cookie added to the format, an API key in the query, else the remote user, else a session or key in the query; requests without any are rejected, since nobody can be told apart',
        ],
      }
    },
  }
}

/** With the virtual host first or without it, as most lines are. */
function formOf(log: OpenLog): TextForm {
  const lines = sampleLines(log)
  return shareOf(lines, SURE) < 0.5 && shareOf(lines, VHOST.test) >= 0.5 ? VHOST : COMBINED
}
