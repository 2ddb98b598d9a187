import { quoteText } from '../../sql/duckdb.ts'
import type { OpenLog } from '../log.ts'
import { type Fields, firstOf, type Source } from '../source.ts'

/** A quoted field, in which quotation marks are escaped by a backslash. */
const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"'

/** Common and combined log format (Apache httpd 2.4, mod_log_config; nginx `combined`), and whatever was added after it. */
const LINE = `^(\\S+) (\\S+) (.*?) ?\\[([^\\]]+)\\] ${QUOTED} (\\d{3}|-) (\\d+|-)(?: ${QUOTED} ${QUOTED}(.*))?`
const PARTS = [
  'ip',
  'ident',
  'remote_user',
  'time_local',
  'request',
  'status',
  'bytes',
  'referer',
  'user_agent',
  'rest',
]

/** Cookies and query parameters that carry a credential. */
const NAMED_SECRET =
  '(?i)(?:access_token|api[_-]?key|auth[a-z_]*|token|key|[a-z_]*sess(?:ion)?(?:_?id)?|sid|connect\\.sid)=([^;&"\\s]{4,})'

/** nginx or Apache access log in the common or combined format, with or without fields of one's own at the end. */
export const nginx: Source = accessLog('nginx')
/** The same format under its own name. */
export const combined: Source = accessLog('combined')

function accessLog(name: 'nginx' | 'combined'): Source {
  return {
    name,
    tokens: 'secret',
    recognise: log => (log.format === 'lines' ? 'lines of the common or combined log format' : null),
    prepare: log => (log.format === 'lines' ? takeApart(log) : log),
    fields() {
      const rest = `parts.rest`
      const fields: Fields = {
        time: 'parts.time_local',
        token_id: firstOf(
          `regexp_extract(${rest}, '(?i)(?:bearer|basic)\\s+([^"\\s]+)', 1)`,
          `regexp_extract(${rest}, ${quoteText(NAMED_SECRET)}, 1)`,
          `regexp_extract(parts.request, ${quoteText(NAMED_SECRET.replace('(?i)', '(?i)[?&]'))}, 1)`,
          'parts.remote_user',
        ),
        principal_id: 'parts.remote_user',
        method: `regexp_extract(parts.request, '^([A-Z]+) ', 1)`,
        path: 'parts.request',
        status: 'parts.status',
        source_ip: 'parts.ip',
        user_agent: 'parts.user_agent',
        response_bytes: 'parts.bytes',
        latency_ms: `(kh_number(regexp_extract(${rest}, '(?:rt|request_time)="?([0-9.]+)', 1)) * 1000)::VARCHAR`,
      }
      return {
        fields,
        notes: [
          'token is a bearer token, a session cookie or key added to the format, a key in the query, else the remote user; requests without any are rejected, since nobody can be told apart',
        ],
      }
    },
  }
}

function takeApart(log: OpenLog): OpenLog {
  const names = PARTS.map(quoteText).join(', ')
  return {
    ...log,
    relation: keepErrors =>
      `SELECT *, regexp_extract(line, ${quoteText(LINE)}, [${names}]) AS parts FROM (${log.relation(keepErrors)})`,
    broken: `coalesce(${log.broken}, CASE WHEN parts.time_local = '' THEN 'row: not in the common or combined log format' END)`,
  }
}
