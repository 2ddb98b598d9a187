/** The keywords of JSON Schema that the schemas of the tests use; any other is an error, not a rule passed over. */
export interface JsonSchema {
  $schema?: string
  $comment?: string
  $defs?: Record<string, JsonSchema>
  $ref?: string
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  const?: unknown
  enum?: unknown[]
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  additionalProperties?: false
  required?: string[]
  anyOf?: JsonSchema[]
}

const KNOWN = new Set(
  '$schema $comment $defs $ref type const enum items properties additionalProperties required anyOf'.split(
    ' ',
  ),
)

const TYPES: Record<NonNullable<JsonSchema['type']>, (value: unknown) => boolean> = {
  object: value => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: value => typeof value === 'string',
  integer: Number.isSafeInteger,
  number: value => typeof value === 'number',
  boolean: value => typeof value === 'boolean',
}

/** What is wrong with a value, as `path: problem`; empty where it is valid. */
export function problemsOf(schema: JsonSchema, value: unknown, root = schema, path = '$'): string[] {
  const unknown = Object.keys(schema).filter(keyword => !KNOWN.has(keyword))
  if (unknown.length > 0) throw new Error(`${path}: the schema uses ${unknown.join(', ')}`)
  if (schema.$ref !== undefined)
    return problemsOf(root.$defs![schema.$ref.replace('#/$defs/', '')]!, value, root, path)
  const found: string[] = []
  if (schema.type !== undefined && !TYPES[schema.type](value)) return [`${path}: not of type ${schema.type}`]
  if ('const' in schema && value !== schema.const) found.push(`${path}: not ${schema.const}`)
  if (schema.enum !== undefined && !schema.enum.includes(value)) found.push(`${path}: none of ${schema.enum}`)
  if (schema.items !== undefined && Array.isArray(value))
    value.forEach((item, i) => {
      found.push(...problemsOf(schema.items!, item, root, `${path}[${i}]`))
    })
  if (TYPES.object(value)) {
    const object = value as Record<string, unknown>
    for (const name of schema.required ?? []) if (!(name in object)) found.push(`${path}: lacks ${name}`)
    for (const [name, inner] of Object.entries(object)) {
      const rule = schema.properties?.[name]
      if (rule !== undefined) found.push(...problemsOf(rule, inner, root, `${path}.${name}`))
      else if (schema.additionalProperties === false) found.push(`${path}: has no attribute ${name}`)
    }
  }
  if (schema.anyOf?.every(one => problemsOf(one, value, root, path).length > 0))
    found.push(`${path}: satisfies none of ${JSON.stringify(schema.anyOf)}`)
  return found
}
