import { readFileSync } from 'node:fs'
import { EVENT_COLUMNS } from '../schema/event.ts'
import { badFile } from './probe.ts'
import type { ColumnMap } from './sources/generic.ts'

/** Reads a `--map` file: a JSON object {event column: log column, or null to leave it out}; throws `bad-input`. */
export function readMap(file: string): ColumnMap {
  const say = (problem: string) =>
    badFile(
      file,
      `${problem}; a map is a JSON object {"<event column>": "<log column>" or null}, with event columns ${EVENT_COLUMNS.map(column => column.name).join(', ')}`,
    )
  let map: unknown
  try {
    map = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw say('cannot be read as JSON')
  }
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw say('is not an object')
  for (const [wanted, name] of Object.entries(map)) {
    if (!EVENT_COLUMNS.some(column => column.name === wanted)) throw say(`names no event column: "${wanted}"`)
    if (name !== null && typeof name !== 'string') throw say(`maps "${wanted}" to something that is no name`)
  }
  return map as ColumnMap
}
