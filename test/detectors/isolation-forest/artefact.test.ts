import { expect, test } from 'vitest'
import { decodeForest, encodeForest } from '../../../src/detectors/isolation-forest/artefact.ts'
import { fitForest } from '../../../src/detectors/isolation-forest/fit.ts'
import { scoreForest } from '../../../src/detectors/isolation-forest/score.ts'
import { decodeArtefact, encodeArtefact, type Section } from '../../../src/lib/artefact.ts'
import { fromColumns } from '../../../src/lib/matrix.ts'
import { createRandom } from '../../../src/lib/random.ts'
import { normalTable } from './tables.ts'

const random = createRandom(1)
const table = fromColumns({
  a: Float64Array.from({ length: 400 }, () => random.normal()),
  code: Float64Array.from({ length: 400 }, () => random.int(5)),
  holes: Float64Array.from({ length: 400 }, () => (random.chance(0.3) ? Number.NaN : random.next())),
})

test('a forest read back is the same forest, gives the same scores to the bit, and the same bytes', () => {
  const forest = fitForest(table, { seed: 2, categorical: ['code'] })
  const bytes = encodeForest(forest)
  const back = decodeForest(bytes)
  expect(back.names).toEqual(forest.names)
  expect(scoreForest(back, table)).toEqual(scoreForest(forest, table))
  // Not toEqual: it takes seconds over so many bytes.
  expect(Buffer.compare(encodeForest(back), bytes)).toBe(0)
})

/** The forest's artefact with a section replaced, checksum and all. */
function forge(name: string, section: Section, header: Record<string, unknown> = {}): Uint8Array {
  const known = { kind: 'isolation-forest', version: 1 }
  const artefact = decodeArtefact(encodeForest(fitForest(normalTable(50, 2), { trees: 3 })), known)
  return encodeArtefact({
    ...artefact,
    header: { ...artefact.header, ...header },
    sections: { ...artefact.sections, [name]: section },
  })
}

test('a section of the wrong length, a slot outside the row and a depth out of range are refused', () => {
  expect(() => decodeForest(forge('thresholds', new Float32Array(5)))).toThrow(
    /"thresholds".*expected Float32Array\(192\), found Float32Array\(5\)/,
  )
  expect(() => decodeForest(forge('slots', new Uint16Array(192).fill(2)))).toThrow(
    /slot.*expected < 2, found 2/,
  )
  expect(() => decodeForest(forge('slots', new Uint16Array(192), { depth: 40 }))).toThrow(/depth.*found 40/)
})
