import { decodeArtefact, demand, encodeArtefact, takeSection } from '../../lib/artefact.ts'
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
  const artefact = decodeArtefact(bytes, { kind: KIND, version: VERSION })
  const { names, trees, depth, sampleRows, seed } = artefact.header as Pick<
    Forest,
    'names' | 'trees' | 'depth' | 'sampleRows' | 'seed'
  >
  const isNames = Array.isArray(names) && names.every(name => typeof name === 'string')
  demand('names of the forest', isNames, 'a list of texts', typeof names)
  const isDepth = Number.isInteger(depth) && depth >= 1 && depth <= MAX_DEPTH
  demand('depth of the forest', isDepth, `1 to ${MAX_DEPTH}`, depth)
  const areCounts = [trees, sampleRows, seed].every(Number.isFinite)
  demand('trees, rows and seed of the forest', areCounts, 'numbers', [trees, sampleRows, seed].join(', '))
  const half = 2 ** depth
  const forest = {
    names,
    trees,
    depth,
    sampleRows,
    seed,
    isCategorical: takeSection(artefact, 'isCategorical', Uint8Array, names.length),
    slots: takeSection(artefact, 'slots', Uint16Array, trees * half),
    thresholds: takeSection(artefact, 'thresholds', Float32Array, trees * half),
    missingRight: takeSection(artefact, 'missingRight', Uint8Array, trees * half),
    counts: takeSection(artefact, 'counts', Uint32Array, trees * 2 * half),
  }
  // The descent reads slots unchecked.
  const width = slotStarts(forest.isCategorical)[names.length]!
  const outside = forest.slots.find(slot => slot >= width)
  demand('slot of the forest', outside === undefined, `< ${width}`, outside)
  return { ...forest, lookup: deriveLookup(forest) }
}
