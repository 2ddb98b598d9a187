import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeApi } from '../../scripts/openapi/describe.ts'
import { type Document, typeOf, typesOf } from '../../scripts/openapi/types.ts'

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
/** Blanks, quotes, commas and brackets of one line are the formatter's. */
const bare = (text: string) => text.replaceAll(/[\s"';,()|]/g, '')

test('docs/openapi.json is what the routes say; `npm run docs:openapi` writes it', () => {
  expect(JSON.parse(file('docs/openapi.json'))).toEqual(JSON.parse(JSON.stringify(describeApi())))
})

test('the types of the client are those of the document', () => {
  expect(bare(file('src/server/api-types.ts'))).toBe(bare(typesOf(describeApi() as Document)))
})

test('the document is OpenAPI 3.1, and every reference in it leads somewhere', () => {
  const document = JSON.parse(JSON.stringify(describeApi()))
  expect(document.openapi).toBe('3.1.0')
  const names = Object.keys(document.components.schemas)
  const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
    match => match[1],
  )
  expect(references.length).toBeGreaterThan(50)
  for (const name of references) expect(names).toContain(name)
  for (const [path, item] of Object.entries(document.paths as Record<string, Record<string, object>>)) {
    for (const operation of Object.values(item)) {
      expect(operation, path).toMatchObject({
        summary: expect.any(String),
        tags: [expect.any(String), ...(path.endsWith('/verdict') ? ['verdicts'] : [])],
      })
    }
  }
})

test('schemas as types, by hand', () => {
  expect(typeOf({ type: ['string', 'null'] })).toBe('(string) | (null)')
  expect(typeOf({ type: 'array', items: { $ref: '#/components/schemas/Alert' } })).toBe(
    "(components['schemas']['Alert'])[]",
  )
  expect(
    typeOf({
      type: 'object',
      properties: { a: { type: 'integer' }, b: { enum: ['x', 1] } },
      required: ['a'],
      additionalProperties: false,
    }),
  ).toBe('{ "a": number; "b"?: "x" | 1 }')
  expect(typeOf({ type: 'object', additionalProperties: { type: 'number' } })).toBe(
    '{ [name: string]: number }',
  )
  expect(typeOf({})).toBe('unknown')
})
