import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkCauses } from '../../src/respond/known-causes.ts'
import { parseConfig } from '../../src/schema/config.ts'
import { adapterSchema } from '../../src/schema/playbooks.ts'
import { sinkSchema, TEMPLATE_FIELDS } from '../../src/schema/sinks.ts'

const page = readFileSync(new URL('../../docs/alerts-out.md', import.meta.url), 'utf8')

test('every configuration of the page is one, with causes that alerts have', () => {
  const blocks = [...page.matchAll(/```json\n(\{.*?)```/gs)].map(match => JSON.parse(match[1]!))
  expect(blocks).toHaveLength(2)
  for (const block of blocks) {
    const result = parseConfig(block)
    expect(result).toMatchObject({ ok: true })
    if (result.ok) checkCauses(result.config.playbooks)
  }
})

test('the page names every kind of sink and adapter, and every field of templates', () => {
  const kinds = [...sinkSchema.options, ...adapterSchema.options].map(one => one.shape.kind.value)
  expect(kinds).toHaveLength(12)
  for (const kind of kinds) expect(page).toContain(`| \`${kind}\` |`)
  expect(page).toContain(`Fields: \`${TEMPLATE_FIELDS.join(' ')}\``)
})
