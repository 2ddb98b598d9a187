import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ChildRun, runChild } from './lib.ts'

/** Where the checkout lies. */
export const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

const MAIN = join(PROJECT, 'dist', 'cli', 'main.js')

/** Runs a command as users do, as a process of its own; `nodeFlags` are for Node itself. */
export async function keyhound(
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<ChildRun> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first`)
  return runChild(process.execPath, [...nodeFlags, MAIN, ...args])
}

/** Number of rows that a query over a workspace counts as `n`. */
export async function count(workspace: string, sql: string): Promise<number> {
  const { stdout } = await keyhound(['query', sql, '--format', 'json', '--workspace', workspace])
  const [row] = JSON.parse(stdout) as { n: number }[]
  return row!.n
}
