import { ALIASES, listNames, matchColumns, snakeCase } from '../columns.ts'
import type { OpenLog } from '../log.ts'
import { badFile } from '../probe.ts'
import { type Fields, type FoundFields, orNull, type Source } from '../source.ts'

/** Any log with named columns; they are recognised by name. */
export const generic: Source = {
  name: 'generic',
  tokens: 'secret',
  recognise: log => (log.format === 'lines' ? null : `columns recognised by name (${log.format})`),
  fields: log => namedFields(log, null),
}

/** Event column -> log column, as a `--map` file states it; null leaves an event column out. */
export type ColumnMap = Readonly<Record<string, string | null>>

/** Fields by the map first, by name for the rest. */
export function namedFields(log: OpenLog, map: ColumnMap | null): FoundFields {
  const mapped = new Set(Object.values(map ?? {}))
  const free = Object.fromEntries(Object.entries(ALIASES).filter(([wanted]) => map?.[wanted] === undefined))
  const matches = matchColumns(
    log.columns.filter(column => !mapped.has(column.name)),
    free,
  )
  const names = new Map<string, string>([...matches].map(([wanted, column]) => [wanted, column.name]))
  for (const [wanted, name] of Object.entries(map ?? {})) {
    if (name === null) continue
    if (
      log.format !== 'jsonl' &&
      log.format !== 'json' &&
      !log.columns.some(column => column.name === name)
    ) {
      throw badFile(
        log.files[0]!,
        `the map names column "${name}" for ${wanted}, which is not there; found: ${listNames(log.columns)}`,
      )
    }
    names.set(wanted, name)
  }
  const missing = ['time', 'token_id'].filter(column => !names.has(column))
  if (missing.length > 0) {
    throw badFile(
      log.files[0]!,
      `missing columns: no column for ${missing.map(name => `"${name}"`).join(' and ')}; found: ${listNames(log.columns)}. Name it with --map FILE, a JSON object {"token_id": "<your column>"}`,
    )
  }
  const fields: Fields = {}
  for (const [wanted, name] of names) fields[wanted as keyof Fields] = fieldSql(log, wanted, name)
  // A whole request line also names the method.
  if (fields.method === undefined && /^request(_line)?$/.test(snakeCase(names.get('path') ?? ''))) {
    fields.method = `regexp_extract(${fields.path}, '^([A-Z]+) ', 1)`
  }
  return { fields, notes: [describeNames(names)] }
}

function fieldSql(log: OpenLog, wanted: string, name: string): string {
  const value = log.value(name)
  if (wanted !== 'latency_ms') return value
  const factor = millisecondsPer(name)
  return factor === 1 ? value : `(kh_number(${orNull(value)}) * ${factor})::VARCHAR`
}

/** Milliseconds in the unit that a duration's name states; milliseconds where it states none. */
export function millisecondsPer(name: string): number {
  const snake = snakeCase(name)
  if (/_(s|sec|secs|seconds)$/.test(snake) || snake === 'request_time') return 1000
  if (/_(us|micros|microseconds)$/.test(snake)) return 0.001
  if (/_(ns|nanos|nanoseconds)$/.test(snake) || snake === 'event_duration') return 0.000001
  return 1
}

/** Only the columns whose name differs are worth a word. */
function describeNames(names: ReadonlyMap<string, string>): string {
  const renamed = [...names]
    .filter(([wanted, name]) => wanted !== name)
    .map(([wanted, name]) => `${wanted} from ${name}`)
  const same = names.size - renamed.length
  return `${names.size} columns recognised${renamed.length === 0 ? '' : `: ${same} by their own name, ${renamed.join(', ')}`}`
}
