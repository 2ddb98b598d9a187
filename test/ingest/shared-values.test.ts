import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Dictionary,
  Int8,
  makeData,
  makeVector,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import { expect, test } from 'vitest'
import { FEATURES } from '../../src/features/catalogue.ts'
import { probe } from '../../src/ingest/probe.ts'
import { openArrow } from '../../src/ingest/read-arrow.ts'
import { readVectors } from '../../src/scoring/vectors.ts'
import { openEngine } from '../../src/sql/duckdb.ts'

/** So many rows of one value, a byte each. */
function sharing(value: string, rows: number, name: string): Uint8Array {
  const type = new Dictionary(new Utf8(), new Int8())
  const dictionary = vectorFromArray([value], new Utf8())
  const column = makeVector(makeData({ type, length: rows, data: new Int8Array(rows), dictionary }))
  return tableToIPC(new Table({ [name]: column, [FEATURES[0]!.name]: makeVector(new Float64Array(rows)) }))
}

test('rows that share a long value fill no memory with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-shared-'))
  const engine = await openEngine({ threads: 1 })
  try {
    const open = (name: string, bytes: Uint8Array) => {
      const path = join(folder, name)
      writeFileSync(path, bytes)
      return openArrow(engine, probe(path))
    }
    const log = await open('agents.arrow', sharing('Mozilla/5.0 of some length', 70_000, 'user_agent'))
    expect(await engine.rows('SELECT count(*)::INTEGER AS n FROM kh_arrow')).toEqual([{ n: 70_000 }])
    await log.close()
    await expect(open('bomb.arrow', sharing('x'.repeat(10_000), 70_000, 'user_agent'))).rejects.toThrow(
      'rows share values so long',
    )
  } finally {
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('nor do vectors that share what they used', () => {
  const use = JSON.stringify({ [`op:${'x'.repeat(10_000)}`]: 1 })
  expect(readVectors(sharing(use, 10, 'use')).features.rows).toBe(10)
  expect(() => readVectors(sharing(use, 10_000, 'use'))).toThrow('use is too large up to row')
})
