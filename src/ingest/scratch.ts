import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isOtherAlive } from '../sql/workspace.ts'

/** A folder for work in progress below `data`, for its owner only; on the same file system, so that results are renamed into place. */
export function createScratch(data: string): string {
  removeLeftovers(data)
  const scratch = join(data, `.ingest-${process.pid}-${randomBytes(4).toString('hex')}`)
  mkdirSync(scratch, { recursive: true, mode: 0o700 })
  own.add(scratch)
  return scratch
}

/** Folders that this process made: a server scores several requests at once. One that is not among them was its namesake's. */
const own = new Set<string>()

/** Removes the folders of runs that were killed: their process is gone. */
function removeLeftovers(data: string): void {
  if (!existsSync(data)) return
  for (const name of readdirSync(data)) {
    const process = /^\.ingest-(\d+)-[0-9a-f]+$/.exec(name)
    const path = join(data, name)
    if (process !== null && !own.has(path) && !isOtherAlive(Number(process[1])))
      rmSync(path, { recursive: true, force: true })
  }
}
