import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publish } from './workspace.ts'

const STAMP_FILE = '.made-from'

/** A short digest of what a partition was made from; equal stamps mean there is nothing to do. */
export function stampOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 22)
}

/** The stamp left in a partition, null when there is none. */
export function readStamp(folder: string): string | null {
  const file = join(folder, STAMP_FILE)
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

/** Leaves the stamp; called last, so that a killed run is made again. */
export async function writeStamp(folder: string, stamp: string): Promise<void> {
  await publish(join(folder, STAMP_FILE), temporary => writeFileSync(temporary, stamp))
}
