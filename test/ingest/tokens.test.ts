import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CREDENTIAL_PATTERN, mayHoldCredentialSql } from '../../src/ingest/credentials.ts'
import { prepareSql } from '../../src/ingest/sql.ts'
import { isSuspectSql, loadTokens } from '../../src/ingest/tokens.ts'
import { type Engine, openEngine, quoteText } from '../../src/sql/duckdb.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
  await prepareSql(engine)
})
afterAll(() => engine.close())

const a = (length: number) => 'a1B'.repeat(20).slice(0, length)
/** The shortest text of each form of 16 bytes and more, in the order of the pattern. */
const SHORTEST = [
  `${'eyJ'}${a(6)}.${a(6)}`,
  `ghp_${a(20)}`,
  `github_pat_${a(20)}`,
  `glpat-${a(16)}`,
  `${'sk'}_live_${a(10)}`,
  `sk-${a(20)}`,
  `${'xoxb'}-${a(11)}`,
  `xapp-${a(11)}`,
  `AIza${a(30)}`,
  `ya29.${a(20)}`,
  `npm_${a(30)}`,
  `SG.${a(16)}.${a(16)}`,
  `${'shpat'}_${'a1'.repeat(10)}`,
  `dop_v1_${'a1'.repeat(20)}`,
  `hf_${a(30)}`,
  '-----BEGIN PRIVATE KEY',
]
const ODD = [
  'Bearer abc',
  'token\u00a0abc',
  'basic\u2003abc',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  '{"id":1}',
  '[1]',
  'Anonymous',
  'NULL',
  '<nil>',
  'xxxx',
]
const PLAIN = [
  'tok_bc7ddf98cc05',
  'AKIAIOSFODNN7EXAMPLE',
  '9fceb02d0ae598e95dc970b74767f19372d61af8',
  '8f14e45f-ceea-4a7e-9c3a-0242ac120002',
  'user:ann@example.com',
  'arn:aws:iam::111122223333:user/ann',
]

test('what is not suspect is its own id, and plain names are not suspect', async () => {
  const piece = fc.constantFrom(...SHORTEST, ...ODD, ...PLAIN, 'x', ' ', '-', 'é', '/')
  const texts = fc
    .sample(fc.array(piece, { maxLength: 3 }), { numRuns: 500, seed: 1 })
    .map(pieces => pieces.join(''))
  await engine.load('texts', { given: [...new Set([...SHORTEST, ...ODD, ...PLAIN, ...texts])] })
  await loadTokens(engine, 'SELECT given FROM texts', 'identifier', () => Buffer.alloc(32))
  const suspect = isSuspectSql('raw')
  const wrong = `SELECT raw FROM kh_tokens WHERE (reason IS NOT NULL OR id IS DISTINCT FROM raw) AND NOT ${suspect}`
  expect(await engine.rows(wrong)).toEqual([])
  const rejected = await engine.rows<{ n: number }>(
    'SELECT count(*) AS n FROM kh_tokens WHERE reason IS NOT NULL',
  )
  expect(rejected[0]!.n).toBeGreaterThan(SHORTEST.length + ODD.length)
  const plain = PLAIN.map(quoteText).join(', ')
  expect(await engine.rows(`SELECT raw FROM kh_tokens WHERE raw IN (${plain}) AND ${suspect}`)).toEqual([])
})

test.each(SHORTEST)('%s is searched for its form', async text => {
  const matches = `regexp_matches(x, ${quoteText(CREDENTIAL_PATTERN)})`
  expect(
    await engine.rows(
      `SELECT ${matches} AS matches, ${mayHoldCredentialSql('x')} AS searched FROM (SELECT $text AS x)`,
      { text },
    ),
  ).toEqual([{ matches: true, searched: true }])
})

test('every form has its shortest text above', () => {
  // Forms are joined by bars outside of parentheses.
  expect(CREDENTIAL_PATTERN.replace(/\([^)]*\)/g, '').split('|')).toHaveLength(SHORTEST.length)
})
