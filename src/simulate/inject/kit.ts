import { clamp } from '../../lib/stats.ts'
import {
  type Actor,
  CLIENT_COLUMNS,
  type Client,
  DAY,
  type EventRow,
  HOUR,
  IDENTITY_COLUMNS,
  type Identity,
  ORIGIN_COLUMNS,
  type Origin,
  type Scene,
} from './model.ts'

/** Most events of one incident: beyond it volume alone tells, and an analyst's log should stay an analyst's log. */
const MOST_EVENTS = 400

/** The entry for this scene's intensity. */
export function by<T>(scene: Scene, loud: T, medium: T, quiet: T): T {
  return scene.intensity === 'loud' ? loud : scene.intensity === 'medium' ? medium : quiet
}

function pick<C extends keyof EventRow>(row: EventRow, columns: readonly C[]): Pick<EventRow, C> {
  return Object.fromEntries(columns.map(column => [column, row[column]])) as Pick<EventRow, C>
}

export const identityOf = (row: EventRow): Identity => pick(row, IDENTITY_COLUMNS)
export const originOf = (row: EventRow): Origin => pick(row, ORIGIN_COLUMNS)
export const clientOf = (row: EventRow): Client => pick(row, CLIENT_COLUMNS)

/** The newest of an actor's rows at a moment; its first when none is that old. */
export function rowAt(actor: Actor, time: number): EventRow {
  let low = 0
  let high = actor.rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (actor.rows[middle]!.time <= time) low = middle + 1
    else high = middle
  }
  return actor.rows[Math.max(0, low - 1)]!
}

/** Mean events on an active day. */
export function paceOf(actor: Actor): number {
  return actor.token.events / Math.max(1, actor.token.days)
}

/** A multiple of the victim's daily pace, within [least, most]. */
export function amount(scene: Scene, multiple: number, least: number, most = MOST_EVENTS): number {
  return clamp(Math.round(multiple * paceOf(scene.victim)), least, most)
}

/** A moment as the log could have written it. */
export function atResolution(scene: Scene, time: number): number {
  return Math.floor(time / scene.log.resolutionMs) * scene.log.resolutionMs
}

/** Midnights of the period on which the victim has traffic, ascending; those that leave `span` days first where there are any. */
export function activeDays(scene: Scene, span = 1): number[] {
  const { from, to } = scene.log
  const days = new Set<number>()
  for (const row of scene.victim.rows)
    if (row.time >= from && row.time < to) days.add(Math.floor(row.time / DAY) * DAY)
  const all = [...days].sort((a, b) => a - b)
  const roomy = all.filter(day => day + span * DAY <= to)
  return roomy.length > 0 ? roomy : all
}

/** Time within the day of some event of the victim, moved by up to 20 minutes: its own hours, not its own minutes. */
export function ownTimeOfDay(scene: Scene): number {
  const row = scene.random.pick(scene.victim.rows)
  return clamp((row.time % DAY) + scene.random.uniform(-20, 20) * 60_000, 0, DAY - 1)
}

/** A moment within the hour of the day at which the victim is least active (one of them where several are), ms within the day. */
export function strangeTimeOfDay(scene: Scene): number {
  const counts = new Array<number>(24).fill(0)
  for (const row of scene.victim.rows) counts[Math.floor((row.time % DAY) / HOUR)]!++
  const hours = scene.random.shuffle(Array.from({ length: 24 }, (_, hour) => hour))
  hours.sort((a, b) => counts[a]! - counts[b]!)
  return (hours[0]! + scene.random.next()) * HOUR
}

/** `count` moments that begin at `start`, gaps exponential with the given mean, ms; none at or after the period's end. */
export function burst(scene: Scene, start: number, count: number, meanGapMs: number): number[] {
  const times: number[] = []
  let time = start
  for (let i = 0; i < count && time < scene.log.to; i++) {
    times.push(atResolution(scene, time))
    time += scene.random.exponential(1 / meanGapMs)
  }
  return times
}

/** Whether a status says no: 401, 403, 404 and the like. */
export function isDenied(row: EventRow): boolean {
  return row.status === 401 || row.status === 403 || row.status === 404
}

/** Whether a request only reads: by its method, else by the words of its operation; unknown counts as reading. */
export function isRead(row: EventRow): boolean {
  if (row.method !== null) return row.method === 'GET' || row.method === 'HEAD'
  return !/(create|update|delete|put|post|write|remove|set|push|merg|open|clos|edit)/i.test(
    row.operation ?? '',
  )
}

/** The request of `row` for another object: its id changes in the path too, wherever it is a whole segment. */
export function forObject(row: EventRow, id: string): EventRow {
  const old = row.resource_id
  const path =
    row.path === null || old === null
      ? row.path
      : row.path
          .split('/')
          .map(segment => (segment === old ? id : segment))
          .join('/')
  return { ...row, resource_id: id, path }
}

/** `row` refused with `status`, with size and duration of a refusal of the log's own where it has one. */
export function denied(scene: Scene, row: EventRow, status: number): EventRow {
  if (row.status === null) return row
  const refusals = [...scene.others, ...scene.victim.rows].filter(
    other => isDenied(other) && sameNulls(other, row),
  )
  const like = refusals.filter(other => other.status === status)
  const from = like.length > 0 ? like : refusals
  if (from.length === 0) return { ...row, status }
  const { response_bytes, latency_ms } = scene.random.pick(from)
  return { ...row, status, response_bytes, latency_ms }
}

function sameNulls(a: EventRow, b: EventRow): boolean {
  return (
    (a.response_bytes === null) === (b.response_bytes === null) &&
    (a.latency_ms === null) === (b.latency_ms === null)
  )
}

/**
 * Writes a request under the victim's token: identity as the victim's newest row has it, origin and client as given (the
 * victim's own of that moment where left out), everything else as in `request`.
 */
export function underVictim(
  scene: Scene,
  request: EventRow,
  time: number,
  manner: { origin?: Origin | undefined; client?: Client | undefined },
): EventRow {
  const own = rowAt(scene.victim, time)
  return {
    ...request,
    ...identityOf(own),
    ...(manner.origin ?? originOf(own)),
    ...(manner.client ?? clientOf(own)),
    time: atResolution(scene, time),
  }
}
