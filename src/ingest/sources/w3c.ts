import { quoteText } from '../../sql/duckdb.ts'
import type { OpenLog } from '../log.ts'
import { badFile } from '../probe.ts'
import { QUERY_KEY, QUERY_SECRET } from '../secret-names.ts'
import type { Fields, Source } from '../source.ts'
import { type TextForm, takeApart, textForm } from '../text-form.ts'

/** What names the columns in a log in the W3C Extended Log File Format (https://www.w3.org/TR/WD-logfile.html). */
export const FIELDS_LINE = /^#Fields:\s*(.+)$/m

/** Logs in the W3C extended format: IIS writes them, and CloudFront its standard logs. */
export const w3c: Source = {
  name: 'w3c',
  tokens: 'secret',
  recognise: log =>
    fieldsLine(log) === null ? null : 'lines under #Fields, the W3C extended format (IIS, CloudFront)',
  prepare(log) {
    if (log.format !== 'lines') return log
    const names = fieldsLine(log)
    if (names === null)
      throw badFile(
        log.files[0]!,
        'has no #Fields line in its beginning, which names the columns of the W3C extended format',
      )
    return takeApart(log, formOf(names, log), 'a line of as many values as #Fields names')
  },
  fields(log) {
    const has = new Set(log.columns.map(({ name }) => name))
    const v = (...names: string[]) => {
      const there = names.filter(name => has.has(name)).map(name => `kh_said(${log.value(name)})`)
      return there.length === 0 ? 'NULL' : `coalesce(${there.join(', ')})`
    }
    const text = (sql: string) => `url_decode(url_decode(replace(${sql}, '+', ' ')))`
    const query = v('cs_uri_query')
    // CloudFront counts seconds, IIS milliseconds.
    const factor = has.has('x_edge_location') ? 1000 : 1
    const fields: Fields = {
      time:
        has.has('date') && has.has('time')
          ? `${v('date')} || ' ' || ${v('time')}`
          : v('time', 'date', 'timestamp'),
      token_id: `coalesce(nullif(regexp_extract('?' || ${query}, ${quoteText(QUERY_SECRET)}, ${QUERY_KEY}), ''), ${v('cs_username')})`,
      principal_id: v('cs_username'),
      method: v('cs_method'),
      path: v('cs_uri_stem', 'cs_uri'),
      status: v('sc_status'),
      source_ip: v('x_forwarded_for', 'c_ip'),
      user_agent: text(v('cs_user_agent')),
      request_bytes: v('cs_bytes'),
      response_bytes: v('sc_bytes'),
      latency_ms: `kh_scaled(${v('time_taken')}, ${factor})`,
      ...(has.has('x_edge_request_id') && { event_id: v('x_edge_request_id') }),
    }
    return {
      fields,
      notes: [
        'token is an API key in the query, else the user of cs-username; requests without either are rejected',
      ],
    }
  },
}

function fieldsLine(log: OpenLog): string | null {
  if (log.format !== 'lines') return null
  for (const { line } of log.sample) {
    const found = FIELDS_LINE.exec(String(line ?? ''))
    if (found !== null) return found[1]!
  }
  return null
}

/** CloudFront parts values by tabs, IIS by spaces. */
function formOf(names: string, log: OpenLog): TextForm {
  const list = names
    .trim()
    .split(/\s+/)
    .map(name =>
      name
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '_')
        .replace(/_$/, ''),
    )
  const isTabbed = log.sample.some(
    ({ line }) => !String(line ?? '').startsWith('#') && String(line ?? '').includes('\t'),
  )
  const [value, space] = isTabbed ? ['[^\\t]*', '\\t'] : ['\\S+', ' +']
  const seen = new Set<string>()
  const parts = list.map(name => {
    // Names without a letter in front name no group.
    if (seen.has(name) || !/^[a-z_]/.test(name)) return value
    seen.add(name)
    return `(?<${name}>${value})`
  })
  return textForm(`^${parts.join(space)}\\s*$`)
}
