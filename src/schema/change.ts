import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { messageOf } from '../lib/errors.ts'
import { BUDGET_FORM, parseBudget } from './budget.ts'
import { type ConfigProblem, parseConfig } from './config.ts'
import { FEATURE_GROUPS } from './features.ts'

const budget = z.union([z.string(), z.number()]).transform((value, context) => {
  const perDay = parseBudget(String(value))
  if (perDay !== null) return perDay
  context.addIssue({ code: 'custom', message: `an alert budget is ${BUDGET_FORM}` })
  return z.NEVER
})

const text = z.string().trim().min(1)

/** A suppression to try: the fields that are set must match, as with `keyhound alerts suppress`. */
const suppressionSchema = z
  .strictObject({
    tenantId: text.optional(),
    principalId: text.optional(),
    tokenId: text.optional(),
    operation: text.optional(),
    reasonCode: text.optional(),
    because: text,
    /** Who answers for it. Needed to apply it; replaying alone takes the one who runs it. */
    owner: text.optional(),
    /** Days that it is to be in force once applied; the configuration's without. */
    days: z.int().min(1).max(365).optional(),
  })
  .refine(({ because: _, owner: __, days: ___, ...scope }) => Object.keys(scope).length > 0, {
    message: 'a suppression needs a scope: tenantId, principalId, tokenId, operation or reasonCode',
  })

/**
 * A change to try on stored history: what is left out stays as it is. The three ways to say where alerts begin exclude each other,
 * since each comes down to a budget.
 */
export const changeSchema = z
  .strictObject({
    /** Alerts a day: `"10/day"`, `"70/week"`, or a number. */
    budget: budget.optional(),
    /** Least score (before the filter) that raises an alert. */
    scoreThreshold: z.number().optional(),
    /** Least risk that raises an alert, on the scale of the present budget; 50 changes nothing. */
    riskThreshold: z.number().gt(0).lt(100).optional(),
    suppressions: z
      .strictObject({
        add: z.array(suppressionSchema).default([]),
        /** Numbers, as `keyhound alerts suppress` lists them. */
        remove: z.array(z.int().min(1)).default([]),
      })
      .optional(),
    features: z
      .strictObject({
        /** Names of features, or of groups of them, that are to count as unknown. */
        leaveOut: z.array(text).min(1),
      })
      .optional(),
    /** Whose behaviour is looked at; a change builds activity, features and a model anew, aside. */
    entity: z.enum(['token', 'principal']).optional(),
    /** name, name@version or the start of a content id. */
    model: text.optional(),
    /** Part of a configuration; `seed` and `forest` train the model anew, aside. */
    config: z.record(z.string(), z.unknown()).optional(),
    /** Train the model anew, aside, on the period and with the settings that it was trained on. */
    retrain: z.boolean().optional(),
  })
  .refine(change => Object.keys(change).length > 0, { message: `is empty; it takes ${listOf()}` })
  .refine(
    change =>
      [change.budget, change.scoreThreshold, change.riskThreshold].filter(one => one !== undefined).length <
      2,
    { message: 'budget, scoreThreshold and riskThreshold say the same thing three ways; give one of them' },
  )
  .superRefine(({ config }, context) => {
    if (config !== undefined && 'features' in config)
      context.addIssue({
        code: 'custom',
        message: 'names code, which a change cannot bring: set it in the configuration file',
        path: ['config', 'features'],
      })
    const result = parseConfig(config ?? {})
    if (result.ok) return
    for (const { path, problem } of result.problems)
      context.addIssue({
        code: 'custom',
        message: problem,
        path: ['config', ...path.split('.').filter(Boolean)],
      })
  })

function listOf(): string {
  return `budget, scoreThreshold, riskThreshold, suppressions, features (of groups ${FEATURE_GROUPS.join(', ')}), entity, model, config, retrain`
}

/** A change, validated: budgets are alerts a day. */
export type Change = z.output<typeof changeSchema>

export type NewSuppressionChange = z.output<typeof suppressionSchema>

export type ChangeResult =
  | { readonly ok: true; readonly change: Change }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Validates a change; all problems at once. */
export function parseChange(value: unknown): ChangeResult {
  const result = changeSchema.safeParse(value)
  if (result.success) return { ok: true, change: result.data }
  const problems = result.error.issues.map(issue => ({ path: issue.path.join('.'), problem: issue.message }))
  return { ok: false, problems }
}

/** Reads a change file (JSON); all problems at once, as data. */
export function loadChange(file: string): ChangeResult {
  if (!existsSync(file)) return { ok: false, problems: [{ path: '', problem: 'no such file' }] }
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return { ok: false, problems: [{ path: '', problem: `not JSON: ${messageOf(error)}` }] }
  }
  return parseChange(value)
}
