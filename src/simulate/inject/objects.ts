import type { Random } from '../../lib/random.ts'
import { isRead } from './kit.ts'
import type { EventRow, Scene } from './model.ts'

/** Tries at the neighbours of an id before it is taken that there are none. */
const FARTHEST = 5000

/**
 * Objects that the victim never touched and that requests like `template` could name: ids of the same operation or kind that the
 * log knows of others, then numbers next to them and to the victim's own. At most `count`; in the order in which an
 * attacker would walk them when `inOrder`, else shuffled.
 */
export function foreignObjects(scene: Scene, template: EventRow, count: number, inOrder: boolean): string[] {
  const own = scene.touched
  const isAlike = (row: EventRow) =>
    row.resource_id !== null &&
    (row.operation === template.operation ||
      (row.resource_type !== null && row.resource_type === template.resource_type))
  const seen = [...new Set(scene.others.filter(isAlike).map(row => row.resource_id!))].filter(
    id => !own.has(id),
  )
  scene.random.shuffle(seen)
  const found = new Set(seen.slice(0, count))
  if (found.size < count || inOrder) {
    // A walk in order needs neighbours; a shuffled one takes them only when the log knows too few ids.
    const from = template.resource_id === null ? [] : [template.resource_id, ...seen]
    for (const base of from.slice(0, 20)) {
      if (inOrder) found.clear()
      for (const id of neighbours(base, count)) if (!own.has(id) && found.size < count) found.add(id)
      if (found.size >= count) break
    }
    if (inOrder && found.size === 0) for (const id of seen.slice(0, count)) found.add(id)
  }
  const ids = [...found]
  if (inOrder) return ids.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  return scene.random.shuffle(ids)
}

/** Ids next to one that ends in a decimal number, upwards, of the same length; none for others, such as UUIDs or names. */
function neighbours(id: string, count: number): string[] {
  const parts = /^(.*?)(\d{1,15})$/.exec(id)
  // Of hexadecimal and random ids the last digits are no counter.
  if (parts === null || /[0-9a-f]{16}|[0-9a-f]{8}-/i.test(id) || /\d[a-f]+\d+$/i.test(id)) return []
  const [, prefix, digits] = parts as unknown as [string, string, string]
  const ids: string[] = []
  for (let step = 1; ids.length < count && step < FARTHEST; step++) {
    const next = String(Number(digits) + step).padStart(digits.length, '0')
    if (next.length !== digits.length) break
    ids.push(prefix + next)
  }
  return ids
}

/**
 * The victim's reading request to be repeated on other objects: of the operations that it reads single objects with, one in
 * proportion to its use. Undefined when it reads none.
 */
export function readingTemplate(scene: Scene, random: Random): EventRow | undefined {
  const reads = scene.victim.rows.filter(row => row.resource_id !== null && isRead(row) && isSuccess(row))
  return reads.length === 0 ? undefined : random.pick(reads)
}

export function isSuccess(row: EventRow): boolean {
  return row.status === null || (row.status >= 200 && row.status < 400)
}
