import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { featuresDocument } from '../../scripts/features-doc.ts'
import { EVIDENCE, FEATURES } from '../../src/features/catalogue.ts'
import { FEATURE_GROUPS } from '../../src/schema/features.ts'

describe('FEATURES.md', () => {
  const text = featuresDocument()

  test('is up to date (else: npm run docs:features)', () => {
    const file = new URL('../../src/features/FEATURES.md', import.meta.url)
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  test('names every feature and every evidence column in a row of four or three cells', () => {
    const rows = text.split('\n').filter(line => line.startsWith('| `'))
    const cellsOf = (name: string) =>
      rows.filter(row => row.startsWith(`| \`${name}\` |`)).map(row => row.split(/(?<!\\)\|/).length - 2)
    for (const { name } of FEATURES) expect(cellsOf(name), name).toContain(4)
    for (const { name } of EVIDENCE) expect(cellsOf(name), name).toContain(3)
    expect(text).not.toMatch(/undefined|NaN|\[object/)
  })
})

describe('the catalogue', () => {
  test('has each name once, in snake case, and apart from the evidence', () => {
    const names = [...FEATURES, ...EVIDENCE].map(column => column.name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
  })

  test('has group, unit, doc and direction for every feature, and a feature for every group', () => {
    for (const { name, unit, doc, group } of FEATURES) {
      expect(unit, name).not.toBe('')
      expect(doc, name).toMatch(/\S{2,}.*\.$/)
      expect(FEATURE_GROUPS).toContain(group)
    }
    expect(new Set(FEATURES.map(feature => feature.group)).size).toBe(FEATURE_GROUPS.length)
  })
})
