import type { EventColumn } from '../../schema/event.ts'
import { quoteText } from '../../sql/duckdb.ts'
import { ALIASES, listNames, matchColumns, nearestName, snakeCase } from '../columns.ts'
import { type FieldSpec, fieldSql, namesOf } from '../field.ts'
import { latencyUnit } from '../latency-unit.ts'
import type { OpenLog } from '../log.ts'
import type { LogMap } from '../map.ts'
import { splitPath } from '../paths.ts'
import { badFile } from '../probe.ts'
import { type Fields, type FoundFields, INSIDE_NETWORK, orNull, type Source } from '../source.ts'
import { memberOf, whereSql } from '../source-file.ts'

/** Any log with named columns; they are recognised by name. */
export const generic: Source = {
  name: 'generic',
  tokens: 'secret',
  recognise: log => (log.format === 'lines' ? null : `columns recognised by name (${log.format})`),
  fields: log => namedFields(log, null),
}

/** Fields by the map first, by name for the rest. */
export function namedFields(log: OpenLog, map: LogMap | null): FoundFields {
  const stated = map?.fields ?? {}
  const mapped = new Set(Object.values(stated).flatMap(spec => (spec === null ? [] : namesOf(spec))))
  const free = Object.fromEntries(
    Object.entries(ALIASES).filter(([wanted]) => stated[wanted as EventColumn] === undefined),
  )
  const matches = matchColumns(
    log.columns.filter(column => !mapped.has(column.name)),
    free,
  )
  const names = new Map<string, string>([...matches].map(([wanted, column]) => [wanted, column.name]))
  const notes: string[] = []
  const fields: Fields = {}
  for (const [wanted, name] of names) fields[wanted as EventColumn] = log.value(name)
  Object.assign(fields, mappedFields(log, map, notes))
  for (const [wanted, spec] of Object.entries(stated)) if (spec === null) delete fields[wanted as EventColumn]
  const timeOf = names.get('time')
  if (timeOf !== undefined) fields.time = wholeTime(log, timeOf, notes)
  const hasAccount =
    fields.token_id === undefined && stated.token_id === undefined && names.has('principal_id')
  if (hasAccount) {
    fields.token_id = fields.principal_id!
    notes.push(`no key in this log: the account (${names.get('principal_id')}) stands for it`)
  }
  refuseMissing(log, fields)
  const latency = names.get('latency_ms')
  if (latency !== undefined) {
    const { factor, note } = latencyUnit(latency, sampleOf(log, latency))
    if (factor !== 1) fields.latency_ms = `kh_scaled(${log.value(latency)}, ${factor})`
    if (note !== null) notes.push(note)
  }
  const address = names.get('source_ip')
  if (address !== undefined) fields.source_ip = clientAddress(log, address, mapped, notes)
  // A whole request line also names the method.
  if (fields.method === undefined && /^request(_line)?$/.test(snakeCase(names.get('path') ?? ''))) {
    fields.method = `regexp_extract(${fields.path}, '^([A-Z]+) ', 1)`
  }
  const operation = names.get('operation')
  const stating = (wanted: 'path' | 'method') => {
    const spec = stated[wanted]
    return typeof spec === 'string' ? spec : names.get(wanted)
  }
  const path = stating('path')
  if (operation !== undefined && path !== undefined && saysNothing(log, operation, path, stating('method'))) {
    delete fields.operation
    notes.push(`operation is left to method and path: ${operation} is one constant`)
  }
  return {
    fields,
    recognised: describeNames(names, fields),
    notes,
    ...(hasAccount && { tokens: 'identifier' as const, identity: 'account' }),
    ...(map?.where !== undefined && { leftOut: whereSql(log, map.where) }),
  }
}

/** Fields as a map states them; throws `bad-input` for a name that the log has not. */
export function mappedFields(log: OpenLog, map: LogMap | null, notes: string[]): Fields {
  const fields: Fields = {}
  for (const [wanted, spec] of Object.entries(map?.fields ?? {}) as [EventColumn, FieldSpec | null][]) {
    if (spec === null) continue
    const names = namesOf(spec)
    const strange = names.filter(name => !isThere(log, name))
    const isList = names.length > 1 && strange.length < names.length
    const isRare = log.columns.length > 0 && isJson(log) && wanted !== 'time' && wanted !== 'token_id'
    for (const name of strange) {
      const near = nearestName(name, log.columns)
      const told =
        log.format === 'lines'
          ? `the map names "${name}" for ${wanted}, which is no part of its lines; the parts are: ${listNames(log.columns)}`
          : `the map names column "${name}" for ${wanted}, which is not there${near === null ? '' : ` (is it "${near}"?)`}; found: ${listNames(log.columns)}`
      if (isList || isRare) notes.push(`${told}: unknown where no record has it`)
      else throw badFile(log.files[0]!, told)
    }
    fields[wanted] = fieldSql(spec, name => (isThere(log, name) || isJson(log) ? log.value(name) : 'NULL'))
  }
  return fields
}

const isJson = (log: OpenLog) => log.format === 'jsonl' || log.format === 'json' || log.isNested === true

/** Has the log a column of the name, or sampled records a member, also inside a list? */
function isThere(log: OpenLog, name: string): boolean {
  if (name.startsWith('$')) return isJson(log)
  const outside = isJson(log) ? name.replace(/\[.*$/, '') : name
  return log.columns.some(column => column.name === outside || column.name.startsWith(`${outside}.`))
}

function refuseMissing(log: OpenLog, fields: Fields): void {
  const missing = (['time', 'token_id'] as const).filter(column => fields[column] === undefined)
  if (missing.length === 0) return
  throw badFile(
    log.files[0]!,
    `missing columns: no column for ${missing.map(name => `"${name}"`).join(' and ')}; found: ${listNames(log.columns)}. Name it with --map FILE, a JSON object {${missing.map(name => `"${name}": "<your column>"`).join(', ')}}`,
  )
}

/** Sampled values of a column, as texts. */
function sampleOf(log: OpenLog, name: string): string[] {
  return log.sample
    .map(record => memberOf(record, name))
    .filter(value => value !== null && value !== undefined && typeof value !== 'object')
    .map(String)
    .filter(text => text !== '' && text !== '-')
}

const DATE = /^\d{4}-?\d{2}-?\d{2}$/
const TIME_OF_DAY = /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/

/** The time of a log that keeps the date in one column and the time of day in another. */
function wholeTime(log: OpenLog, name: string, notes: string[]): string {
  const isAll = (column: string, form: RegExp) => {
    const values = sampleOf(log, column)
    return values.length > 0 && values.every(text => form.test(text))
  }
  const partner = (form: RegExp) =>
    log.columns.find(column => column.name !== name && isAll(column.name, form))?.name
  const [date, time] = isAll(name, DATE)
    ? [name, partner(TIME_OF_DAY)]
    : isAll(name, TIME_OF_DAY)
      ? [partner(DATE), name]
      : []
  if (date === undefined || time === undefined) return log.value(name)
  notes.push(`time is ${date} and ${time} together`)
  return `${log.value(date)} || ' ' || ${log.value(time)}`
}

const FORWARDED =
  /^(http_)?(x_)?forwarded_for$|^(http_)?(x_real_ip|true_client_ip|cf_connecting_ip|x_client_ip)$/

/** Where all sampled addresses are of a network of one's own, the client is where a proxy noted it. */
function clientAddress(log: OpenLog, name: string, mapped: ReadonlySet<string>, notes: string[]): string {
  const own = log.value(name)
  const inside = new RegExp(INSIDE_NETWORK)
  const values = sampleOf(log, name)
  if (values.length === 0 || !values.every(text => inside.test(text))) return own
  const other = log.columns.find(
    column =>
      column.name !== name &&
      !mapped.has(column.name) &&
      FORWARDED.test(snakeCase(column.name.split('.').at(-1)!)) &&
      sampleOf(log, column.name).length > 0,
  )
  if (other === undefined) return own
  notes.push(`source_ip is ${other.name} where ${name} is a proxy of one's own`)
  const forwarded = orNull(log.value(other.name))
  return `CASE WHEN ${forwarded} IS NOT NULL AND regexp_matches(${own}, ${quoteText(INSIDE_NETWORK)}) THEN ${forwarded} ELSE ${own} END`
}

/** Records of a sample from which on a constant is no chance. */
const FEW_RECORDS = 3

/**
 * Is the operation one constant although the requests differ? Names of a platform hold spaces or slashes; what could be the name of
 * an endpoint has to stand for several.
 */
function saysNothing(log: OpenLog, operation: string, path: string, method: string | undefined): boolean {
  const values = new Set(sampleOf(log, operation))
  const paths = new Set(sampleOf(log, path))
  if (values.size !== 1 || paths.size < FEW_RECORDS) return false
  const [value] = values
  if (/[\s/]/.test(value!) && !/^[A-Z]+ \//.test(value!)) return true
  const methods = new Set(method === undefined ? [] : sampleOf(log, method))
  const templates = new Set(
    [...paths].map(text => splitPath(text.replace(/[?#].*$/, ''), new Set()).template),
  )
  return templates.size * Math.max(1, methods.size) >= FEW_RECORDS && templates.size > 1
}

/** Only the columns whose name differs are worth a word. */
function describeNames(names: ReadonlyMap<string, string>, fields: Fields): string {
  const taken = [...names].filter(([wanted]) => fields[wanted as EventColumn] !== undefined)
  const renamed = taken
    .filter(([wanted, name]) => wanted !== name)
    .map(([wanted, name]) => `${wanted} from ${name}`)
  const same = taken.length - renamed.length
  return `${taken.length} columns recognised${renamed.length === 0 ? '' : `: ${same} by their own name, ${renamed.join(', ')}`}`
}
