import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { EVENT_COLUMNS, type EventColumn } from '../schema/event.ts'
import type { FieldSpec } from './field.ts'
import { badFile } from './probe.ts'
import { fieldSchema, type Where, whereSchema } from './source-file.ts'

/** How a log of one's own is read, as a `--map` file says it (docs/mapping.md). */
export interface LogMap {
  /** Event column to where it comes from; null leaves the column out. */
  readonly fields: Readonly<Partial<Record<EventColumn, FieldSpec | null>>>
  /** Only rows of which columns have these values. */
  readonly where?: Where
}

const isEventColumn = (name: string): name is EventColumn =>
  EVENT_COLUMNS.some(column => column.name === name)

const mapSchema = z.strictObject({
  fields: z.record(z.string(), fieldSchema.nullable()),
  where: whereSchema.optional(),
})

/**
 * Reads a `--map` file: `{"<event column>": <where it comes from>}`, the same under "fields" beside "where", or the other way
 * round, `{"<log column>": "<event column>"}`. Throws `bad-input` with the key at fault.
 */
export function readMap(file: string): LogMap {
  const say = (problem: string) =>
    badFile(
      file,
      `${problem}; a map is a JSON object {"<event column>": "<log column>" or null} (docs/mapping.md), with event columns ${EVENT_COLUMNS.map(column => column.name).join(', ')}`,
    )
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw say('cannot be read as JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw say('is not an object')
  const isWhole = 'fields' in value
  const parsed = mapSchema.safeParse(
    isWhole ? value : { fields: rightWayRound(value as Record<string, unknown>) },
  )
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const key = issue!.path.slice(issue!.path[0] === 'fields' ? 1 : 0).join('.')
    throw say(`has no column, list of columns or description under "${key}": ${issue!.message}`)
  }
  for (const wanted of Object.keys(parsed.data.fields))
    if (!isEventColumn(wanted)) throw say(`names no event column: "${wanted}"`)
  return parsed.data as LogMap
}

/** A map whose keys are columns of the log and whose values are ours is meant the other way round. */
function rightWayRound(map: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(map)
  const isReversed =
    entries.length > 0 &&
    entries.every(([name, to]) => !isEventColumn(name) && typeof to === 'string' && isEventColumn(to))
  return isReversed ? Object.fromEntries(entries.map(([name, to]) => [to, name])) : map
}
