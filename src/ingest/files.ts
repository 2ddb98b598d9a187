import { existsSync, readdirSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve, sep } from 'node:path'

/** Endings of the files a folder or glob is searched for; a file named outright may end in anything. */
const LOG_ENDINGS =
  /\.(parquet|pq|arrow|arrows|feather|ipc|csv|tsv|txt|log|json|jsonl|ndjson)(\.\d+)?(\.(gz|zst|zstd))?$/i

export interface FoundFiles {
  /** Paths as the user would write them, sorted within each argument, without repeats. */
  readonly files: readonly string[]
  /** Arguments that led to nothing, each with the reason and what to do. */
  readonly problems: readonly { path: string; error: string }[]
}

/** Files behind a list of files, folders (searched to the bottom) and globs (`*`, `**`, `?`, `{a,b}`, `[ab]`). */
export function findFiles(paths: readonly string[]): FoundFiles {
  const files = new Map<string, string>()
  const problems: { path: string; error: string }[] = []
  for (const path of paths) {
    const found = findOne(path)
    if (typeof found === 'string') problems.push({ path, error: found })
    else for (const file of found) if (!files.has(resolve(file))) files.set(resolve(file), file)
  }
  return { files: [...files.values()], problems }
}

function findOne(path: string): string[] | string {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) return [path]
    const inside = walk(path).filter(file => LOG_ENDINGS.test(file))
    return inside.length > 0
      ? inside
      : 'the folder holds no log files (Parquet, Arrow, CSV, JSON, JSONL or .log, also .gz and .zst); name the files themselves if they end otherwise'
  }
  if (!/[*?[{]/.test(path)) return 'no such file or folder; check the path'
  const pattern = globToRegExp(path)
  const matches = walk(globRoot(path)).filter(file => pattern.test(normal(file)))
  return matches.length > 0
    ? matches
    : 'no file matches the pattern; quote it so that the shell leaves it alone'
}

/** Files below a folder, sorted; hidden files and folders are left out, as they hold work in progress. */
function walk(folder: string): string[] {
  if (!existsSync(folder)) return []
  const files: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    const isFolder =
      entry.isDirectory() ||
      (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isDirectory())
    if (isFolder) files.push(...walk(path))
    else files.push(path)
  }
  return files
}

/** The folder before the first wildcard. */
function globRoot(pattern: string): string {
  const fixed = pattern.slice(0, pattern.search(/[*?[{]/))
  const cut = fixed.lastIndexOf('/')
  if (cut > 0) return fixed.slice(0, cut)
  return isAbsolute(pattern) ? sep : '.'
}

const normal = (file: string) => file.replaceAll('\\', '/').replace(/^\.\//, '')

/** A glob as an anchored expression over paths with forward slashes. */
export function globToRegExp(glob: string): RegExp {
  let out = ''
  let depth = 0
  const text = normal(glob)
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '*' && text[i + 1] === '*') {
      const slash = text[i + 2] === '/'
      out += slash ? '(?:.*/)?' : '.*'
      i += slash ? 2 : 1
    } else if (c === '*') out += '[^/]*'
    else if (c === '?') out += '[^/]'
    else if (c === '{') {
      out += '(?:'
      depth++
    } else if (c === '}' && depth > 0) {
      out += ')'
      depth--
    } else if (c === ',' && depth > 0) out += '|'
    else if (c === '[' && text.indexOf(']', i + 2) > 0) {
      const end = text.indexOf(']', i + 2)
      out += `[${text
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`
      i = end
    } else out += c.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  }
  return new RegExp(`^${out}$`)
}
