import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configDocument } from '../../scripts/config-doc.ts'
import { describeConfig } from '../../src/schema/config.ts'

test('docs/configuration.md is what `npm run docs:config` writes, and has every setting', () => {
  const written = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  expect(written).toBe(configDocument())
  for (const { path } of describeConfig()) expect(written).toContain(`\`${path}\``)
})
