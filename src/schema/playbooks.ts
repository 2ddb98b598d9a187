import { z } from 'zod'
import { SEVERITIES } from './scores.ts'
import { endpoint, envSchema, mailServer, nameSchema, templateSchema, urlSchema } from './sinks.ts'

/**
 * What can be done about a token: revoke, for good; rotate, have it replaced by a new one; restrict, for a time; notify-owner, tell
 * its owner what was seen and how to rotate.
 */
export const ACTIONS = ['revoke', 'rotate', 'restrict', 'notify-owner'] as const
export type Action = (typeof ACTIONS)[number]

/**
 * How the provider's name of a token, or the token itself, is found, since alerts name tokens by a keyed hash where they are
 * secret: a command, or a webhook of yours. It is asked when an action is carried out; the answer is neither stored nor logged.
 */
export const lookupSchema = z.union([
  z.strictObject({
    /** Program and arguments, run without a shell; JSON on its standard input, JSON on its standard output. */
    command: z.array(z.string()).min(1),
  }),
  z.strictObject({ ...endpoint, secretEnv: envSchema }),
])
export type Lookup = z.output<typeof lookupSchema>

const common = { name: nameSchema }

const webhook = z.strictObject({ ...common, kind: z.literal('webhook'), ...endpoint, secretEnv: envSchema })

const oauth = z.strictObject({
  ...common,
  kind: z.literal('oauth-revocation'),
  ...endpoint,
  clientId: z.string().min(1),
  /** Client secret; the client authenticates by HTTP Basic. */
  secretEnv: envSchema,
  /** RFC 7009, section 2.1: what kind of token the server should look for first. */
  tokenTypeHint: z.enum(['access_token', 'refresh_token']).default('access_token'),
  /** Answers `{"token": "..."}`; without one the token id itself is sent, for servers that revoke by id (jti). */
  lookup: lookupSchema.optional(),
})

const awsIam = z.strictObject({
  ...common,
  kind: z.literal('aws-iam'),
  region: z.string().min(1).default('us-east-1'),
  /** Another address than the region's own. */
  endpoint: urlSchema.optional(),
  accessKeyIdEnv: envSchema.default('AWS_ACCESS_KEY_ID'),
  secretEnv: envSchema.default('AWS_SECRET_ACCESS_KEY'),
  sessionTokenEnv: envSchema.default('AWS_SESSION_TOKEN'),
  /** Answers `{"accessKeyId": "AKIA..."}`; without one the token id is the access key id, as CloudTrail logs have it. */
  lookup: lookupSchema.optional(),
})

const githubApp = z.strictObject({
  ...common,
  kind: z.literal('github-app-token'),
  url: urlSchema.default('https://api.github.com'),
  allowHttp: z.boolean().default(false),
  clientId: z.string().min(1),
  secretEnv: envSchema,
  /** Answers `{"token": "gho_..."}`: GitHub deletes an app's token by its value only. */
  lookup: lookupSchema,
})

const githubPat = z.strictObject({
  ...common,
  kind: z.literal('github-org-pat'),
  url: urlSchema.default('https://api.github.com'),
  allowHttp: z.boolean().default(false),
  organization: z.string().regex(/^[A-Za-z0-9-]{1,39}$/, 'a GitHub organisation'),
  /** Installation token of a GitHub App with write access to personal access tokens of the organisation. */
  secretEnv: envSchema,
  /** Answers `{"patId": 25381}`; without one the token id is that number. */
  lookup: lookupSchema.optional(),
})

const email = z.strictObject({
  ...common,
  kind: z.literal('email'),
  ...mailServer,
  /** Address of the owner: `{{principal}}@example.com`, or `{{principal}}` where principals are addresses. */
  to: templateSchema,
  /** Principals come from logs: mail goes to these domains only. */
  domains: z.array(z.string().regex(/^[a-z0-9.-]+$/i, 'a domain')).min(1),
  /** How to replace a token, in your own words. */
  instructions: templateSchema.optional(),
})

export const adapterSchema = z.discriminatedUnion('kind', [
  webhook,
  oauth,
  awsIam,
  githubApp,
  githubPat,
  email,
])
export type AdapterConfig = z.output<typeof adapterSchema>
export type AdapterKind = AdapterConfig['kind']
/** The configuration of adapters of one kind. */
export type AdapterOf<K extends AdapterKind> = Extract<AdapterConfig, { kind: K }>

/** What each kind of adapter can do. */
export const ADAPTER_ACTIONS: Readonly<Record<AdapterKind, readonly Action[]>> = {
  webhook: ACTIONS,
  'oauth-revocation': ['revoke'],
  'aws-iam': ['restrict', 'revoke'],
  'github-app-token': ['revoke'],
  'github-org-pat': ['revoke'],
  email: ['notify-owner'],
}

/** What can be taken back, by hand or when its time is up. */
export const UNDOABLE: Readonly<Record<AdapterKind, readonly Action[]>> = {
  webhook: ['restrict'],
  'oauth-revocation': [],
  // A key is deactivated either way, never deleted.
  'aws-iam': ['restrict', 'revoke'],
  'github-app-token': [],
  'github-org-pat': [],
  email: [],
}

export const playbookSchema = z.strictObject({
  name: nameSchema,
  match: z.strictObject({
    /** At least this severe. */
    severity: z.enum(SEVERITIES).default('high'),
    /** Code of the alert's strongest reason is one of these; any without. */
    causes: z.array(z.string()).min(1).optional(),
    /** Tagged with one of these ATT&CK or OWASP ids; any without. */
    techniques: z.array(z.string()).min(1).optional(),
    /** Days with an alert of the same token, this one's included, within the last 30. */
    alertedDays: z.int().min(1).max(30).default(1),
    tenants: z.array(z.string()).min(1).optional(),
    /** Never these: the accounts that must not stop. */
    exceptPrincipals: z.array(z.string()).default([]),
  }),
  actions: z
    .array(z.strictObject({ action: z.enum(ACTIONS), adapter: nameSchema }))
    .min(1)
    .max(10),
  /** dry-run: says what it would do; approve: an analyst approves; automatic: by itself once confirmed often enough. */
  mode: z.enum(['dry-run', 'approve', 'automatic']).default('dry-run'),
  /** Newest judged alerts of this playbook that must all be true positives before it acts by itself. */
  confirmations: z.int().min(1).max(1000).default(10),
  /** Alerts that it acts on by itself in 24 hours; more wait for an analyst. */
  mostPerDay: z.int().min(1).max(1000).default(5),
  /** Hours after which a restriction is undone; null: not by itself. */
  restrictHours: z.number().positive().max(8760).nullable().default(24),
  /** Hours for which a proposal may be approved. */
  approvalHours: z.number().positive().max(8760).default(72),
})
export type Playbook = z.output<typeof playbookSchema>

/** Playbooks name adapters that exist and can do what is asked of them. */
export function checkPlaybooks(
  { playbooks, adapters }: { playbooks: readonly Playbook[]; adapters: readonly AdapterConfig[] },
  context: z.RefinementCtx,
): void {
  playbooks.forEach((playbook, i) => {
    playbook.actions.forEach(({ action, adapter: name }, k) => {
      const path = ['playbooks', i, 'actions', k]
      const adapter = adapters.find(one => one.name === name)
      if (adapter === undefined) {
        context.addIssue({ code: 'custom', path, message: `there is no adapter "${name}" in adapters` })
      } else if (!ADAPTER_ACTIONS[adapter.kind].includes(action)) {
        const can = ADAPTER_ACTIONS[adapter.kind].join(', ')
        context.addIssue({ code: 'custom', path, message: `${adapter.kind} cannot ${action}; it can ${can}` })
      }
    })
  })
}
