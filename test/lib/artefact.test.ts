import { expect, test } from 'vitest'
import { type Artefact, decodeArtefact, encodeArtefact } from '../../src/lib/artefact.ts'
import { KeyhoundError } from '../../src/lib/errors.ts'

const thing: Artefact = {
  kind: 'thing',
  version: 3,
  header: { names: ['a', 'ü€'], depth: 2 },
  sections: {
    bytes: Uint8Array.of(1, 2, 3),
    float32: Float32Array.of(1.5, Number.NaN),
    float64: Float64Array.of(Math.PI),
    int32: Int32Array.of(-1),
    uint16: Uint16Array.of(65535),
    uint32: Uint32Array.of(4294967295),
    empty: new Float64Array(0),
  },
}

function failure(act: () => unknown): KeyhoundError {
  try {
    act()
  } catch (error) {
    if (error instanceof KeyhoundError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('comes back as it was, to the bit, from any offset of a larger buffer', () => {
  const bytes = encodeArtefact(thing)
  expect(decodeArtefact(bytes, { kind: 'thing', version: 3 })).toEqual(thing)
  const shifted = new Uint8Array(bytes.length + 3)
  shifted.set(bytes, 3)
  expect(decodeArtefact(shifted.subarray(3), { kind: 'thing', version: 3 })).toEqual(thing)
})

test('sections of a Buffer are copies as well, at whatever place it begins', () => {
  const room = Buffer.alloc(encodeArtefact(thing).length + 1)
  room.set(encodeArtefact(thing), 1)
  const file = room.subarray(1)
  const { sections } = decodeArtefact(file, thing)
  file.fill(0)
  expect(sections).toEqual(thing.sections)
})

test('sections begin on multiples of eight and belong to the reader', () => {
  const bytes = encodeArtefact(thing)
  const text = new TextDecoder('latin1').decode(bytes)
  const offsets = [...text.matchAll(/"offset":(\d+)/g)].map(match => Number(match[1]))
  expect(offsets.length).toBe(7)
  for (const offset of offsets) expect(offset % 8).toBe(0)
  const back = decodeArtefact(bytes, { kind: 'thing', version: 3 })
  back.sections.bytes![0] = 99
  expect(encodeArtefact(thing)).toEqual(bytes)
  expect(decodeArtefact(bytes, { kind: 'thing', version: 3 })).toEqual(thing)
})

test('headers of any length find room before the sections', () => {
  for (let length = 0; length < 200; length++) {
    const artefact = { ...thing, header: { text: 'x'.repeat(length) } }
    expect(decodeArtefact(encodeArtefact(artefact), thing).header).toEqual(artefact.header)
  }
})

test('every flipped byte is noticed', () => {
  const bytes = encodeArtefact({ ...thing, sections: { bytes: Uint8Array.of(1, 2, 3) } })
  for (let i = 0; i < bytes.length; i++) {
    const damaged = bytes.slice()
    damaged[i]! ^= 1
    expect(failure(() => decodeArtefact(damaged, thing)).code).toBe('corrupt-artefact')
  }
})

test('every truncation is noticed', () => {
  const bytes = encodeArtefact(thing)
  for (const length of [0, 10, 47, 48, 100, bytes.length - 1])
    expect(failure(() => decodeArtefact(bytes.subarray(0, length), thing)).code).toBe('corrupt-artefact')
})

test('messages name what was expected and what was found', () => {
  const bytes = encodeArtefact(thing)
  const message = (damage: (copy: Uint8Array) => void, expected = { kind: 'thing', version: 3 }) => {
    const copy = bytes.slice()
    damage(copy)
    return failure(() => decodeArtefact(copy, expected)).message
  }
  expect(message(copy => copy.set([0x50, 0x41, 0x52, 0x31]))).toMatch(
    /magic.*expected "KEYHOUND", found "PAR1OUND"/,
  )
  expect(message(copy => copy.set([7], 8))).toMatch(/container version.*expected 1, found 7/)
  expect(message(copy => copy.set([0], copy.length - 1))).toMatch(
    /checksum.*expected [0-9a-f]{64}, found [0-9a-f]{64}/,
  )
  expect(message(() => {}, { kind: 'forest', version: 3 })).toMatch(/kind.*expected "forest", found "thing"/)
  expect(message(() => {}, { kind: 'thing', version: 4 })).toMatch(/version of thing.*expected 4, found 3/)
})
