import { z } from 'zod'
import { type Config, configSchema, describeConfig } from './config.ts'

/** Where a value comes from. */
export type ConfigOrigin = 'default' | 'file' | 'environment'

/** One setting as it stands, with what it means. */
export interface ConfigSetting {
  /** Dotted: `alerts.budgetPerDay`. */
  readonly path: string
  readonly value: unknown
  readonly default: unknown
  readonly unit: string
  /** Why the default is what it is. */
  readonly why: string
  readonly origin: ConfigOrigin
  /** The file, or the name of the variable; null for a default. */
  readonly source: string | null
  readonly isChanged: boolean
}

/** Environment variables that take the place of a setting. */
export const CONFIG_VARIABLES: Readonly<Record<string, string>> = { 'state.url': 'KEYHOUND_STATE_URL' }

export interface ConfigSources {
  /** The file that was read, and what it holds before defaults are filled in. */
  readonly file?: { readonly path: string; readonly raw: unknown }
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Every setting of a resolved configuration in the order of the schema. Values of the environment are named, never shown. */
export function explainConfig(config: Config, { file, env = {} }: ConfigSources = {}): ConfigSetting[] {
  return describeConfig().map(({ path, unit, why, default: standard }) => {
    const variable = CONFIG_VARIABLES[path]
    const isFromEnv = variable !== undefined && Boolean(env[variable])
    const isFromFile = !isFromEnv && file !== undefined && at(file.raw, path) !== undefined
    const value = isFromEnv ? `set by ${variable}` : at(config, path)
    return {
      path,
      value,
      default: standard,
      unit,
      why,
      origin: isFromEnv ? 'environment' : isFromFile ? 'file' : 'default',
      source: isFromEnv ? variable : isFromFile ? file.path : null,
      isChanged: JSON.stringify(value) !== JSON.stringify(standard),
    }
  })
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((of, name) => {
    const isRecord = typeof of === 'object' && of !== null
    return isRecord ? (of as Record<string, unknown>)[name] : undefined
  }, value)
}

/** A schema by JSON Schema (draft 2020-12), as far as it is read here. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly minimum?: number
  readonly maximum?: number
  readonly type?: string
  readonly [key: string]: unknown
}

/** The configuration file as JSON Schema, for editors: they complete names, show what each means, and mark what is wrong. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override({ jsonSchema }) {
      const { unit, why } = jsonSchema as { unit?: string; why?: string }
      if (unit === undefined) return
      jsonSchema.description = `${unit}. Why the default: ${why}.`
      delete jsonSchema.unit
      delete jsonSchema.why
    },
  }) as JsonSchema
  // An editor is told by the file itself where its schema lies.
  const properties = { $schema: { type: 'string' }, ...schema.properties }
  return { ...schema, title: 'Keyhound configuration', properties }
}

/** The least and the most that a number may be, by dotted path. */
export function configBounds(): Map<string, { low: number; high: number }> {
  const bounds = new Map<string, { low: number; high: number }>()
  const visit = (schema: JsonSchema, path: string) => {
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      const full = path === '' ? name : `${path}.${name}`
      if (inner.minimum !== undefined && inner.maximum !== undefined)
        bounds.set(full, { low: inner.minimum, high: inner.maximum })
      visit(inner, full)
    }
  }
  visit(configJsonSchema(), '')
  return bounds
}
