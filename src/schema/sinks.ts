import { z } from 'zod'
import { SHOWN } from './labels.ts'
import { SEVERITIES } from './scores.ts'

/** Fields that a template may name: `{{severity}}`. */
export const TEMPLATE_FIELDS = [
  'alertId',
  'incidentId',
  'tenant',
  'principal',
  'token',
  'severity',
  'risk',
  'title',
  'firstSeen',
  'lastSeen',
  'hours',
  'reasons',
  'techniques',
  'model',
  'action',
] as const
export type TemplateField = (typeof TEMPLATE_FIELDS)[number]

/** `{{field}}` in a template, spaces allowed. */
export const TEMPLATE_FIELD = /\{\{\s*(.*?)\s*\}\}/g

/** A text with `{{field}}` in it; other names are refused when the configuration is read. */
export const templateSchema = z
  .string()
  .min(1)
  .max(10_000)
  .superRefine((text, context) => {
    for (const [whole, name] of text.matchAll(TEMPLATE_FIELD)) {
      if (TEMPLATE_FIELDS.some(field => field === name)) continue
      context.addIssue({
        code: 'custom',
        message: `${whole} is no field; there are ${TEMPLATE_FIELDS.join(', ')}`,
      })
    }
  })

/** Sinks and adapters are named on the command line and in the audit trail. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, 'letters, digits, . _ -, at most 63')

/** Secrets stand in the environment; the configuration, which is saved in places, names the variable only. */
export const envSchema = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')

const port = z.int().min(1).max(65_535)

/** An address that must not carry a credential: what is secret in it belongs into `urlEnv`. */
export const urlSchema = z.url({ protocol: /^https?$/ }).refine(text => {
  const { username, password } = new URL(text)
  return username === '' && password === ''
}, 'holds a user or password; give secrets by secretEnv')

/** Where a message goes over HTTP: plain http is for this machine only, unless allowed. */
export const endpoint = {
  url: urlSchema,
  /** Plain http to other machines: messages and bearer secrets can then be read on the way. */
  allowHttp: z.boolean().default(false),
}

/** A mail server: STARTTLS is demanded, not merely tried, unless `tls` says otherwise. */
export const mailServer = {
  host: z.string().min(1),
  port: port.default(587),
  tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
  /** File of certificates (PEM) to trust instead of the system's. */
  caFile: z.string().optional(),
  user: z.string().optional(),
  /** Password of `user`. */
  secretEnv: envSchema.optional(),
  from: z.string().min(3),
}

/** What every sink has. */
const common = {
  name: nameSchema,
  minSeverity: z.enum(SEVERITIES).default('info'),
  /** Why analysts are shown the alert: those below the line, sampled or explored, wake nobody unless asked for. */
  shown: z.array(z.enum(SHOWN)).min(1).default(['queue']),
  /** Only alerts of these tenants; of all without. */
  tenants: z.array(z.string()).min(1).optional(),
}

/** Own texts for what people read; the title of a message and what it says. */
const template = z
  .strictObject({ title: templateSchema.optional(), text: templateSchema.optional() })
  .optional()

const webhook = z.strictObject({ ...common, kind: z.literal('webhook'), ...endpoint, secretEnv: envSchema })

const slack = z.strictObject({
  ...common,
  kind: z.literal('slack'),
  /** The address of an incoming webhook is a secret itself. */
  urlEnv: envSchema,
  allowHttp: z.boolean().default(false),
  template,
})

const email = z.strictObject({
  ...common,
  kind: z.literal('email'),
  ...mailServer,
  to: z.array(z.email()).min(1),
  template,
})

const syslog = z.strictObject({
  ...common,
  kind: z.literal('syslog'),
  host: z.string().min(1),
  port,
  transport: z.enum(['udp', 'tcp', 'tls']).default('tls'),
  format: z.enum(['cef', 'json']).default('cef'),
  /** RFC 5424, table 1: 13 is log audit, 16 to 23 are for local use. */
  facility: z.int().min(0).max(23).default(13),
  /** What the log calls this machine. */
  hostname: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'printable ASCII without spaces')
    .default('keyhound'),
  caFile: z.string().optional(),
})

const ocsf = z.strictObject({
  ...common,
  kind: z.literal('ocsf'),
  ...endpoint,
  /** Sent as `Authorization: Bearer`, where the receiver wants one. */
  secretEnv: envSchema.optional(),
})

const file = z.strictObject({
  ...common,
  kind: z.literal('file'),
  /** Folder of the files, one a day; relative to the workspace. */
  folder: z.string().min(1),
  format: z.enum(['json', 'ocsf', 'cef', 'text']).default('json'),
  template,
})

export const sinkSchema = z.discriminatedUnion('kind', [webhook, slack, email, syslog, ocsf, file])

export type SinkConfig = z.output<typeof sinkSchema>
export type SinkKind = SinkConfig['kind']
/** The configuration of sinks of one kind. */
export type SinkOf<K extends SinkKind> = Extract<SinkConfig, { kind: K }>
export type Template = z.output<typeof template>
export type MailServer = Pick<SinkOf<'email'>, keyof typeof mailServer>

/** Things of a list that share a name could not be told apart. */
export function refuseTwins(list: readonly { readonly name: string }[], context: z.RefinementCtx): void {
  list.forEach(({ name }, i) => {
    if (list.findIndex(one => one.name === name) < i)
      context.addIssue({ code: 'custom', path: [i, 'name'], message: `"${name}" is there already` })
  })
}
