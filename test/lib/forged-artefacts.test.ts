import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeForest, encodeForest } from '../../src/detectors/isolation-forest/artefact.ts'
import { fitForest } from '../../src/detectors/isolation-forest/fit.ts'
import { scoreForest } from '../../src/detectors/isolation-forest/score.ts'
import {
  decodePermissionClusters,
  encodePermissionClusters,
} from '../../src/detectors/permission-clusters/codec.ts'
import { fitPermissionClusters } from '../../src/detectors/permission-clusters/model.ts'
import { scoreViolations } from '../../src/detectors/permission-clusters/violations.ts'
import { decodeArtefact } from '../../src/lib/artefact.ts'
import { KeyhoundError } from '../../src/lib/errors.ts'
import { normalTable } from '../detectors/isolation-forest/tables.ts'
import { population } from '../detectors/permission-clusters.synthetic.ts'

/** A model file, how it is read, and a use of everything that was read. */
interface Model {
  readonly bytes: Uint8Array
  readonly use: (bytes: Uint8Array) => void
}

const table = normalTable(60, 3)
const { use, windows } = population({ tokens: 40, roles: 3, windows: 20, seed: 1 })
const MODELS: Readonly<Record<string, Model>> = {
  'isolation forest': {
    bytes: encodeForest(fitForest(table, { trees: 4 })),
    use: bytes => void scoreForest(decodeForest(bytes), table),
  },
  'permission clusters': {
    bytes: encodePermissionClusters(fitPermissionClusters(use, { stabilityRounds: 1, restarts: 1 })),
    use: bytes => void scoreViolations(decodePermissionClusters(bytes), windows),
  },
}

/** Parts of a file with a preamble of any text and a checksum that is right. */
function forge(preamble: string, body: Uint8Array): Uint8Array {
  const text = Buffer.from(preamble)
  const head = Buffer.alloc(16)
  head.write('KEYHOUND', 'latin1')
  head.writeUInt32LE(1, 8)
  head.writeUInt32LE(text.length, 12)
  const start = Math.ceil((16 + text.length) / 8) * 8
  const content = Buffer.concat([head, text, Buffer.alloc(start - 16 - text.length), body])
  return Buffer.concat([content, createHash('sha256').update(content).digest()])
}

/** The preamble of a file, and the bytes after it. */
function open(bytes: Uint8Array): { preamble: Record<string, unknown>; body: Uint8Array } {
  const length = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUInt32LE(12)
  const preamble = JSON.parse(Buffer.from(bytes.subarray(16, 16 + length)).toString())
  return { preamble, body: bytes.subarray(Math.ceil((16 + length) / 8) * 8, bytes.length - 32) }
}

const HOSTILE: readonly unknown[] = [
  ...[null, true, -1, 0, 1, 0.5, 1e9, 2 ** 31, 2 ** 53, 1e308, '', 'x', '__proto__', 'constructor', [], {}],
  ...[[1], [null], ['a', 'a'], { length: 1e9 }, 'float64', 'int32', Array(5000).fill('x')],
]

/** Every place of a JSON value, as a path. */
function placesOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]]
  const inside = Object.entries(value)
    .slice(0, 40)
    .flatMap(([key, part]) => placesOf(part, [...path, key]))
  return [[...path], ...inside]
}

function replaceAt(value: unknown, path: readonly string[], by: unknown): unknown {
  if (path.length === 0) return by
  const copy = structuredClone(value) as Record<string, unknown>
  let at = copy
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>
  at[path.at(-1)!] = by
  return copy
}

/** Done without an error, or refused with an error of ours. */
function outcomeOf(act: () => void): string {
  try {
    act()
    return 'read'
  } catch (error) {
    if (error instanceof KeyhoundError) return 'refused'
    throw error
  }
}

describe.each(Object.entries(MODELS))('%s of a stranger, checksum right', (_, model) => {
  const { preamble, body } = open(model.bytes)
  const { kind, version } = preamble as { kind: string; version: number }

  test('the forger of this test writes what the product writes', () => {
    expect(decodeArtefact(forge(JSON.stringify(preamble), body), { kind, version })).toEqual(
      decodeArtefact(model.bytes, { kind, version }),
    )
  })

  test('one hostile value anywhere in the preamble: read, or refused by name', () => {
    const outcomes = placesOf(preamble).flatMap(path =>
      HOSTILE.map(value => {
        const forged = forge(JSON.stringify(replaceAt(preamble, path, value)), body)
        return outcomeOf(() => model.use(forged))
      }),
    )
    expect(outcomes.filter(one => one === 'refused').length).toBeGreaterThan(outcomes.length / 3)
  })

  test('any text for a preamble: refused by name', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        expect(outcomeOf(() => model.use(forge(text, body)))).toBe('refused')
      }),
    )
    expect(outcomeOf(() => model.use(forge('['.repeat(100_000), body)))).toBe('refused')
  })

  test('any numbers in the sections: read, or refused by name', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { minLength: 1 }), changes => {
        const changed = body.slice()
        for (const [at, value] of changes) changed[at] = value
        expect(['read', 'refused']).toContain(
          outcomeOf(() => model.use(forge(JSON.stringify(preamble), changed))),
        )
      }),
    )
  })
})
