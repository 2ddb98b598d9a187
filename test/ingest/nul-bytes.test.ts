import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { holdsNul } from '../../src/ingest/nul-bytes.ts'

const path = join(mkdtempSync(join(tmpdir(), 'keyhound-nul-')), 'log')

test.each([
  ['an empty file', Buffer.alloc(0), false],
  ['text', Buffer.from('a,b\n'), false],
  ['a NUL byte at the end of three million', Buffer.concat([Buffer.alloc(3e6, 'x'), Buffer.alloc(1)]), true],
])('%s', (_, content, expected) => {
  writeFileSync(path, content)
  expect(holdsNul(path)).toBe(expected)
})
