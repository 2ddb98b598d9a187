import { decodeArtefact, encodeArtefact, type Section } from '../../lib/artefact.ts'
import { KeyhoundError } from '../../lib/errors.ts'
import { deriveLookup, type Forest, MAX_DEPTH, slotStarts } from './forest.ts'

const KIND = 'isolation-forest'
const VERSION = 1

/** The forest as a checked binary artefact; equal forests give equal bytes. */
export function encodeForest(forest: Forest): Uint8Array {
  const { names, trees, depth, sampleRows, seed } = forest
  const { isCategorical, slots, thresholds, missingRight, counts } = forest
  return encodeArtefact({
    kind: KIND,
    version: VERSION,
    header: { names, trees, depth, sampleRows, seed },
    sections: { isCategorical, slots, thresholds, missingRight, counts },
  })
}

/** Reads what {@link encodeForest} wrote. Throws KeyhoundError 'corrupt-artefact' for anything else. */
export function decodeForest(bytes: Uint8Array): Forest {
  const { header, sections } = decodeArtefact(bytes, { kind: KIND, version: VERSION })
  const { names, trees, depth, sampleRows, seed } = header as Pick<
    Forest,
    'names' | 'trees' | 'depth' | 'sampleRows' | 'seed'
  >
  demand('depth', Number.isInteger(depth) && depth >= 1 && depth <= MAX_DEPTH, `1 to ${MAX_DEPTH}`, depth)
  const half = 2 ** depth
  const forest = {
    names,
    trees,
    depth,
    sampleRows,
    seed,
    isCategorical: section(sections, 'isCategorical', Uint8Array, names.length),
    slots: section(sections, 'slots', Uint16Array, trees * half),
    thresholds: section(sections, 'thresholds', Float32Array, trees * half),
    missingRight: section(sections, 'missingRight', Uint8Array, trees * half),
    counts: section(sections, 'counts', Uint32Array, trees * 2 * half),
  }
  // The descent reads slots unchecked.
  const width = slotStarts(forest.isCategorical)[names.length]!
  const outside = forest.slots.find(slot => slot >= width)
  demand('slot', outside === undefined, `< ${width}`, outside)
  return { ...forest, lookup: deriveLookup(forest) }
}

function section<T extends Section>(
  sections: Readonly<Record<string, Section>>,
  name: string,
  Type: new (length: number) => T,
  length: number,
): T {
  const found = sections[name]
  const fits = found instanceof Type && found.length === length
  demand(`section "${name}"`, fits, `${Type.name}(${length})`, `${found?.constructor.name}(${found?.length})`)
  return found as T
}

function demand(what: string, holds: boolean, expected: string, found: unknown): void {
  if (holds) return
  throw new KeyhoundError(
    'corrupt-artefact',
    `${what} of the forest does not fit: expected ${expected}, found ${found}. Restore the file or train again`,
    { where: what },
  )
}
