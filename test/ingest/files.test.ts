import { expect, test } from 'vitest'
import { globToRegExp } from '../../src/ingest/files.ts'

test.each([
  ['logs/*.csv', 'logs/a.csv', true],
  ['logs/*.csv', 'logs/x/a.csv', false],
  ['logs/**/*.csv', 'logs/x/y/a.csv', true],
  ['logs/**/*.csv', 'logs/a.csv', true],
  ['logs/a?.{csv,json.gz}', 'logs/a1.json.gz', true],
  ['logs/a?.{csv,json.gz}', 'logs/a1.jsonxgz', false],
  ['logs/[0-9].csv', 'logs/7.csv', true],
  ['logs/[!0-9].csv', 'logs/7.csv', false],
  ['./logs/*', 'logs/a(1).csv', true],
])('%s and %s', (glob, path, expected) => {
  expect(globToRegExp(glob).test(path)).toBe(expected)
})
