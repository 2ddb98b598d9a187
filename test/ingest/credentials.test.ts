import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  CREDENTIAL_PATTERN,
  looksLikeCredential,
  mayHoldCredentialSql,
  redact,
} from '../../src/ingest/credentials.ts'
import { splitPath } from '../../src/ingest/paths.ts'
import { openEngine, quoteText } from '../../src/sql/duckdb.ts'

test.each([
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
  'github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz',
  `${'sk'}_live_abcdefghijklmnop`,
  'glpat-abcdefghijklmnopqrst',
  `${'xoxb'}-123456789012-abcdef`,
  `AIza${'a'.repeat(35)}`,
  'Bearer anything',
  'Basic dXNlcjpwYXNz',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
])('%s is a live credential', value => {
  expect(looksLikeCredential(value)).toBe(true)
})

test.each([
  'AKIAIOSFODNN7EXAMPLE',
  'ASIAIOSFODNN7EXAMPLE',
  'tok_123',
  '9fceb02d0ae598e95dc970b74767f19372d61af8',
  'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE=',
  'arn:aws:iam::111122223333:user/ann',
  '8f14e45f-ceea-4a7e-9c3a-0242ac120002',
])('%s names a token and opens nothing', value => {
  expect(looksLikeCredential(value)).toBe(false)
})

test('the shortest text of every form passes the gate before the pattern', async () => {
  const shortest = [
    `eyJ${'a'.repeat(6)}.${'a'.repeat(6)}`,
    `${'xoxb'}-${'a'.repeat(10)}`,
    `${'xapp'}-${'a'.repeat(10)}`,
    `${'pk'}_test_${'a'.repeat(10)}`,
    `sk-${'a'.repeat(20)}`,
    `glpat-${'a'.repeat(16)}`,
    `AIza${'a'.repeat(30)}`,
    `SG.${'a'.repeat(16)}.${'a'.repeat(16)}`,
  ]
  const engine = await openEngine({ threads: 1 })
  try {
    await engine.load('given', { text: shortest })
    const rows = await engine.rows(
      `SELECT text FROM given WHERE NOT coalesce((${mayHoldCredentialSql('text')}) AND regexp_matches(text, ${quoteText(CREDENTIAL_PATTERN)}), false)`,
    )
    expect(rows).toEqual([])
  } finally {
    engine.close()
  }
  for (const text of shortest) expect(splitPath(`/x/${text}`, new Set()).path, text).toBe('/x/{secret}')
})

test('redaction takes credentials out of a text, leaves the rest, and has nothing to do the second time', () => {
  expect(redact('curl/8 ghp_abcdefghijklmnopqrstuvwxyz0123456789 x')).toBe('curl/8 {secret} x')
  expect(redact('cb?access_token=abc&page=2')).toBe('cb?access_token={secret}&page=2')
  expect(redact('/a;jsessionid=0123;x=1')).toBe('/a;jsessionid={secret};x=1')
  expect(redact('tool/1.0 (Bearer abcdefgh12345678)')).toBe('tool/1.0 (Bearer {secret})')
  fc.assert(
    fc.property(fc.string(), text => {
      expect(redact(redact(text))).toBe(redact(text))
    }),
  )
})
