import { z } from '@hono/zod-openapi'
import { ProblemError } from './problem.ts'

/** Where a page begins: behind the item with this key. */
export type PageKey = readonly (number | string)[]

const MOST_ITEMS = 500

/** Query of every list. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MOST_ITEMS).default(50).openapi({
    description: 'items of a page',
  }),
  cursor: z.string().max(2000).optional().openapi({
    description: '`next` of the page before; the other parameters stay the same',
  }),
})

/** A page of a list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    next: z.string().nullable().openapi({ description: 'cursor of the next page; null on the last' }),
  })
}

/**
 * One page of a list in ascending order of its keys (numbers and texts, compared part by part), beginning behind the cursor. Items
 * that come or go in between shift nothing: a cursor is a key, not a count.
 */
export function paginate<T>(
  items: readonly T[],
  keyOf: (item: T) => PageKey,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): { items: T[]; next: string | null } {
  const all = items.map(item => ({ item, key: keyOf(item) }))
  const after = cursor === undefined ? null : readCursor(cursor, all[0]?.key ?? null)
  const keyed = all
    .filter(({ key }) => after === null || compare(key, after) > 0)
    .sort((a, b) => compare(a.key, b.key))
  const page = keyed.slice(0, limit)
  return {
    items: page.map(({ item }) => item),
    next: keyed.length > limit ? writeCursor(page.at(-1)!.key) : null,
  }
}

function compare(a: PageKey, b: PageKey): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i]! < b[i]!) return -1
    if (a[i]! > b[i]!) return 1
  }
  return 0
}

/** A key as the cursor behind it. */
export function writeCursor(key: PageKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The key of a cursor; throws 422 for one that is none of ours, or of another list than `example`, where there is one. */
export function readCursor(cursor: string, example: PageKey | null): PageKey {
  try {
    const key = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown
    if (isKey(key) && (example === null || isLike(key, example))) return key
  } catch {
    // Told below.
  }
  throw new ProblemError(422, 'cursor', 'the cursor is not one of ours; begin without one')
}

const isKey = (value: unknown): value is PageKey =>
  Array.isArray(value) && value.every(part => typeof part === 'number' || typeof part === 'string')

const isLike = (key: PageKey, example: PageKey): boolean =>
  key.length === example.length && key.every((part, i) => typeof part === typeof example[i])
