import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { KeyhoundError } from '../lib/errors.ts'
import { getCheckpoint, setCheckpoint } from '../state/checkpoints.ts'
import { type StatePlace, withState } from '../state/state.ts'
import { type FilePosition, type FollowedFile, followFile, idOf } from './follow-file.ts'
import type { Batch, Offset, OpenSource, Source, Want } from './source.ts'

/** Which files are followed, from where on, and how often they are looked at. */
export interface FilesOptions {
  /** Files, folders, or files with * in their name. */
  readonly paths: readonly string[]
  /** Where to begin in files that were never watched, those that come later apart. @default 'begin' */
  readonly start?: 'begin' | 'end'
  /** How long a file that was renamed or removed is still read: its writer may hold it open. @default 10 s */
  readonly graceMs?: number
  readonly state: StatePlace
  readonly clock: () => Date
}

/** By file id. */
type Positions = Record<string, FilePosition>

const GRACE_MS = 10_000
/** How often a file that has not grown is looked at. */
const POLL_MS = 200
/** Rotation compresses what was read already. */
const COMPRESSED = /\.(gz|zst|zstd|bz2|xz)$/i

/**
 * Follows files as lines are appended. A file is known by its device and inode: rotation by renaming goes on with the old file to its
 * end, then with the new one; a file that was cut is read from its beginning. Positions are kept as a checkpoint of the workspace.
 */
export function followFiles(options: FilesOptions): OpenSource {
  return async spooled => {
    const { paths, start = 'begin', graceMs = GRACE_MS, state, clock } = options
    const patterns = paths.map(path => resolve(path))
    const key = `watch files ${[...patterns].sort().join(' ')}`
    const text = await withState(state, open => getCheckpoint(open, key))
    const committed = text === null ? {} : (JSON.parse(text) as Positions)
    const resumed: Positions = Object.assign({}, committed, ...spooled.map(positionsOf))
    const followed = new Map<string, FollowedFile>()
    const takeUp = (path: string, id: string, isNew: boolean) => {
      const file = followFile(path, id, resumed[id] ?? null, isNew && start === 'end')
      if (file !== null) followed.set(id, file)
    }
    // Files that were rotated away meanwhile lie beside the others under another name.
    for (const path of beside(patterns)) {
      const id = idOf(path)
      if (id !== null && resumed[id] !== undefined) takeUp(path, id, false)
    }
    const isFirst = Object.keys(resumed).length === 0
    let isLooking = isFirst
    const look = () => {
      const present = new Set<string>()
      for (const path of patterns.flatMap(matching)) {
        const id = idOf(path)
        if (id === null) continue
        present.add(id)
        const known = followed.get(id)
        if (known === undefined) takeUp(path, id, isLooking)
        else known.path = path
      }
      isLooking = false
      const at = performance.now()
      for (const [id, file] of followed) {
        if (present.has(id)) file.goneAt = null
        else file.goneAt ??= at
      }
    }
    look()

    const source: Source = {
      name: `files ${paths.join(' ')}`,
      async read(want) {
        const until = performance.now() + want.waitMs
        const gathered = gather()
        for (;;) {
          look()
          // What was rotated away comes before what followed it.
          const inOrder = [...followed.values()].sort(
            (a, b) => Number(a.goneAt === null) - Number(b.goneAt === null),
          )
          for (const file of inOrder) {
            const isOver = file.goneAt !== null && performance.now() - file.goneAt > graceMs
            if (!gathered.take(file, want, isOver) && isOver) {
              file.close()
              followed.delete(file.id)
            }
          }
          if (gathered.isFull(want) || performance.now() >= until || want.signal.aborted)
            return gathered.batch()
          await setTimeout(Math.min(POLL_MS, want.waitMs), undefined, { signal: want.signal }).catch(
            () => undefined,
          )
        }
      },
      async commit(offset) {
        Object.assign(committed, positionsOf(offset))
        for (const id of Object.keys(committed)) if (!followed.has(id)) delete committed[id]
        await withState(state, open => setCheckpoint(open, key, JSON.stringify(committed), clock()))
      },
      async close() {
        for (const file of followed.values()) file.close()
      },
    }
    return source
  }
}

function positionsOf(offset: Offset): Positions {
  return offset.files as Positions
}

/** Puts the lines of several files together, as long as they have the same header. */
function gather() {
  const pieces: Buffer[] = []
  const files: Positions = {}
  let events = 0
  let bytes = 0
  let header: string | null | undefined
  const isFull = (want: Want) => events >= want.events || bytes >= want.bytes
  return {
    isFull,
    /** Whether the file had anything new. */
    take(file: FollowedFile, want: Want, isOver: boolean): boolean {
      let any = false
      while (!isFull(want)) {
        if (header !== undefined && file.header() !== header) return true
        const lines = file.read(want.events - events, isOver)
        if (lines === null) return any
        header ??= file.header()
        pieces.push(lines.content)
        events += lines.events
        bytes += lines.content.length
        files[file.id] = file.position()
        any = true
      }
      return true
    },
    batch(): Batch | null {
      if (header === undefined) return null
      return { content: Buffer.concat(pieces), events, header, offset: { files } }
    },
  }
}

/** Files that a pattern stands for, by name. */
function matching(pattern: string): string[] {
  if (!basename(pattern).includes('*')) {
    try {
      if (!statSync(pattern).isDirectory()) return [pattern]
    } catch {
      return []
    }
    return namesIn(pattern).map(name => join(pattern, name))
  }
  const parts = basename(pattern)
    .split('*')
    .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const wanted = new RegExp(`^${parts.join('.*')}$`)
  const folder = dirname(pattern)
  return namesIn(folder)
    .filter(name => wanted.test(name))
    .map(name => join(folder, name))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => !name.startsWith('.') && !COMPRESSED.test(name))
      .sort()
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException
    if (error.code === 'ENOENT') return []
    throw new KeyhoundError(
      'bad-input',
      `${folder}: cannot be listed (${error.code}); let this user read it`,
      {
        where: folder,
      },
    )
  }
}

/** All files in the folders of the patterns. */
function beside(patterns: readonly string[]): string[] {
  const folders = new Set(
    patterns.map(pattern => {
      try {
        return statSync(pattern).isDirectory() ? pattern : dirname(pattern)
      } catch {
        return dirname(pattern)
      }
    }),
  )
  return [...folders].flatMap(folder => namesIn(folder).map(name => join(folder, name)))
}
