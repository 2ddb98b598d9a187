import { describe, expect, test } from 'vitest'
import { defaultConfig, describeConfig, parseConfig } from '../../src/schema/config.ts'
import {
  configBounds,
  configJsonSchema,
  explainConfig,
  type JsonSchema,
} from '../../src/schema/config-explained.ts'

describe('the settings, explained', () => {
  test('by themselves all stand at their default, with unit and reason', () => {
    const all = explainConfig(defaultConfig())
    expect(all.map(one => one.path)).toEqual(describeConfig().map(one => one.path))
    for (const one of all) {
      expect(one).toMatchObject({ origin: 'default', source: null, isChanged: false })
      expect(one.value).toEqual(one.default)
      expect(one.unit.length * one.why.length).toBeGreaterThan(0)
    }
  })

  test('what the file says is from the file, even where it says the default', () => {
    const raw = { alerts: { budgetPerDay: 5, holdDays: 14 } }
    const config = parseConfig(raw)
    const all = explainConfig(config.ok ? config.config : defaultConfig(), {
      file: { path: '/etc/k.json', raw },
    })
    const of = (path: string) => all.find(one => one.path === path)
    expect(of('alerts.budgetPerDay')).toMatchObject({
      value: 5,
      default: 10,
      origin: 'file',
      source: '/etc/k.json',
      isChanged: true,
    })
    expect(of('alerts.holdDays')).toMatchObject({ value: 14, origin: 'file', isChanged: false })
    expect(of('seed')).toMatchObject({ origin: 'default' })
  })

  test('what the environment says goes before the file, and is named, not shown', () => {
    const env = { KEYHOUND_STATE_URL: 'postgres://ann:secret@db/k' }
    const all = explainConfig(defaultConfig(), {
      env,
      file: { path: 'k', raw: { state: { url: 'postgres://db/k' } } },
    })
    const url = all.find(one => one.path === 'state.url')!
    expect(url).toMatchObject({ origin: 'environment', source: 'KEYHOUND_STATE_URL', isChanged: true })
    expect(JSON.stringify(all)).not.toContain('secret')
  })
})

describe('the schema for editors', () => {
  const schema = configJsonSchema()
  const find = (path: string) =>
    path.split('.').reduce<JsonSchema>((of, name) => of.properties![name]!, schema)

  test('knows every setting with its bounds, its default and what it means', () => {
    for (const { path, default: standard, unit } of describeConfig()) {
      const of = find(path)
      expect(of.description, path).toContain(unit)
      expect(of.default, path).toEqual(standard)
      expect(of.unit).toBeUndefined()
    }
    expect(find('alerts.budgetPerDay')).toMatchObject({ type: 'number', minimum: 0.1, maximum: 10_000 })
    expect(configBounds().get('forest.trees')).toEqual({ low: 10, high: 2000 })
  })

  test('marks names that do not exist, but for the one that names the schema', () => {
    expect(schema).toMatchObject({ additionalProperties: false })
    expect(find('alerts')).toMatchObject({ additionalProperties: false })
    expect(schema.properties).toHaveProperty('$schema')
    expect(schema.required ?? []).toEqual([])
  })
})
