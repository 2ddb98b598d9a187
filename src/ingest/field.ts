import { quoteText } from '../sql/duckdb.ts'
import { QUERY_KEY, QUERY_SECRET } from './secret-names.ts'
import { statusOfErrorSql } from './status.ts'

/** Where an event column comes from: a column of the log, the first of several that says something, or a description. */
export type FieldSpec = string | FieldRecipe | readonly (string | FieldRecipe)[]

/** A value that is made of columns. What it is made of comes first: `from`, `template`, `constant` or `query`. */
export interface FieldRecipe {
  /** A column, or several of which the first that says something counts. */
  readonly from?: FieldSpec
  /** Text with columns in braces: `{method} {path}`; unknown where one of them is. */
  readonly template?: string
  readonly constant?: string | number
  /** An API key in the query of this column's URL or request line. */
  readonly query?: string
  /** HTTP status that the error code in this column stands for; 200 where there is none. */
  readonly error?: string
  /** Regular expression (RE2); its first group, or the whole match, is the value. */
  readonly match?: string
  /** Values by the log's own, compared without case; "*" stands for all others. */
  readonly values?: Readonly<Record<string, string | number | null>>
  /** Unit of a duration. */
  readonly unit?: Unit
  /** Form of a time, as strptime has it, or several. */
  readonly format?: string | readonly string[]
  /** IANA zone of times that state none. */
  readonly zone?: string
  /** Undoes percent-encoding, and "+" for a space. */
  readonly decode?: boolean
}

export const UNITS = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000 } as const
export type Unit = keyof typeof UNITS

/** SQL text of a recipe, over the SQL that `value` gives for a column. */
export function fieldSql(spec: FieldSpec, value: (name: string) => string): string {
  if (typeof spec === 'string') return value(spec)
  if (isList(spec)) {
    const all = spec.map(one => fieldSql(one, value))
    return all.length === 1 ? all[0]! : `coalesce(${all.map(one => `kh_said(${one})`).join(', ')})`
  }
  return recipeSql(spec, value)
}

const isList = (spec: FieldSpec): spec is readonly (string | FieldRecipe)[] => Array.isArray(spec)

function recipeSql(recipe: FieldRecipe, value: (name: string) => string): string {
  let sql = baseSql(recipe, value)
  if (recipe.match !== undefined) {
    const group = /\((?!\?)/.test(recipe.match.replaceAll('\\(', '')) ? 1 : 0
    sql = `nullif(regexp_extract(${sql}, ${quoteText(recipe.match)}, ${group}), '')`
  }
  if (recipe.decode === true) sql = `url_decode(url_decode(replace(${sql}, '+', ' ')))`
  if (recipe.values !== undefined) sql = valuesSql(sql, recipe.values)
  if (recipe.unit !== undefined && recipe.unit !== 'ms') sql = `kh_scaled(${sql}, ${UNITS[recipe.unit]})`
  if (recipe.format !== undefined) {
    const forms = [recipe.format].flat().map(quoteText).join(', ')
    sql = `strftime(${zoned(`try_strptime(${sql}, [${forms}])::TIMESTAMP`, recipe.zone)}, '%Y-%m-%dT%H:%M:%S.%f')`
  } else if (recipe.zone !== undefined) {
    sql = `strftime(${zoned(`kh_moment(${sql})`, recipe.zone)}, '%Y-%m-%dT%H:%M:%S.%f')`
  }
  return sql
}

function baseSql(
  { from, template, constant, query, error }: FieldRecipe,
  value: (name: string) => string,
): string {
  if (from !== undefined) return fieldSql(from, value)
  if (constant !== undefined) return quoteText(String(constant))
  if (query !== undefined)
    return `nullif(regexp_extract(${value(query)}, ${quoteText(QUERY_SECRET)}, ${QUERY_KEY}), '')`
  if (error !== undefined) return statusOfErrorSql(`kh_said(${value(error)})`)
  const parts = (template ?? '').split(/\{([^{}]+)\}/)
  return parts.map((part, i) => (i % 2 === 0 ? quoteText(part) : `kh_said(${value(part)})`)).join(' || ')
}

function valuesSql(sql: string, values: Readonly<Record<string, string | number | null>>): string {
  const text = (to: string | number | null) => (to === null ? 'NULL' : quoteText(String(to)))
  const cases = Object.entries(values)
    .filter(([from]) => from !== '*')
    .map(([from, to]) => `WHEN ${quoteText(from.toLowerCase())} THEN ${text(to)}`)
  const other =
    values['*'] === undefined ? sql : `CASE WHEN ${sql} IS NULL THEN NULL ELSE ${text(values['*'])} END`
  return cases.length === 0 ? other : `CASE lower(${sql}) ${cases.join(' ')} ELSE ${other} END`
}

/** UTC of a TIMESTAMP that is local time of a zone. */
function zoned(sql: string, zone: string | undefined): string {
  return zone === undefined ? sql : `timezone('UTC', timezone(${quoteText(zone)}, ${sql}))`
}

/** The columns that a recipe names. */
export function namesOf(spec: FieldSpec): string[] {
  if (typeof spec === 'string') return [spec]
  if (isList(spec)) return spec.flatMap(namesOf)
  const { from, template, query, error } = spec
  return [
    ...(from === undefined ? [] : namesOf(from)),
    ...(query === undefined ? [] : [query]),
    ...(error === undefined ? [] : [error]),
    ...[...(template ?? '').matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name!),
  ]
}
