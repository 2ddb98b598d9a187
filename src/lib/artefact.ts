import { createHash } from 'node:crypto'
import { KeyhoundError } from './errors.ts'
import { isTooDeep } from './json-depth.ts'

/**
 * A checked binary container for models. Little-endian, in this order:
 *
 *     0   8  magic "KEYHOUND"
 *     8   4  container version (uint32)
 *     12  4  length of the preamble in bytes (uint32)
 *     16  .  preamble, JSON in UTF-8: {kind, version, header, sections: [{name, type, offset, length}]}
 *     .   .  sections, each begins on a multiple of 8 (offset counts from the file's start, length is in elements)
 *     .  32  SHA-256 of everything before
 *
 * Nothing in it is executed when it is read.
 */
export interface Artefact {
  /** What it holds: "isolation-forest". */
  readonly kind: string
  /** Format version of that kind; a reader takes exactly the one it knows. */
  readonly version: number
  /** Small facts, plain JSON. */
  readonly header: Readonly<Record<string, unknown>>
  readonly sections: Readonly<Record<string, Section>>
}

export type Section = Float32Array | Float64Array | Int32Array | Uint8Array | Uint16Array | Uint32Array

interface SectionEntry {
  name: string
  type: keyof typeof SECTION_TYPES
  offset: number
  length: number
}

interface Preamble {
  kind: string
  version: number
  header: Record<string, unknown>
  sections: SectionEntry[]
}

const SECTION_TYPES = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
}

const MAGIC = 'KEYHOUND'
const CONTAINER_VERSION = 1
const PREAMBLE_START = 16
const CHECKSUM_BYTES = 32
/** The widest element (float64): sections can be viewed in place by readers that map the file. */
const ALIGNMENT = 8

/** The artefact as bytes; equal artefacts give equal bytes. */
export function encodeArtefact(artefact: Artefact): Uint8Array {
  const named = Object.entries(artefact.sections)
  const describe = (start: number): Uint8Array => {
    let offset = start
    const sections = named.map(([name, section]): SectionEntry => {
      const entry = { name, type: typeOf(section), offset, length: section.length }
      offset = align(offset + section.byteLength)
      return entry
    })
    const { kind, version, header } = artefact
    return new TextEncoder().encode(JSON.stringify({ kind, version, header, sections }))
  }
  // The preamble holds offsets that follow its own length: reserve room until both agree (one or two rounds).
  let start = align(PREAMBLE_START + describe(0).length)
  let preamble = describe(start)
  while (PREAMBLE_START + preamble.length > start) {
    start = align(PREAMBLE_START + preamble.length)
    preamble = describe(start)
  }

  const bodyBytes = named.reduce((sum, [, section]) => sum + align(section.byteLength), 0)
  const bytes = new Uint8Array(start + bodyBytes + CHECKSUM_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode(MAGIC), 0)
  view.setUint32(8, CONTAINER_VERSION, true)
  view.setUint32(12, preamble.length, true)
  bytes.set(preamble, PREAMBLE_START)
  let offset = start
  for (const [, section] of named) {
    bytes.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), offset)
    offset = align(offset + section.byteLength)
  }
  bytes.set(checksum(bytes.subarray(0, offset)), offset)
  return bytes
}

/**
 * Reads what {@link encodeArtefact} wrote; sections are fresh copies. Throws KeyhoundError 'corrupt-artefact' that names
 * what was expected and what was found when magic, version, checksum, kind or a section's place does not fit.
 */
export function decodeArtefact(bytes: Uint8Array, expected: { kind: string; version: number }): Artefact {
  if (bytes.length < PREAMBLE_START + CHECKSUM_BYTES)
    throw corrupt('length', `at least ${PREAMBLE_START + CHECKSUM_BYTES} bytes`, `${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const magic = new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC.length))
  if (magic !== MAGIC) throw corrupt('magic', JSON.stringify(MAGIC), JSON.stringify(magic))
  const container = view.getUint32(8, true)
  if (container !== CONTAINER_VERSION)
    throw corrupt('container version', `${CONTAINER_VERSION}`, `${container}`)

  const body = bytes.subarray(0, bytes.length - CHECKSUM_BYTES)
  const stored = toHex(bytes.subarray(body.length))
  const actual = toHex(checksum(body))
  if (stored !== actual) throw corrupt('SHA-256 checksum', stored, actual)

  const preamble = readPreamble(body, view.getUint32(12, true))
  if (preamble.kind !== expected.kind)
    throw corrupt('kind', JSON.stringify(expected.kind), JSON.stringify(preamble.kind))
  if (preamble.version !== expected.version)
    throw corrupt(`version of ${expected.kind}`, `${expected.version}`, `${preamble.version}`)

  const sections: Record<string, Section> = {}
  for (const entry of preamble.sections) sections[entry.name] = readSection(body, entry)
  return { kind: preamble.kind, version: preamble.version, header: preamble.header, sections }
}

/**
 * Holds an artefact against the facts of its kind. Throws KeyhoundError 'corrupt-artefact' where `holds` is false.
 *
 * @example
 * demand('depth of the forest', depth <= 20, '<= 20', depth)
 */
export function demand(what: string, holds: boolean, expected: string, found: unknown): void {
  if (!holds) throw corrupt(what, expected, `${found}`)
}

/** The section of a name, type and length. Throws KeyhoundError 'corrupt-artefact' where there is none. */
export function takeSection<T extends Section>(
  { kind, sections }: Pick<Artefact, 'kind' | 'sections'>,
  name: string,
  Type: new (length: number) => T,
  length: number,
): T {
  const found = Object.hasOwn(sections, name) ? sections[name] : undefined
  const fits = found instanceof Type && found.length === length
  const shown = found === undefined ? 'none' : `${found.constructor.name}(${found.length})`
  demand(`section "${name}" of ${kind}`, fits, `${Type.name}(${length})`, shown)
  return found as T
}

/** Whoever forges a file can make its checksum right: the preamble is read as text of a stranger. */
function readPreamble(body: Uint8Array, length: number): Preamble {
  demand('length of the preamble', PREAMBLE_START + length <= body.length, `<= ${body.length}`, length)
  const bytes = body.subarray(PREAMBLE_START, PREAMBLE_START + length)
  if (isTooDeep(bytes)) throw corrupt('preamble', 'a flat JSON object', 'deep nesting')
  let read: unknown
  try {
    read = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw corrupt('preamble', 'JSON', 'other text')
  }
  const preamble = read as Preamble
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
  demand('preamble', isObject(read) && isObject(preamble.header), 'an object with a header', 'something else')
  demand('sections', Array.isArray(preamble.sections), 'a list', typeof preamble.sections)
  for (const entry of preamble.sections) {
    const { name, offset, length } = isObject(entry) ? entry : ({} as SectionEntry)
    const isPlace = Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(length) && length >= 0
    demand('section', /^\w+$/.test(name) && name !== '__proto__' && isPlace, 'a name and a place', 'neither')
  }
  return preamble
}

function readSection(body: Uint8Array, entry: SectionEntry): Section {
  const Type = Object.hasOwn(SECTION_TYPES, entry.type) ? SECTION_TYPES[entry.type] : undefined
  if (Type === undefined)
    throw corrupt(`type of section "${entry.name}"`, Object.keys(SECTION_TYPES).join(', '), `${entry.type}`)
  const end = entry.offset + entry.length * Type.BYTES_PER_ELEMENT
  if (end > body.length) throw corrupt(`end of section "${entry.name}"`, `<= ${body.length}`, `${end}`)
  // Buffer's own slice() would not copy, and a view needs an aligned beginning.
  const copy = new Uint8Array(body.subarray(entry.offset, end))
  return new Type(copy.buffer, 0, entry.length)
}

function typeOf(section: Section): SectionEntry['type'] {
  for (const [name, Type] of Object.entries(SECTION_TYPES)) {
    if (section instanceof Type) return name as SectionEntry['type']
  }
  throw new KeyhoundError('internal', 'an artefact section is a typed array of one of the stated types')
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT
}

function checksum(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function corrupt(what: string, expected: string, found: string): KeyhoundError {
  return new KeyhoundError(
    'corrupt-artefact',
    `${what} of the artefact does not fit: expected ${expected}, found ${found}. Restore the file or train again`,
    { where: what },
  )
}
