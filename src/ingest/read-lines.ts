import { type Engine, quoteText } from '../sql/duckdb.ts'
import { commonPayload, hasTime, MOST_ENVELOPES, objectOf, type Payload } from './envelope.ts'
import { type LogColumn, type OpenLog, SAMPLE_RECORDS } from './log.ts'
import { badFile, type Probe } from './probe.ts'
import { csvErrors, dropErrors, HAS_NUL, KEEP_ERRORS } from './read-csv.ts'
import { prefixOf } from './text-log.ts'

/** Bytes of the longest line taken; longer ones are rejected on their own. A JSON record of an API log is some kB. */
const MAX_LINE_BYTES = 2_000_000

/** Depth to which the members of sampled JSON records become column names. */
const SAMPLE_DEPTH = 4

/** The lines of a text file through DuckDB's CSV reader, with a delimiter that no text has: `kh_file, kh_row, line`. */
function linesSql(probe: Probe, keepErrors: boolean): string {
  const options = `auto_detect = false, header = false, delim = chr(1), quote = '', escape = '', columns = {'line': 'VARCHAR'}, max_line_size = ${MAX_LINE_BYTES}, compression = ${quoteText(probe.compression)}, ignore_errors = true, hive_partitioning = false`
  return `SELECT line, 0 AS kh_file, row_number() OVER () AS kh_row FROM read_csv(${quoteText(probe.path)}, ${options.replace('chr(1)', `'\u0001'`)}${keepErrors ? KEEP_ERRORS : ''})`
}

/** A text file with one JSON object a line. */
export async function openJsonLines(engine: Engine, probe: Probe): Promise<OpenLog> {
  let sample = sampleObjects(probe.head.split('\n'))
  if (sample.length === 0) sample = sampleObjects(await laterLines(engine, probe))
  if (sample.length === 0) {
    throw badFile(probe.path, 'is not JSON: no line is a whole object; is it cut off, or another format?')
  }
  const open = (some: readonly Record<string, unknown>[]): OpenLog => ({
    ...unwrapped(some, keepErrors => linesSql(probe, keepErrors)),
    files: [probe.path],
    brokenRows: () => csvErrors(engine, [probe.path], 0),
    forgetErrors: () => dropErrors(engine),
    close: () => dropErrors(engine),
  })
  return {
    ...open(sample),
    widen: async () =>
      open(
        sampleObjects([
          ...(await oneOfEachShape(engine, probe)),
          ...sample.map(record => JSON.stringify(record)),
        ]),
      ),
  }
}

/** A line of each shape that the objects of a file have. */
async function oneOfEachShape(engine: Engine, probe: Probe): Promise<string[]> {
  const sql = `SELECT any_value(line) FROM (${linesSql(probe, false)}) WHERE json_valid(line) AND starts_with(ltrim(line), '{') GROUP BY json_structure(line) LIMIT ${SAMPLE_RECORDS / 2}`
  return ((await engine.texts(sql)).columns[0] ?? []) as string[]
}

type Lines = (keepErrors: boolean) => string
type LogParts = Pick<
  OpenLog,
  'format' | 'columns' | 'sample' | 'value' | 'relation' | 'record' | 'blank' | 'broken'
>

/** JSON lines without the envelopes that they share: a member that is the record, as an object, as JSON in text, or as a line of text. */
function unwrapped(sample: readonly Record<string, unknown>[], lines: Lines, level = 0): LogParts {
  const payload = level < MOST_ENVELOPES ? commonPayload(sample) : null
  if (payload === null || payload.kind === 'list') return jsonLog('jsonl', sample, lines)
  const path = quoteText(`$."${payload.member}"`)
  const inner =
    payload.kind === 'object'
      ? `json_extract(line, ${path})::VARCHAR`
      : `rtrim(json_extract_string(line, ${path}), chr(10) || chr(13))`
  const records = sample.flatMap(record => recordIn(record, payload))
  // What stands around the record may be all that says when it was.
  const isBare =
    payload.kind === 'json' && records.length > 0 && !records.some(({ record }) => hasTime(record))
  const content = isBare ? `json_merge_patch(line, ${inner})::VARCHAR` : inner
  const whole = level === 0 ? 'line AS kh_whole' : 'kh_whole'
  const relation: Lines = keepErrors =>
    `SELECT * EXCLUDE (line${level === 0 ? '' : ', kh_whole'}), ${whole}, CASE WHEN json_valid(line) THEN coalesce(${content}, line) ELSE line END AS line FROM (${lines(keepErrors)})`
  if (payload.kind === 'text')
    return {
      ...linesOf(
        sample.map(record => ({ line: String(record[payload.member]).trimEnd() })),
        relation,
      ),
      record: 'kh_whole',
    }
  const next = records.map(({ record, around }) => (isBare ? { ...around, ...record } : record))
  return { ...unwrapped(next, relation, level + 1), record: 'kh_whole' }
}

function recordIn(envelope: Record<string, unknown>, { kind, member }: Payload) {
  const { [member]: inner, ...around } = envelope
  const record = kind === 'json' ? objectOf(String(inner)) : inner
  return typeof record === 'object' && record !== null
    ? [{ record: record as Record<string, unknown>, around }]
    : []
}

/** The parts of an open log that all JSON logs share: records as texts in `line`, members taken out of them in one go. */
export function jsonLog(
  format: 'json' | 'jsonl',
  sample: readonly Record<string, unknown>[],
  lines: Lines,
): LogParts {
  const paths = new Map<string, string>()
  for (const record of sample) collectPaths(record, '', '$', 1, paths)
  // One call takes all members out of a record, which is then parsed once; `members` is the order of asking.
  const members: string[] = []
  return {
    format,
    sample,
    columns: [...paths.keys()].map((name): LogColumn => ({ name, type: 'VARCHAR' })),
    value(name) {
      const path = pathOf(name, paths)
      if (!members.includes(path)) members.push(path)
      return `members[${members.indexOf(path) + 1}]`
    },
    relation: keepErrors => `
SELECT *, CASE WHEN valid THEN json_extract_string(line, [${members.map(quoteText).join(', ')}]) END AS members
FROM (SELECT *, coalesce(json_valid(line) AND starts_with(ltrim(line), '{'), false) AS valid FROM (${lines(keepErrors ?? false)}))`,
    record: 'line',
    blank: `line IS NULL OR trim(line, ' ' || chr(9) || chr(13)) = ''`,
    broken: `CASE WHEN contains(line, chr(0)) THEN '${HAS_NUL}' WHEN NOT valid THEN 'row: not a JSON object' END`,
  }
}

/** `a.b[0].c` -> `$."a"."b"[0]."c"`; what begins with `$` is a path already. */
export function memberPath(name: string): string {
  if (name.startsWith('$')) return name
  return `$${name
    .split('.')
    .map(part => {
      const [, key, places] = /^(.*?)((?:\[\d+\])*)$/.exec(part)!
      return `."${key!.replaceAll('"', '')}"${places}`
    })
    .join('')}`
}

/** The path of a member, also of one inside a list: `a.b[0].c`. Keys may hold dots, as sampled records show. */
function pathOf(name: string, paths: ReadonlyMap<string, string>): string {
  const known = paths.get(name)
  if (known !== undefined) return known
  const list = /^([^[]+)(\[\d+\].*)$/.exec(name)
  const before = list === null ? undefined : paths.get(list[1]!)
  return before === undefined
    ? memberPath(name)
    : `${before}${memberPath(`x${list![2]}`).slice('$."x"'.length)}`
}

function collectPaths(
  record: Record<string, unknown>,
  prefix: string,
  path: string,
  depth: number,
  into: Map<string, string>,
): void {
  for (const [key, value] of Object.entries(record)) {
    // A quotation mark inside a key cannot be addressed in a path of DuckDB's.
    if (key.includes('"')) continue
    const name = prefix === '' ? key : `${prefix}.${key}`
    const memberOf = `${path}."${key}"`
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (nested && depth < SAMPLE_DEPTH)
      collectPaths(value as Record<string, unknown>, name, memberOf, depth + 1, into)
    else if (!into.has(name)) into.set(name, memberOf)
  }
}

/** Good lines further on, where the beginning is broken or one huge line. */
async function laterLines(engine: Engine, probe: Probe): Promise<string[]> {
  const sql = `SELECT line FROM (${linesSql(probe, false)}) WHERE json_valid(line) AND starts_with(line, '{') LIMIT ${SAMPLE_RECORDS}`
  return ((await engine.texts(sql)).columns[0] ?? []) as string[]
}

function sampleObjects(lines: readonly string[]): Record<string, unknown>[] {
  const objects: Record<string, unknown>[] = []
  for (const line of lines.slice(0, SAMPLE_RECORDS)) {
    try {
      const value: unknown = JSON.parse(line)
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        objects.push(value as Record<string, unknown>)
    } catch {
      // Broken lines are rejected, with their reason, when the whole file is read.
    }
  }
  return objects
}

/**
 * Any other text file, line by line: access logs. The sample's records are `{line}`. What a system log or a container puts before
 * each line is taken off; behind it may stand JSON.
 */
export async function openLines(engine: Engine, probe: Probe): Promise<OpenLog> {
  const log = linesLog(engine, probe)
  const prefix = prefixOf(log)
  if (prefix === null) return log
  const head = new RegExp(prefix)
  const strip = (sql: string) =>
    `SELECT * EXCLUDE (line), line AS kh_whole, regexp_replace(line, ${quoteText(prefix)}, '') AS line FROM (${sql})`
  const stripped = {
    ...log,
    sample: log.sample.map(({ line }) => ({ line: String(line).replace(head, '') })),
    relation: (keepErrors?: boolean) => strip(log.relation(keepErrors)),
    record: 'kh_whole',
  }
  const objects = sampleObjects(stripped.sample.map(({ line }) => line))
  if (objects.length === 0) return stripped
  return { ...stripped, ...jsonLog('jsonl', objects, stripped.relation), record: 'kh_whole' }
}

function linesLog(engine: Engine, probe: Probe): OpenLog {
  const sample = probe.head.split(/\r?\n/).slice(0, SAMPLE_RECORDS)
  return {
    ...linesOf(
      sample.map(line => ({ line })),
      keepErrors => linesSql(probe, keepErrors),
    ),
    files: [probe.path],
    brokenRows: () => csvErrors(engine, [probe.path], 0),
    forgetErrors: () => dropErrors(engine),
    close: () => dropErrors(engine),
  }
}

/** The parts of an open log that all logs of lines share. */
export function linesOf(sample: readonly Readonly<Record<string, unknown>>[], lines: Lines): LogParts {
  return {
    format: 'lines',
    columns: [{ name: 'line', type: 'VARCHAR' }],
    sample,
    value: name => name,
    relation: keepErrors => lines(keepErrors ?? false),
    record: 'line',
    blank: `line IS NULL OR trim(line, ' ' || chr(9) || chr(13)) = '' OR starts_with(line, '#')`,
    broken: `CASE WHEN contains(line, chr(0)) THEN '${HAS_NUL}' END`,
  }
}
