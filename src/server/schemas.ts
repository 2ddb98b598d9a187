import { z } from '@hono/zod-openapi'
import { SHOWN, VERDICT_SOURCES, VERDICTS } from '../schema/labels.ts'
import { SEVERITIES } from '../schema/scores.ts'

/** Records as the API answers them. Objects are strict: what is not described is not sent. */

export const Moment = z.iso
  .datetime({ precision: 3 })
  .openapi({ description: 'UTC', example: '2026-10-05T13:00:00.000Z' })
/** A moment in a question: any precision, any zone. */
export const AskedMoment = z.iso.datetime({ offset: true }).openapi({ example: '2026-10-05T13:00:00Z' })
export const Severity = z.enum(SEVERITIES).openapi('Severity')
export const Verdict = z.enum(VERDICTS).openapi('Verdict')

const Fact = z.object({
  code: z.string(),
  feature: z.string(),
  actual: z.union([z.number(), z.string()]).nullable(),
  typical: z.union([z.number(), z.string()]).nullable(),
  unit: z.string().nullish(),
  frame: z.enum(['self', 'peer', 'tenant']),
  contribution: z.number().openapi({ description: 'share of the score, 0-1' }),
  text: z.string(),
  frames: z
    .array(
      z.strictObject({
        frame: z.enum(['self', 'peer', 'tenant']),
        typical: z.union([z.number(), z.string()]),
        highest: z.number().nullable(),
      }),
    )
    .optional(),
})

export const Reason = z
  .strictObject({
    ...Fact.shape,
    detector: z.string(),
    surprise: z.number().optional().openapi({ description: 'nats' }),
    facts: z.array(z.strictObject(Fact.shape)).optional(),
    events: z.array(z.string()).optional().openapi({ description: 'event ids' }),
  })
  .openapi('Reason')

export const VerdictRecord = z
  .strictObject({
    alertId: z.string(),
    verdict: Verdict,
    note: z.string().nullable(),
    who: z.string(),
    at: Moment,
    tenantId: z.string().nullable(),
    tokenId: z.string().nullable(),
    reasonCode: z.string().nullable(),
    source: z.enum(VERDICT_SOURCES),
    shown: z.enum(SHOWN),
    model: z.string().nullable(),
    seenAt: Moment.nullable(),
    detectors: z.string().nullable(),
    values: z.array(z.string()),
  })
  .openapi('VerdictRecord')

export const Alert = z
  .strictObject({
    alertId: z.string(),
    incidentId: z.string().nullable(),
    tenantId: z.string(),
    principalId: z.string(),
    tokenId: z.string(),
    firstSeen: Moment,
    lastSeen: Moment,
    windows: z.int().openapi({ description: 'alerted token-hours' }),
    severity: Severity,
    risk: z.number().min(0).max(100),
    score: z.number(),
    maturity: z.number().nullable(),
    filterProbability: z.number().nullable(),
    title: z.string(),
    reasons: z.array(Reason),
    evidence: z.array(z.string()).openapi({ description: 'event ids' }),
    techniques: z.array(z.string()).openapi({ description: 'MITRE ATT&CK and OWASP API Security ids' }),
    status: z.enum(['new', 'acknowledged', 'closed', 'suppressed']),
    assignee: z.string().nullable(),
    note: z.string().nullable(),
    changedBy: z.string().nullable(),
    changedAt: Moment.nullable(),
    reopenedFor: z.array(z.string()).openapi({ description: 'why it is back though it was closed' }),
    follows: z
      .strictObject({
        alertId: z.string(),
        verdict: Verdict,
        lastSeen: Moment,
        newCauses: z.array(z.string()),
      })
      .nullable()
      .openapi({ description: 'the closed alert of the same token that came last before' }),
    foldedInto: z.string().nullable().openapi({ description: 'alert of its incident that it repeats' }),
    folds: z.int().openapi({ description: 'alerts folded into it' }),
    shown: z.enum(SHOWN),
    suppressedBecause: z.string().nullable(),
    model: z.string(),
    verdict: VerdictRecord.nullable(),
  })
  .openapi('Alert')
export type Alert = z.infer<typeof Alert>

export const Detectors = z
  .record(z.string(), z.number())
  .openapi('Detectors', { description: 'calibrated surprise of each detector, nats' })

/** ISO 8601 in UTC, with milliseconds. */
export const momentOf = (date: Date): string => date.toISOString()
export const momentOrNull = (date: Date | null): string | null => date?.toISOString() ?? null
