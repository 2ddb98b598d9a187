import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wrap } from '../../src/cli/config-text.ts'
import { keyhound } from './harness.ts'

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-config-cli-'))
  file = join(folder, 'keyhound.json')
  writeFileSync(
    file,
    JSON.stringify({ $schema: './keyhound.schema.json', alerts: { budgetPerDay: 5, holdDays: 14 } }),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('keyhound config', () => {
  test('shows each setting with value, origin, unit and reason, no line wider than the terminal', async () => {
    const { exitCode, stdout } = await keyhound(['config', '--config', file], { terminal: true })
    expect(exitCode).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the terminal
    const plain = lines.map(line => line.replace(/\u001b\[\d+m/g, ''))
    for (const line of plain) expect(line.length).toBeLessThanOrEqual(120)
    expect(plain[0]).toMatch(/^setting +value +default +from +meaning$/)
    expect(plain.find(line => line.startsWith('alerts.budgetPerDay'))).toMatch(
      /^alerts\.budgetPerDay +5 +10 +file keyhound\.json +alerts a day, over all tenants\.$/,
    )
    expect(stdout).toContain('Why the default: ')
  })

  test('--changed has only what differs; a default that the file repeats does not', async () => {
    const { stdout } = await keyhound(['config', '--changed', '--json', '--config', file])
    expect(JSON.parse(stdout)).toMatchObject([
      { path: 'alerts.budgetPerDay', value: 5, origin: 'file', source: file },
    ])
    const { stdout: none } = await keyhound(['config', '--changed'])
    expect(none).toBe('every setting stands at its default\n')
  })

  test('one setting, one group, and what there is when there is none', async () => {
    const { stdout } = await keyhound(['config', 'show', 'forest', '--json'])
    expect(JSON.parse(stdout).map((one: { path: string }) => one.path)).toEqual([
      'forest.trees',
      'forest.subsample',
    ])
    const { exitCode, stderr } = await keyhound(['config', 'show', 'forrest'])
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/no setting forrest; there are: seed, alerts/),
    ])
  })

  test('the environment is named, its secret is not shown', async () => {
    const env = { KEYHOUND_STATE_URL: 'postgres://ann:secret@db/k' }
    const { stdout } = await keyhound(['config', '--changed'], { env })
    expect(stdout).toMatch(/state\.url +set by KEYHOUND_STATE_URL/)
    expect(stdout).not.toContain('secret')
  })

  test('unknown names are refused', async () => {
    const bad = join(folder, 'bad.json')
    writeFileSync(bad, '{"alerts": {"budget": 5}}')
    const { exitCode, stderr } = await keyhound(['config', '--config', bad])
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('budget')])
  })

  test('schema is JSON Schema', async () => {
    const { stdout } = await keyhound(['config', 'schema'])
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: expect.stringContaining('json-schema.org'),
      type: 'object',
    })
  })
})

test('words are broken into lines, and a long one stands alone', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrap('a muchlongerword b', 5)).toEqual(['a', 'muchlongerword', 'b'])
})
