import { KeyhoundError } from '../lib/errors.ts'
import { type TextForm, textForm } from './text-form.ts'

/** Directives of Apache's mod_log_config that have one letter, with the name that the part is given. */
const APACHE: Readonly<Record<string, string>> = {
  a: 'client_ip',
  A: 'server_ip',
  B: 'response_bytes',
  b: 'response_bytes',
  D: 'duration_us',
  f: 'file',
  h: 'remote_addr',
  H: 'protocol',
  I: 'request_bytes',
  k: 'keepalive',
  l: 'ident',
  L: 'error_log_id',
  m: 'method',
  O: 'bytes_sent',
  p: 'port',
  P: 'pid',
  q: 'query_string',
  r: 'request',
  R: 'handler',
  s: 'status',
  S: 'bytes_transferred',
  t: 'time_local',
  T: 'duration_s',
  u: 'remote_user',
  U: 'uri_path',
  v: 'vhost',
  V: 'vhost',
  X: 'connection_status',
}

const APACHE_OF = { i: 'http', o: 'sent_http', C: 'cookie', e: 'env', n: 'note' } as const

/** Names of parts that nginx gives its variables, where ours are others. */
const NGINX: Readonly<Record<string, string>> = {
  body_bytes_sent: 'response_bytes',
  request_time: 'duration_s',
}

const snake = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')

interface Piece {
  readonly name: string | null
  readonly text: string
}

/**
 * The form of lines that a web server writes under a format: nginx (`$remote_addr - $remote_user ...`) or Apache (`%h %l %u %t ...`).
 * The parts have names that are recognised like those of columns. Throws `usage` for a format without variables.
 */
export function formOfFormat(format: string): TextForm {
  const pieces = /\$\{?[a-z]/.test(format) ? nginxPieces(format) : apachePieces(format)
  if (!pieces.some(({ name }) => name !== null)) {
    throw new KeyhoundError(
      'usage',
      '--format holds neither variables of nginx ($remote_addr) nor directives of Apache (%h); give the text of log_format or LogFormat',
    )
  }
  const seen = new Map<string, number>()
  let line = '^'
  pieces.forEach(({ name, text }, i) => {
    if (name === null) {
      line += text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/ +/g, ' +')
      return
    }
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    const before = pieces[i - 1]
    const inQuotes = before?.name === null && before.text.endsWith('"') && pieces[i + 1]?.text.startsWith('"')
    const last = i === pieces.length - 1
    line += `(?<${times === 1 ? name : `${name}_${times}`}>${inQuotes ? '(?:[^"\\\\]|\\\\.)*' : last ? '.*' : '.*?'})`
  })
  return textForm(`${line}$`)
}

function nginxPieces(format: string): Piece[] {
  return format.split(/(\$\{?[a-z_0-9]+\}?)/).map(text => {
    const name = /^\$\{?([a-z_0-9]+)\}?$/.exec(text)?.[1]
    return name === undefined ? { name: null, text } : { name: NGINX[name] ?? name, text: '' }
  })
}

function apachePieces(format: string): Piece[] {
  const unescaped = format.replaceAll('\\"', '"').replaceAll('\\t', '\t')
  const pieces: Piece[] = []
  for (const text of unescaped.split(/(%[!\d,]*[<>]?(?:\{[^}]*\})?\^?[A-Za-z%]{1,2}?)/)) {
    const found = /^%[!\d,]*[<>]?(?:\{([^}]*)\})?\^?([A-Za-z%])$/.exec(text)
    if (found === null) {
      if (text !== '') pieces.push({ name: null, text })
      continue
    }
    const [, argument, letter] = found
    if (letter === '%') pieces.push({ name: null, text: '%' })
    else if (argument !== undefined && letter! in APACHE_OF)
      pieces.push({ name: `${APACHE_OF[letter as keyof typeof APACHE_OF]}_${snake(argument)}`, text: '' })
    else if (letter === 't' && argument === undefined)
      pieces.push({ name: null, text: '[' }, { name: 'time_local', text: '' }, { name: null, text: ']' })
    else if (letter === 'T' && argument !== undefined) pieces.push({ name: `duration_${argument}`, text: '' })
    else pieces.push({ name: APACHE[letter!] ?? `part_${letter}`, text: '' })
  }
  return pieces
}
