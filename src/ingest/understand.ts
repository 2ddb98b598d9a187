import { EVENT_COLUMNS, type EventColumn } from '../schema/event.ts'
import { isFitName, ruleOfName } from './columns.ts'
import { looksLikeCredential, REDACTED } from './credentials.ts'
import type { FieldSpec } from './field.ts'
import type { OpenLog } from './log.ts'
import type { LogMap } from './map.ts'
import type { FoundFields, Source } from './source.ts'
import { generic } from './sources/generic.ts'
import { fieldsOf } from './sources.ts'
import { isStaged } from './stage.ts'

/**
 * Why a column was taken for an event column: its name (as ours, as one of those that logs use, as one of them but for
 * underscores or a unit, by its last members), a part of another column's value, the account for want of a key, the definition
 * of the source, the user's map, or a constant of source, map or `--tenant`.
 */
export type Rule =
  | 'own name'
  | 'known name'
  | 'similar name'
  | 'last member'
  | 'its values'
  | 'account'
  | 'source'
  | 'map'
  | 'constant'

/** Where an event column comes from. */
export interface TakenColumn {
  /** Columns of the log; empty for a constant. */
  readonly from: readonly string[]
  readonly as: EventColumn
  readonly by: Rule
}

export interface Understanding {
  readonly taken: readonly TakenColumn[]
  /** Columns of the log that no event column is made of. */
  readonly left: readonly string[]
  /** How many more there are, whose names are unfit to be shown. */
  readonly leftUnnamed: number
}

/** A comment that tells which column a piece of SQL reads; hexadecimal, so that no name can end it. */
const MARK = /\/\*from:([0-9a-f]*)\*\//g
const markOf = (name: string) => `/*from:${Buffer.from(name).toString('hex')}*/`

/** What was taken for what in a log, in the order of an event's columns. Reads nothing: the SQL of the fields tells. */
export function understand(
  source: Source,
  log: OpenLog,
  { map, tenant }: { readonly map: LogMap | null; readonly tenant: string | undefined },
): Understanding {
  const marked = { ...log, value: (name: string) => `${markOf(name)}${log.value(name)}` }
  const found = fieldsOf(source, marked, map)
  const used = new Set<string>()
  const taken: TakenColumn[] = []
  for (const { name: as } of EVENT_COLUMNS) {
    const sql = found.fields[as]
    const isTenant = as === 'tenant_id' && tenant !== undefined
    if (!isStaged(as) || (sql === undefined && !isTenant)) continue
    const names = columnsIn(sql ?? '')
    for (const name of names) used.add(name)
    const by = isTenant ? 'constant' : ruleOf(as, names, map?.fields[as], source, found)
    taken.push({ from: names.map(name => (looksLikeCredential(name) ? REDACTED : name)), as, by })
  }
  for (const name of Object.keys(map?.where ?? {})) used.add(name)
  const left = log.columns.map(({ name }) => name).filter(name => !isUsed(name, used))
  const fit = left.filter(isFitName)
  return { taken, left: fit, leftUnnamed: left.length - fit.length }
}

function columnsIn(sql: string): string[] {
  const names = [...sql.matchAll(MARK)].map(([, hex]) => Buffer.from(hex!, 'hex').toString())
  return [...new Set(names)]
}

function ruleOf(
  as: EventColumn,
  names: readonly string[],
  spec: FieldSpec | null | undefined,
  source: Source,
  { identity }: FoundFields,
): Rule {
  if (names.length === 0) return 'constant'
  if (spec !== undefined && spec !== null) return 'map'
  if (source !== generic) return 'source'
  if (as === 'token_id' && identity === 'account') return 'account'
  // The first that is known by its name; another one is there for its values: a date beside a time.
  return names.map(name => ruleOfName(as, name)).find(rule => rule !== null) ?? 'its values'
}

/** Is a column, or a member of it, or what it is a member of among the names used? */
function isUsed(column: string, used: ReadonlySet<string>): boolean {
  return [...used].some(name => {
    const plain = name
      .replace(/^\$\.?/, '')
      .replaceAll('"', '')
      .replace(/\[.*$/, '')
    return [name, plain].some(
      one => one === column || one.startsWith(`${column}.`) || column.startsWith(`${one}.`),
    )
  })
}
