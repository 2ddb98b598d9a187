import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { stampOf } from '../sql/stamp.ts'
import type { State } from '../state/state.ts'

/** A mark of a folder of partitions, which differs once they do: files are published by rename, which touches the folder that they lie in. */
export function folderMark(folder: string): string {
  const touched = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (touched(folder) === 0) return 'none'
  const parts = readdirSync(folder).map(name => `${name} ${touched(join(folder, name))}`)
  return stampOf([String(touched(folder)), ...parts.sort()])
}

/** A mark of whatever people did: all of it is in the audit trail, written with it. */
export async function deskMark({ db }: State): Promise<string> {
  const row = await db
    .selectFrom('audit')
    .select(({ fn }) => fn.max('audit_id').as('last'))
    .executeTakeFirst()
  return String(row?.last ?? 0)
}

/** A mark of the runs begun and ended. */
export async function runsMark({ db }: State): Promise<string> {
  const row = await db
    .selectFrom('runs')
    .select(({ fn }) => [fn.max('run_id').as('last'), fn.count('ended_at').as('ended')])
    .executeTakeFirst()
  return `${row?.last ?? 0}-${row?.ended ?? 0}`
}
