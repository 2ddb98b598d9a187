import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Check } from '../../schema/doctor.ts'
import { isOtherAlive, listDays, listParquet, partition, type Workspace } from '../../sql/workspace.ts'
import { type DoctorContext, fail, ok, size, some, warn } from './check.ts'

const DAY_MS = 86_400_000

export async function checkFiles(context: DoctorContext): Promise<Check[]> {
  const { workspace } = context
  return [
    checkLayout(workspace),
    checkKey(workspace),
    checkLeftovers(workspace),
    checkScratch(context),
    checkDisk(workspace),
  ]
}

function checkLayout({ root, events }: Workspace): Check {
  try {
    accessSync(root, constants.R_OK | constants.W_OK)
  } catch {
    return fail(
      'layout',
      'the folder cannot be read and written',
      root,
      'give this user the rights to it, or run as its owner',
    )
  }
  const days = listDays(events)
  if (days.length === 0)
    return warn(
      'layout',
      'no events: nothing was ingested here',
      events,
      'keyhound ingest PATH, or is this another workspace than you mean? --workspace DIR',
    )
  return ok('layout', `${some(days.length, 'day')} of events, ${days[0]} to ${days.at(-1)}`, events)
}

/** Bytes of the workspace key, as ingest makes it. */
const KEY_BYTES = 32

function checkKey({ keyFile }: Workspace): Check {
  if (!existsSync(keyFile))
    return ok('key-file', 'no key yet: it is made when the first raw token is hashed', keyFile)
  const length = Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'base64url').length
  if (length !== KEY_BYTES)
    return fail(
      'key-file',
      `holds ${length} bytes, not ${KEY_BYTES}`,
      keyFile,
      'restore it from a backup: with a new key every token gets a new id, and its history is lost',
    )
  // Windows has no such bits; what Node tells of them there says nothing.
  const mode = statSync(keyFile).mode & 0o777
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    return fail(
      'key-file',
      `others than its owner may read it (mode ${mode.toString(8)}): whoever has it can test guesses of tokens`,
      keyFile,
      `chmod 600 ${keyFile}`,
    )
  return ok('key-file', 'for its owner only', keyFile)
}

/** Work in progress of processes that are no more: what sql/workspace.ts and ingest/scratch.ts name. */
function checkLeftovers({ root }: Workspace): Check {
  const found = ['data', 'models'].flatMap(name => leftoversBelow(join(root, name)))
  if (found.length === 0) return ok('leftovers', 'no half-written files of killed runs')
  const bytes = found.reduce((sum, path) => sum + bytesOf(path), 0)
  return warn(
    'leftovers',
    `killed runs left ${some(found.length, 'half-written file')} (${size(bytes)})`,
    found[0]!,
    'the next ingest, train or score removes them; nothing reads them',
  )
}

function leftoversBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    const made = /^\.(?:(\d+)-)?[0-9a-f]{12}\.tmp$|^\.ingest-(\d+)-[0-9a-f]+$/.exec(entry.name)
    if (made !== null) {
      const pid = Number(made[1] ?? made[2])
      return Number.isNaN(pid) || !isOtherAlive(pid) ? [path] : []
    }
    return entry.isDirectory() ? leftoversBelow(path) : []
  })
}

/** Commands work in a folder of their own, which goes with them: one that is older than a day belongs to none. */
function checkScratch({ temporaryFolder, now }: DoctorContext): Check {
  const old = readdirSync(temporaryFolder, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && /^keyhound-[A-Za-z0-9]{6}$/.test(entry.name))
    .map(entry => join(temporaryFolder, entry.name))
    .filter(path => {
      // Another process may remove it meanwhile.
      const found = statSync(path, { throwIfNoEntry: false })
      return found !== undefined && now.getTime() - found.mtimeMs > DAY_MS
    })
  if (old.length === 0) return ok('scratch', 'no scratch folders of killed commands', temporaryFolder)
  const bytes = old.reduce((sum, path) => sum + bytesOf(path), 0)
  return warn(
    'scratch',
    `${some(old.length, 'scratch folder')} of killed commands, older than a day (${size(bytes)})`,
    old[0]!,
    `remove them: they are named keyhound-XXXXXX in ${temporaryFolder}`,
  )
}

/** What the engine may spill, besides: its memory limit. */
const SPILL_BYTES = 800e6
/** Days that can be written anew before the disk is full, below which it is time to look. */
const DAYS_AHEAD = 30

/** A day is rewritten beside the old one before it takes its place; the largest says how much room that takes. */
function checkDisk({ root, events, activity, facets, features, history, scores }: Workspace): Check {
  if (!existsSync(root)) return ok('disk', 'there is no folder yet')
  const { bavail, bsize } = statfsSync(root)
  const free = bavail * bsize
  const day = [events, activity, facets, features, history, scores]
    .map(folder => Math.max(0, ...listDays(folder).map(name => parquetBytes(partition(folder, name)))))
    .reduce((sum, bytes) => sum + bytes, 0)
  const what = `${size(free)} free; the largest day takes ${size(day)} in all`
  if (free < 2 * day + SPILL_BYTES)
    return fail('disk', `${what}: the next run may not end`, root, 'make room, or move the workspace')
  if (free < DAYS_AHEAD * day + SPILL_BYTES)
    return warn('disk', `${what}: less than ${DAYS_AHEAD} such days`, root, 'make room before it is full')
  return ok('disk', what, root)
}

function parquetBytes(folder: string): number {
  return listParquet(folder).reduce((sum, path) => sum + bytesOf(path), 0)
}

function bytesOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return 0
  if (!found.isDirectory()) return found.size
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0)
}
