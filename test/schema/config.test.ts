import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defaultConfig, describeConfig, loadConfig, parseConfig } from '../../src/schema/config.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-config-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('an empty object resolves to the defaults; what is given replaces only itself', () => {
  expect(parseConfig({})).toEqual({ ok: true, config: defaultConfig() })
  const result = parseConfig({ alerts: { budgetPerDay: 3 } })
  expect(result).toEqual({
    ok: true,
    config: { ...defaultConfig(), alerts: { ...defaultConfig().alerts, budgetPerDay: 3 } },
  })
})

test('a resolved configuration resolves to itself, also through JSON', () => {
  const config = defaultConfig()
  expect(parseConfig(JSON.parse(JSON.stringify(config)))).toEqual({ ok: true, config })
})

test('all problems come at once, each with its path', () => {
  const result = parseConfig({ seed: 'x', forest: { trees: 0, tress: 5 }, alerts: { budgetPerDay: -1 } })
  expect(result.ok).toBe(false)
  const paths = result.ok ? [] : result.problems.map(problem => problem.path)
  expect(paths).toEqual(expect.arrayContaining(['seed', 'forest.trees', 'forest', 'alerts.budgetPerDay']))
})

test('a file that is absent or no JSON is a problem of the whole file', () => {
  expect(loadConfig(join(folder, 'none.json'))).toEqual({
    ok: false,
    problems: [{ path: '', problem: 'no such file' }],
  })
  writeFileSync(join(folder, 'bad.json'), '{"seed": 1,')
  expect(loadConfig(join(folder, 'bad.json'))).toMatchObject({
    ok: false,
    problems: [{ path: '', problem: expect.stringContaining('not JSON') }],
  })
  writeFileSync(join(folder, 'good.json'), '{"seed": 7}')
  expect(loadConfig(join(folder, 'good.json'))).toMatchObject({ ok: true, config: { seed: 7 } })
})

test('the address of the state database holds no password, since configurations are saved with models', () => {
  const url = (text: string) => parseConfig({ state: { url: text } })
  expect(url('postgres://ann@db.example:5432/keyhound')).toMatchObject({ ok: true })
  expect(url('postgresql:///keyhound?host=/run/postgresql')).toMatchObject({ ok: true })
  for (const wrong of [
    'postgres://ann:secret@db/k',
    'postgres://db/k?user=ann&password=secret',
    'mysql://db/k',
  ])
    expect(url(wrong), wrong).toMatchObject({ ok: false, problems: [{ path: 'state.url' }] })
  expect(parseConfig({ state: { schema: 'Robert"; --' } })).toMatchObject({ ok: false })
})

test('every value states default, unit and reason', () => {
  const values = describeConfig()
  expect(values.map(value => value.path)).toContain('alerts.budgetPerDay')
  for (const value of values) {
    expect(value.default, value.path).toBeDefined()
    expect(value.unit, value.path).not.toBe('')
    expect(value.why.length, value.path).toBeGreaterThan(20)
  }
})
