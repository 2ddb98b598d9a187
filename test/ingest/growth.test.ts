import { describe, expect, test } from 'vitest'
import { printable } from '../../src/cli/format.ts'
import { parseAddress } from '../../src/ingest/address.ts'
import { parseClient } from '../../src/ingest/client.ts'
import { snakeCase } from '../../src/ingest/columns.ts'
import { looksLikeCredential, redact } from '../../src/ingest/credentials.ts'
import { bareToken } from '../../src/ingest/identity.ts'
import { barePath, splitPath } from '../../src/ingest/paths.ts'
import { readPlainEvents } from '../../src/ingest/plain-events.ts'
import { splitRow } from '../../src/ingest/read-csv.ts'
import { isTooDeep } from '../../src/lib/json-depth.ts'
import { escapeCefHeader, escapeCefValue } from '../../src/respond/cef.ts'
import { safeLine } from '../../src/respond/outside.ts'
import { escapeHtml, escapeSlack } from '../../src/respond/template.ts'
import { lineOf } from '../../src/streams/source.ts'

/** Every function of ours that reads text which the writer of a log chose, outside the SQL engine (RE2 is linear). */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  bareToken,
  barePath,
  escapeCefHeader,
  escapeCefValue,
  escapeHtml,
  escapeSlack,
  isTooDeep: text => isTooDeep(Buffer.from(text)),
  lineOf,
  looksLikeCredential,
  parseAddress,
  parseClient,
  'plain events, by their number of a network': text => plainEvent({ asn: `AS1 z${text}z` }),
  'plain events, by their scopes': text => plainEvent({ granted_scopes: `z${text}z` }),
  'plain events, by their user agent': text => plainEvent({ user_agent: `z${text}z` }),
  'plain events, by their token': text => plainEvent({ token_id: `z${text}z` }),
  printable,
  redact,
  safeLine: text => safeLine(text, 200, ['secret']),
  snakeCase,
  splitPath: text => splitPath(text, new Set()),
  splitRow: text => splitRow(text, ','),
}

const plain = {
  tokens: 'secret' as const,
  key: Buffer.alloc(32),
  inventory: new Map(),
  prefixes: new Set<string>(),
}
const plainEvent = (members: object) =>
  readPlainEvents([JSON.stringify({ time: 1_767_323_045, token_id: 'a', ...members })], plain)

/** What the texts repeat: characters and words at which a pattern of one of the readers begins, goes on or ends. */
const UNITS = [
  ...['z', 'A', '7', '.', '-', '_', ' ', '\t', '\n', '/', '=', '"', "'", '\\', ',', ';', '@', '%', '+', '('],
  ...[
    ')',
    '[',
    ']',
    '{',
    '}',
    '<',
    ':',
    'a.',
    '.a',
    'a-',
    '-a',
    'a_',
    '%2',
    '%41',
    '1.',
    ':f',
    '0',
    'Aa',
    'AAa',
  ],
  ...[
    'eyJ',
    '-eyJ',
    'eyJ.',
    'eyJaaaaaa.',
    'ghp_',
    'sk-',
    'xoxb-',
    'SG.',
    'AIza',
    '-----BEGIN ',
    'bearer ',
    'Bearer',
  ],
  ...[
    'token',
    'token=',
    'key=',
    '-token',
    'a/b ',
    'a/1',
    'a@',
    '@a.',
    'bot',
    'bot/',
    'scan',
    'Mozilla/5.0 ',
    '(a',
  ],
  ...['{id}', '&amp;', '\u202e', 'é', '😀', '\u0000', '/v1', 'T00:', '20', 'arn:', '"a":', '[{', 'kh_'],
]
const BEGINNINGS = ['', 'Mozilla/5.0 (', '/x/a@', 'bot ']
const ENDINGS = ['', '@']

/** A linear reader takes a few milliseconds for this length, a quadratic one about a second. */
const LENGTH = 32_768
const QUICK_MS = 250
/** Four times the length takes 4 times the time of a linear reader and 16 times that of a quadratic one. */
const MOST_GROWTH = 10

function timeOf(read: (text: string) => unknown, text: string): number {
  const begun = performance.now()
  read(text)
  return performance.now() - begun
}

/** How many times as long a text of four times the length takes; the least of several tries, since other programs run beside this one. */
function growthOf(read: (text: string) => unknown, textOf: (length: number) => string): number {
  const least = (length: number) => Math.min(...Array.from({ length: 3 }, () => timeOf(read, textOf(length))))
  return least(LENGTH) / least(LENGTH / 4)
}

describe('the time that a text takes grows with its length', () => {
  for (const [name, read] of Object.entries(READERS)) {
    test(name, () => {
      const slow: string[] = []
      for (const unit of UNITS) {
        for (const beginning of BEGINNINGS) {
          for (const ending of ENDINGS) {
            const textOf = (length: number) =>
              beginning + unit.repeat(Math.ceil(length / unit.length)) + ending
            if (timeOf(read, textOf(LENGTH)) < QUICK_MS) continue
            if (growthOf(read, textOf) > MOST_GROWTH) slow.push(JSON.stringify([beginning, unit, ending]))
          }
        }
      }
      expect(slow).toEqual([])
    })
  }
})

test('a user agent of any length is read by its beginning', () => {
  expect(parseClient(`curl/8.4.0 ${'z'.repeat(100_000)}`)).toEqual({
    client: 'curl',
    version: '8.4.0',
    device: 'server',
  })
})
