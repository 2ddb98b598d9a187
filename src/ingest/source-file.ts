import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { EVENT_COLUMNS } from '../schema/event.ts'
import { quoteText } from '../sql/duckdb.ts'
import { type FieldSpec, fieldSql, UNITS } from './field.ts'
import type { OpenLog } from './log.ts'
import { badFile } from './probe.ts'
import { type Fields, SOURCE_FILE_NAMES, SOURCE_FOLDER, type Source } from './source.ts'
import { sampleLines, shareOf, takeApart, textForm } from './text-form.ts'

const isRegExp = (text: string) => {
  try {
    return new RegExp(text.replace(/^\(\?i\)/, '')) instanceof RegExp
  } catch {
    return false
  }
}
const expression = z.string().min(1).refine(isRegExp, 'is not a regular expression')

const recipeSchema: z.ZodType<FieldSpec> = z.lazy(() =>
  z.union([z.string().min(1), z.array(z.union([z.string().min(1), recipe])).min(1), recipe]),
) as z.ZodType<FieldSpec>
const recipe = z.strictObject({
  from: recipeSchema.optional(),
  template: z.string().min(1).optional(),
  constant: z.union([z.string(), z.number()]).optional(),
  query: z.string().min(1).optional(),
  match: expression.optional(),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
  unit: z.enum(Object.keys(UNITS) as [keyof typeof UNITS]).optional(),
  format: z.union([z.string(), z.array(z.string())]).optional(),
  zone: z.string().optional(),
  decode: z.boolean().optional(),
  error: z.string().min(1).optional(),
})
export const fieldSchema = recipeSchema

/** Rows of which a column has one of these values; "" stands for a value that is missing. */
export const whereSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]))
export type Where = z.output<typeof whereSchema>

const sourceSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** What the log is, as a message says it. */
  title: z.string().min(1),
  /** Where the maker publishes the form. */
  cites: z.string().min(1),
  tokens: z.enum(['secret', 'identifier']),
  /** What stands for the token, as a note says it. */
  identity: z.string().min(1),
  /** For text logs: the form of a line, with named groups. */
  line: expression.optional(),
  /** For records: columns that all have to be there, and values that they have to have. */
  columns: z.array(z.string()).optional(),
  values: z.record(z.string(), expression).optional(),
  where: whereSchema.optional(),
  fields: z.record(z.string(), fieldSchema),
})

/** A source as a file describes it; throws `bad-input`, naming the key at fault. */
export function readSourceFile(path: string): Source {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw badFile(path, 'cannot be read as JSON')
  }
  const parsed = sourceSchema.safeParse(value)
  if (!parsed.success) {
    const told = parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
    throw badFile(path, `describes no source: ${told.join('; ')}`)
  }
  const { fields, name } = parsed.data
  for (const column of Object.keys(fields))
    if (!EVENT_COLUMNS.some(one => one.name === column))
      throw badFile(path, `fields names no event column: "${column}"`)
  if (name !== basename(path, '.json'))
    throw badFile(path, `is named "${name}", which is not the name of the file`)
  return sourceOf(parsed.data)
}

function sourceOf(file: z.output<typeof sourceSchema>): Source {
  const { name, title, tokens, identity, where } = file
  const form = file.line === undefined ? null : textForm(file.line)
  const why = `${title} (${file.cites})`
  return {
    name,
    tokens,
    recognise: log => {
      if (form !== null)
        return log.format === 'lines' && shareOf(sampleLines(log), form.test) >= 0.5 ? why : null
      return hasColumns(log, file.columns ?? [], file.values ?? {}) ? why : null
    },
    ...(form !== null && {
      takes: line => form.test.test(line),
      prepare: log => (log.format === 'lines' ? takeApart(log, form, `a line of ${title}`) : log),
    }),
    fields: log => ({
      fields: Object.fromEntries(
        Object.entries(file.fields).map(([column, spec]) => [column, fieldSql(spec, columnOf(log))]),
      ) as Fields,
      notes: [`token is ${identity}`],
      ...(where !== undefined && { leftOut: whereSql(log, where) }),
    }),
  }
}

/** SQL of a column, or of nothing where a table has none of the name. */
function columnOf(log: OpenLog): (name: string) => string {
  const isTable =
    (log.format === 'csv' || log.format === 'parquet' || log.format === 'arrow') && log.isNested !== true
  if (!isTable) return log.value
  const names = new Set(log.columns.map(column => column.name))
  return name => (names.has(name) ? log.value(name) : 'NULL::VARCHAR')
}

/** SQL condition over the rows that a `where` leaves out. */
export function whereSql(log: OpenLog, where: Where): string {
  const kept = Object.entries(where).map(([name, values]) => {
    const list = [values].flat().map(quoteText)
    return `coalesce(${log.value(name)}, '') IN (${list.join(', ')})`
  })
  return `NOT (${kept.join(' AND ')})`
}

/** Has any record of the sample all the columns, and these values? */
function hasColumns(
  log: OpenLog,
  columns: readonly string[],
  values: Readonly<Record<string, string>>,
): boolean {
  if (log.format === 'lines') return false
  const named = new Set(log.columns.map(column => column.name))
  const isThere = (name: string) =>
    named.has(name) || log.columns.some(column => column.name.startsWith(`${name}.`))
  if (!columns.every(isThere)) return false
  const tests = Object.entries(values).map(([name, pattern]) => [name, new RegExp(pattern)] as const)
  return log.sample.some(record =>
    tests.every(([name, test]) => test.test(String(memberOf(record, name) ?? ''))),
  )
}

/** A member of a record by a dotted name. */
export function memberOf(record: Readonly<Record<string, unknown>>, name: string): unknown {
  if (name in record) return record[name]
  let value: unknown = record
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

let known: readonly Source[] | undefined

/** The sources that come as files, in order of name. */
export function fileSources(): readonly Source[] {
  known ??= SOURCE_FILE_NAMES.map(name => readSourceFile(join(SOURCE_FOLDER, `${name}.json`)))
  return known
}
