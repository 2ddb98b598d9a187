import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { constants, gunzipSync } from 'node:zlib'
import { KeyhoundError } from '../lib/errors.ts'
import { zstdStream } from './zstd-frames.ts'

export type Compression = 'none' | 'gzip' | 'zstd'
export type Kind = 'parquet' | 'arrow' | 'json' | 'jsonl' | 'csv' | 'lines'

export interface Probe {
  readonly path: string
  readonly compression: Compression
  readonly kind: Kind
  /** Beginning of the decompressed content as text; empty for binary kinds. */
  readonly head: string
}

/** Compressed bytes read for the look at a file's beginning. */
const HEAD_BYTES = 256 * 1024
/** And decompressed ones: a log shrinks to a tenth, and 32 kB of zstd can hold 1 GB of zeros. */
const MOST_HEAD_BYTES = 4_000_000
/** Of these no more than that comes out: gzip holds 1032 bytes in one at most. */
const FEW_BYTES = Math.floor(MOST_HEAD_BYTES / 1032)
/** Share of NUL bytes from which a text file is called binary; stray ones only spoil their own rows. */
const BINARY_SHARE = 0.1

/** A file that cannot be used at all: what is wrong, and what to do. Never quotes the file's content. */
export function badFile(path: string, problem: string): KeyhoundError {
  return new KeyhoundError('bad-input', `${path}: ${problem}`, { where: path })
}

/** Looks at a file's name and first bytes, and finds out what it is; throws `bad-input` when it is nothing we can read. */
export function probe(path: string): Probe {
  const bytes = readHead(path)
  if (bytes.length === 0) throw badFile(path, 'is empty (0 bytes); remove it, or write the log again')
  const compression = compressionOf(path, bytes)
  const content = compression === 'none' ? bytes : decompressHead(path, bytes, compression)
  if (content.length === 0) throw badFile(path, 'holds nothing once decompressed; write the log again')
  return { path, compression, ...kindOf(path, content) }
}

function readHead(path: string): Buffer {
  let handle: number
  try {
    if (!statSync(path).isFile()) throw badFile(path, 'is not a regular file')
    handle = openSync(path, 'r')
  } catch (error) {
    if (error instanceof KeyhoundError) throw error
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES'
    throw badFile(path, denied ? 'may not be read by this user; change its mode' : 'cannot be opened')
  }
  try {
    const bytes = Buffer.alloc(HEAD_BYTES)
    return bytes.subarray(0, readSync(handle, bytes, 0, HEAD_BYTES, 0))
  } finally {
    closeSync(handle)
  }
}

function compressionOf(path: string, bytes: Buffer): Compression {
  const named: Compression = /\.gz$/i.test(path) ? 'gzip' : /\.zstd?$/i.test(path) ? 'zstd' : 'none'
  const found: Compression =
    bytes.length > 1 && bytes.readUInt16BE(0) === 0x1f8b
      ? 'gzip'
      : bytes.length > 3 && bytes.readUInt32LE(0) === 0xfd2fb528
        ? 'zstd'
        : 'none'
  if (named === found) return found
  const content = found === 'none' ? `not ${named}-compressed` : `${found}-compressed`
  throw badFile(
    path,
    `wrong compression: its content is ${content}, which its name does not say; give it the ending that fits (.gz, .zst or neither)`,
  )
}

function decompressHead(path: string, bytes: Buffer, compression: Compression): Buffer {
  try {
    return compression === 'gzip' ? gunzipHead(bytes) : unzstdHead(bytes)
  } catch {
    throw badFile(path, `is damaged: its ${compression} stream cannot be decompressed; fetch it again`)
  }
}

/** A sync flush takes what there is: the head ends in the middle of the stream. What would be too much is looked at in part. */
function gunzipHead(bytes: Buffer): Buffer {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_HEAD_BYTES + 1 }
  try {
    return gunzipSync(bytes, options)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw error
    return gunzipSync(bytes.subarray(0, FEW_BYTES), options)
  }
}

function unzstdHead(bytes: Buffer): Buffer {
  const parts: Uint8Array[] = []
  let size = 0
  const enough = new Error('enough is known')
  const push = zstdStream(part => {
    parts.push(part)
    size += part.length
    if (size >= MOST_HEAD_BYTES) throw enough
  })
  try {
    push(bytes, false)
  } catch (error) {
    if (error !== enough) throw error
  }
  return Buffer.concat(parts, size)
}

/** What the name says, where it says anything. */
function namedKind(path: string): Kind | null {
  const name = path.replace(/\.(gz|zstd?)$/i, '').replace(/\.\d+$/, '')
  if (/\.(parquet|pq)$/i.test(name)) return 'parquet'
  if (/\.(arrows?|feather|ipc)$/i.test(name)) return 'arrow'
  if (/\.(jsonl|ndjson)$/i.test(name)) return 'jsonl'
  if (/\.json$/i.test(name)) return 'json'
  if (/\.(csv|tsv)$/i.test(name)) return 'csv'
  return null
}

function kindOf(path: string, content: Buffer): { kind: Kind; head: string } {
  const named = namedKind(path)
  const magic = content.subarray(0, 6).toString('latin1')
  const isArrow = magic === 'ARROW1' || (content.length > 8 && content.readUInt32LE(0) === 0xffffffff)
  const binary: Kind | null = magic.startsWith('PAR1') ? 'parquet' : isArrow ? 'arrow' : null
  if (binary !== null) {
    if (named !== null && named !== binary) throw wrongContent(path, named, `is ${binary}`)
    return { kind: binary, head: '' }
  }
  if (named === 'parquet') {
    throw badFile(
      path,
      'wrong magic: it does not begin with "PAR1" as Parquet does; is it another format, or cut off?',
    )
  }
  if (named === 'arrow') {
    throw badFile(
      path,
      'wrong magic: neither an Arrow IPC file ("ARROW1") nor an Arrow stream; is it another format?',
    )
  }
  const head = textOf(path, content)
  const first = head.trimStart()[0]
  if (first === undefined) throw badFile(path, 'holds only white space; write the log again')
  if (first === '{' || (first === '[' && looksLikeJsonList(head))) {
    if (named === 'csv') throw wrongContent(path, named, 'is JSON')
    return { kind: first === '[' ? 'json' : jsonKind(head, named), head }
  }
  if (named === 'json' || named === 'jsonl') return { kind: 'jsonl', head }
  if (named === 'csv') return { kind: 'csv', head }
  return { kind: ACCESS_LOG_LINE.test(head) ? 'lines' : 'csv', head }
}

/** Any line of the first ones in the common log format: `host ident user [time] "request" status bytes`. */
const ACCESS_LOG_LINE = /^\S+ \S+ .{0,200}? ?\[\d{1,2}\/[A-Z][a-z]{2}\/\d{4}:[^\]]+\] "/m

function wrongContent(path: string, named: Kind, found: string): KeyhoundError {
  return badFile(path, `its name says ${named}, but its content ${found}; give it the ending that fits`)
}

function textOf(path: string, content: Buffer): string {
  const isUtf16 =
    content.length > 1 && (content.readUInt16BE(0) === 0xfffe || content.readUInt16BE(0) === 0xfeff)
  if (isUtf16) throw badFile(path, 'is UTF-16; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)')
  let nul = 0
  if (content.includes(0)) for (const byte of content) if (byte === 0) nul++
  if (nul / content.length > BINARY_SHARE) {
    throw badFile(
      path,
      'is no text: it is full of NUL bytes (a binary file, a sparse one, or UTF-16 without mark); convert it to UTF-8',
    )
  }
  return content.toString('utf8').replace(/^\uFEFF/, '')
}

/** "[" also begins access-log lines such as `[10/Oct/2000...]`. */
function looksLikeJsonList(head: string): boolean {
  return /^\s*\[\s*(\{|\]|\[|"|\d+\s*[,\]]|$)/.test(head)
}

/** Names under which a JSON document wraps its list of records: CloudTrail, Azure, CloudWatch, Elasticsearch, pagers. */
export const RECORD_LISTS = [
  'Records',
  'records',
  'events',
  'Events',
  'logs',
  'logEvents',
  'items',
  'results',
  'entries',
  'hits',
  'data',
  'value',
]

/** The member of an object that is a list of records; null where it has none, or is a record itself, with a time of its own. */
export function listMember(value: object): string | null {
  const record = value as Record<string, unknown>
  if (Object.keys(record).some(key => OWN_TIME.test(key))) return null
  const isList = (list: unknown) =>
    Array.isArray(list) && list.length > 0 && list.every(one => typeof one === 'object' && one !== null)
  return RECORD_LISTS.find(name => isList(record[name])) ?? null
}

const OWN_TIME = /^(@?timestamp|time|event_?time|ts|published)$/i

/**
 * One record a line, or one document? An early line that is a whole object of its own says the former, unless it is the only one or
 * several stand in a line.
 */
function jsonKind(head: string, named: Kind | null): 'json' | 'jsonl' {
  const lines = head.split('\n')
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines
  for (const line of whole.slice(0, 20)) {
    try {
      const value: unknown = JSON.parse(line)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
      return listMember(value) !== null || isEmptyList(value) || hasHits(value) ? 'json' : 'jsonl'
    } catch {
      // A broken line says nothing; the next may.
    }
  }
  if (named === 'jsonl') return 'jsonl'
  // Objects one after another without a line between, or a document printed over several lines.
  if (/^\s*\{.*\}\s*\{/.test(lines[0]!)) return 'json'
  return /^\s*\{\s*("[^"\n]*"\s*:\s*.*)?$/m.test(lines[0]!) && !/^\s*\{.*\}\s*$/.test(lines[0]!)
    ? 'json'
    : 'jsonl'
}

/** An answer of Elasticsearch. */
function hasHits(value: object): boolean {
  return 'hits' in value && Array.isArray((value.hits as { hits?: unknown } | null)?.hits)
}

function isEmptyList(value: object): boolean {
  const members = Object.values(value)
  return members.length === 1 && Array.isArray(members[0]) && RECORD_LISTS.includes(Object.keys(value)[0]!)
}
