import { ALIASES, snakeCase } from './columns.ts'
import { listMember } from './probe.ts'
import { isRecordLine } from './text-log.ts'

/** Members that hold the whole record as text, even beside a token: `aws cloudtrail lookup-events`, CloudTrail Lake. */
const WHOLE_MEMBERS = ['CloudTrailEvent', 'eventJson']
/** Members that hold it where no token stands beside it: docker, fluentd, CloudWatch, Splunk. */
const TEXT_MEMBERS = ['log', 'message', '@message', '_raw', 'raw', 'msg', 'line']

const TOKEN_NAMES: ReadonlySet<string> = new Set(ALIASES.token_id)

/** Most envelopes inside each other. */
export const MOST_ENVELOPES = 4

type Json = Readonly<Record<string, unknown>>

/** What an object carries in place of being a record itself. */
export type Payload =
  | { readonly kind: 'list'; readonly member: string }
  | { readonly kind: 'object'; readonly member: string }
  /** JSON as text, and a line as text. */
  | { readonly kind: 'json' | 'text'; readonly member: string }

/** The envelope that an object is; null for a record. */
export function payloadOf(record: Json): Payload | null {
  const keys = Object.keys(record)
  if (isObject(record.hits) && Array.isArray((record.hits as Json).hits))
    return { kind: 'object', member: 'hits' }
  if (isObject(record._source)) return { kind: 'object', member: '_source' }
  if (isObject(record.detail) && 'detail-type' in record) return { kind: 'object', member: 'detail' }
  if (isObject(record.result) && keys.every(key => /^(result|preview|offset|lastrow)$/.test(key)))
    return { kind: 'object', member: 'result' }
  const list = listMember(record)
  if (list !== null) return { kind: 'list', member: list }
  const hasToken = keys.some(key => TOKEN_NAMES.has(snakeCase(key)))
  for (const member of hasToken ? WHOLE_MEMBERS : [...WHOLE_MEMBERS, ...TEXT_MEMBERS]) {
    const text = record[member]
    if (typeof text !== 'string') continue
    if (objectOf(text) !== null) return { kind: 'json', member }
    if (isRecordLine(text.trimEnd())) return { kind: 'text', member }
  }
  return null
}

/** Has an object a time of its own among its members? */
export function hasTime(record: Json): boolean {
  return Object.keys(record).some(key => TIME_NAMES.has(snakeCase(key)))
}
const TIME_NAMES: ReadonlySet<string> = new Set(ALIASES.time)

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object that is written as text; null where the text is none. */
export function objectOf(text: string): Json | null {
  if (!/^\s*\{/.test(text)) return null
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/** The records of a value, out of all envelopes; a record that is a line of text comes as that text. */
export function unwrap(value: unknown, level = 0): unknown[] {
  if (Array.isArray(value))
    return level > MOST_ENVELOPES ? [value] : value.flatMap(one => unwrap(one, level + 1))
  if (!isObject(value) || level > MOST_ENVELOPES) return [value]
  const payload = payloadOf(value)
  if (payload === null) return [value]
  const inner = value[payload.member]
  if (payload.kind === 'text') return [String(inner).trimEnd()]
  const content = payload.kind === 'json' ? objectOf(String(inner)) : inner
  // What stands around the record may be all that says when it was.
  const { [payload.member]: _, ...around } = value
  const isBare =
    isObject(content) && payload.kind === 'json' && payloadOf(content) === null && !hasTime(content)
  return unwrap(isBare ? { ...around, ...content } : content, level + 1)
}

/** The envelope that most records of a sample are, in one member; null where most are records. */
export function commonPayload(sample: readonly Json[]): Payload | null {
  const counts = new Map<string, { payload: Payload; n: number }>()
  for (const record of sample) {
    const payload = payloadOf(record)
    if (payload === null) continue
    const key = `${payload.kind} ${payload.member}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { payload, n: 1 })
    else known.n++
  }
  const most = [...counts.values()].sort((a, b) => b.n - a.n)[0]
  return most !== undefined && most.n >= 0.5 * sample.length ? most.payload : null
}

/** The JSON values of a text, one after another, with or without white space between; null where it is none. */
export function valuesOf(text: string): unknown[] | null {
  try {
    return [JSON.parse(text)]
  } catch {
    // Several values, or none.
  }
  const values: unknown[] = []
  let from = -1
  let depth = 0
  let inText = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inText) {
      if (c === 92) i++
      else if (c === 34) inText = false
    } else if (c === 34) inText = true
    else if (c === 123 || c === 91) {
      if (depth++ === 0) from = i
    } else if (c === 125 || c === 93) {
      if (--depth < 0) return null
      if (depth > 0) continue
      try {
        values.push(JSON.parse(text.slice(from, i + 1)))
      } catch {
        return null
      }
    } else if (depth === 0 && c > 32 && c !== 44) return null
  }
  return depth === 0 && values.length > 0 ? values : null
}
