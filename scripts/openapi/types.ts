/** A JSON Schema as OpenAPI 3.1 documents of ours use it. */
interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly format?: string
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema?: Schema
}

interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >
}

export interface Document {
  readonly paths?: Readonly<Record<string, unknown>>
  readonly components?: { readonly schemas?: unknown }
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const
const PARAMETER_PLACES = ['query', 'path', 'header', 'cookie'] as const

/** TypeScript of an OpenAPI document, in the form that `openapi-fetch` reads: `paths` and `components`. */
export function typesOf(document: Document): string {
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, Schema>)
  const paths = Object.entries(document.paths ?? {})
  return `// Made from the routes by \`npm run docs:openapi\`; not to be edited.

/** Every route: for \`createClient<paths>()\` of openapi-fetch. */
export interface paths {
${paths.map(([path, item]) => `  ${JSON.stringify(path)}: ${pathType(item as Record<string, Operation>)}`).join('\n')}
}

/** The records that routes share. */
export interface components {
  schemas: {
${schemas.map(([name, schema]) => `    ${name}: ${typeOf(schema)}`).join('\n')}
  }
}
`
}

function pathType(item: Readonly<Record<string, Operation>>): string {
  const none = '{ query?: never; header?: never; path?: never; cookie?: never }'
  const methods = METHODS.map(method => {
    const operation = item[method]
    return operation === undefined ? `${method}?: never` : `${method}: ${operationType(operation)}`
  })
  return `{ parameters: ${none}; ${methods.join('; ')} }`
}

function operationType({ parameters = [], requestBody, responses }: Operation): string {
  const places = PARAMETER_PLACES.map(place => {
    const own = parameters.filter(parameter => parameter.in === place)
    if (own.length === 0) return `${place}?: never`
    const isOptional = own.every(parameter => !parameter.required)
    const fields = own.map(
      ({ name, required, schema }) =>
        `${JSON.stringify(name)}${required ? '' : '?'}: ${typeOf(schema ?? {})}`,
    )
    return `${place}${isOptional ? '?' : ''}: { ${fields.join('; ')} }`
  })
  const body =
    requestBody === undefined
      ? 'requestBody?: never'
      : `requestBody: { content: ${contentType(requestBody.content)} }`
  const answers = Object.entries(responses).map(
    ([status, { content }]) =>
      `${status}: { headers: { [name: string]: unknown }; content${content === undefined ? '?: never' : `: ${contentType(content)}`} }`,
  )
  return `{ parameters: { ${places.join('; ')} }; ${body}; responses: { ${answers.join('; ')} } }`
}

function contentType(content: Readonly<Record<string, { readonly schema?: Schema }>>): string {
  const types = Object.entries(content).map(
    ([type, { schema }]) => `${JSON.stringify(type)}: ${typeOf(schema ?? {})}`,
  )
  return `{ ${types.join('; ')} }`
}

/** A schema as a type. What is not restricted is unknown. */
export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return `components['schemas']['${schema.$ref.split('/').at(-1)}']`
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(value => JSON.stringify(value)).join(' | ')
  const several = schema.anyOf ?? schema.oneOf
  if (several !== undefined) return several.map(one => `(${typeOf(one)})`).join(' | ')
  if (schema.allOf !== undefined) return schema.allOf.map(one => `(${typeOf(one)})`).join(' & ')
  if (Array.isArray(schema.type)) {
    return schema.type.map(type => `(${typeOf({ ...schema, type: type as string })})`).join(' | ')
  }
  if (schema.type === 'string') return schema.format === 'binary' ? 'Blob' : 'string'
  if (schema.type === 'number' || schema.type === 'integer') return 'number'
  if (schema.type === 'boolean' || schema.type === 'null') return schema.type
  if (schema.type === 'array') return `(${typeOf(schema.items ?? {})})[]`
  if (schema.type === 'object') return objectType(schema)
  return 'unknown'
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  )
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0) {
    fields.push(`[name: string]: ${typeOf(additionalProperties)}`)
  } else if (additionalProperties !== false) fields.push('[name: string]: unknown')
  return `{ ${fields.join('; ')} }`
}
