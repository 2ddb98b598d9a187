import { messageOf } from '../../lib/errors.ts'
import type { Check } from '../../schema/doctor.ts'
import type { Column } from '../../schema/event.ts'
import { quoteText } from '../../sql/duckdb.ts'
import { dayOf, listDays, listParquet, partition } from '../../sql/workspace.ts'
import { TABLES } from '../views.ts'
import { type DoctorContext, fail, minute, ok, some, warn } from './check.ts'

const HOUR_MS = 3_600_000
/** Clocks of log shippers are minutes off, not more; whole hours are a time zone taken for UTC. */
const FUTURE_MS = HOUR_MS
/** A job that runs once a day leaves at most a day and the hour that is not full yet. */
const LAG_MS = 25 * HOUR_MS
/** Tables whose files hold more than SQL is offered: what features are made of is kept beside them. */
const WITH_INTERMEDIATES = new Set(['features'])
/** Files named of a kind; what is wrong with one day is seldom wrong with one alone. */
const NAMED = 3

export async function checkTables(context: DoctorContext): Promise<Check[]> {
  const found: Check[] = []
  const broken = new Set<string>()
  for (const [name, { folder, columns }] of Object.entries(TABLES)) {
    const checks = await checkTable(context, name, folder(context.workspace), columns)
    if (checks.some(check => check.level === 'fail')) broken.add(name)
    found.push(...checks)
  }
  // Of tables that cannot be read nothing more can be said.
  if (!broken.has('events')) found.push(await checkFuture(context))
  if (!broken.has('events') && !broken.has('scores')) found.push(await checkLag(context))
  return found
}

async function checkTable(
  { engine }: DoctorContext,
  name: string,
  folder: string,
  columns: readonly Column[],
): Promise<Check[]> {
  const files = [
    ...listParquet(folder),
    ...listDays(folder).flatMap(day => listParquet(partition(folder, day))),
  ]
  if (files.length === 0) return []
  const known = new Map(columns.map(column => [column.name, familyOf(column.type)]))
  const unreadable: string[] = []
  const wrong = new Map<string, string[]>()
  const strange = new Map<string, string[]>()
  const add = (map: Map<string, string[]>, key: string, file: string) =>
    map.set(key, [...(map.get(key) ?? []), file])
  for (const file of files) {
    try {
      const found = await engine.describe(
        `SELECT * FROM read_parquet(${quoteText(file)}, hive_partitioning = false)`,
      )
      for (const { name: column, type } of found) {
        const wanted = known.get(column)
        if (wanted === undefined) {
          if (!WITH_INTERMEDIATES.has(name)) add(strange, column, file)
        } else if (wanted !== familyOf(type)) add(wrong, `${column} is ${type}, not a ${wanted}`, file)
      }
    } catch (error) {
      unreadable.push(`${file}: ${messageOf(error).split('\n')[0]}`)
    }
  }
  const check = `table-${name}`
  const remake =
    name === 'events' || name === 'rejects'
      ? 'restore the file, or move it away and ingest its logs again'
      : 'move the file away and score its day again: keyhound score --from DAY --to DAY'
  const checks = [
    ...unreadable
      .slice(0, NAMED)
      .map(text => fail(check, `cannot be read: ${text}`, text.split(': ')[0]!, remake)),
    ...(unreadable.length > NAMED
      ? [fail(check, `${some(unreadable.length - NAMED, 'more file')} cannot be read`, folder, remake)]
      : []),
    ...[...wrong].map(([text, of]) =>
      fail(check, `column ${text}, in ${some(of.length, 'file')}`, of[0]!, remake),
    ),
    ...(strange.size === 0
      ? []
      : [
          warn(
            check,
            `unexpected columns: ${[...strange.keys()].slice(0, 8).join(', ')}`,
            [...strange.values()][0]![0]!,
            'nothing reads them; did something else write into this folder, or is this Keyhound older than the one that did?',
          ),
        ]),
  ]
  return checks.length > 0 ? checks : [ok(check, `${some(files.length, 'file')} as they should be`, folder)]
}

/** Types that are told apart: widths differ between writers. */
function familyOf(type: string): 'time' | 'text' | 'number' | 'truth value' {
  if (/^TIMESTAMP|^DATE/.test(type)) return 'time'
  if (/^BOOLEAN/.test(type)) return 'truth value'
  return /INT|FLOAT|DOUBLE|DECIMAL/.test(type) ? 'number' : 'text'
}

async function checkFuture({ engine, workspace, now }: DoctorContext): Promise<Check> {
  const until = new Date(now.getTime() + FUTURE_MS)
  const files = listDays(workspace.events)
    .filter(day => day >= dayOf(now))
    .flatMap(day => listParquet(partition(workspace.events, day)))
  if (files.length === 0) return ok('clock', 'no events from the future')
  const [row] = await engine.rows<{ n: number; last: Date | null }>(
    `SELECT count(*) AS n, max(time) AS last FROM read_parquet([${files.map(quoteText).join(', ')}], hive_partitioning = false) WHERE time > TIMESTAMP ${quoteText(minute(until))}`,
  )
  if (row!.n === 0) return ok('clock', 'no events from the future')
  return warn(
    'clock',
    `${some(row!.n, 'event')} from the future, the last of ${minute(row!.last!)} UTC; it is ${minute(now)} UTC here`,
    workspace.events,
    'is a time zone taken for UTC, or a clock wrong? Scoring waits for such hours to pass',
  )
}

async function checkLag({ engine, workspace }: DoctorContext): Promise<Check> {
  const eventDay = listDays(workspace.events).at(-1)
  const scoreDay = listDays(workspace.scores).at(-1)
  if (eventDay === undefined) return ok('lag', 'no events to score')
  const last = async (folder: string, day: string, column: string) => {
    const files = listParquet(partition(folder, day)).map(quoteText).join(', ')
    const [row] = await engine.rows<{ last: Date }>(
      `SELECT max(${column}) AS last FROM read_parquet([${files}], hive_partitioning = false)`,
    )
    return row!.last
  }
  const newest = await last(workspace.events, eventDay, 'time')
  if (scoreDay === undefined)
    return warn('lag', 'nothing is scored yet', workspace.scores, 'keyhound train, then keyhound score')
  const scored = await last(workspace.scores, scoreDay, 'window_end')
  const behind = newest.getTime() - scored.getTime()
  const what = `the newest event is of ${minute(newest)} UTC, scored until ${minute(scored)}`
  if (behind <= LAG_MS) return ok('lag', what)
  return warn(
    'lag',
    `${what}: ${(behind / HOUR_MS).toFixed(0)} hours behind`,
    workspace.scores,
    'keyhound score goes on where it stopped; does a job run it? docs/schedule.md',
  )
}
