import { execSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')

/** The command as users run it, for tests that need a process of its own; through tsx each would take a second and a half longer. */
export const KEYHOUND: readonly [string, string] = [process.execPath, MAIN]

/** Before all tests: what they spawn is built from the sources as they are (`npm test` has just done so). */
export default function setUp(): void {
  const isStale = !existsSync(MAIN) || newest(join(ROOT, 'src')) > statSync(MAIN).mtimeMs
  if (isStale) execSync('npm run build', { cwd: ROOT, stdio: 'inherit' })
}

/** Milliseconds since the epoch. */
function newest(folder: string): number {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter(entry => entry.isFile())
  return Math.max(...files.map(file => statSync(join(file.parentPath, file.name)).mtimeMs))
}
