import { z } from '@hono/zod-openapi'
import { Moment, Severity, Verdict } from './schemas.ts'

/** A replay and what is made of it, as the API answers them. */

const Suppression = z.strictObject({
  tenantId: z.string().optional(),
  principalId: z.string().optional(),
  tokenId: z.string().optional(),
  operation: z.string().optional(),
  reasonCode: z.string().optional(),
  because: z.string(),
  owner: z.string().optional(),
  days: z.int().optional(),
})

/** As in a change file; what values may be is checked as it is there. */
export const Change = z
  .strictObject({
    budget: z
      .union([z.string(), z.number()])
      .optional()
      .openapi({ description: 'alerts a day: "10/day", 3' }),
    scoreThreshold: z.number().optional().openapi({ description: 'least score that raises an alert' }),
    riskThreshold: z
      .number()
      .optional()
      .openapi({ description: 'least risk that raises an alert; 50 changes nothing' }),
    suppressions: z
      .strictObject({ add: z.array(Suppression).optional(), remove: z.array(z.int()).optional() })
      .optional(),
    features: z
      .strictObject({ leaveOut: z.array(z.string()) })
      .optional()
      .openapi({ description: 'features, or groups of them, that count as unknown' }),
    entity: z.enum(['token', 'principal']).optional(),
    model: z.string().optional(),
    config: z.record(z.string(), z.unknown()).optional(),
    retrain: z.boolean().optional(),
  })
  .openapi('Change', { description: 'What to try; what is left out stays as it is.' })

const AlertChange = z
  .strictObject({
    tenantId: z.string(),
    principalId: z.string(),
    tokenId: z.string(),
    day: z.string(),
    title: z.string(),
    severity: Severity,
    riskBefore: z.number().nullable(),
    riskAfter: z.number().nullable(),
    because: z.string().openapi({ description: 'why the side without the alert does not show it' }),
    incidents: z.array(z.string()),
    verdict: Verdict.nullable(),
  })
  .openapi('AlertChange')

const Side = z
  .strictObject({
    models: z.array(z.strictObject({ model: z.string(), contentId: z.string() })),
    budgetPerDay: z.number(),
    scoreThreshold: z.number().nullable(),
    alerts: z.int(),
    alertsPerDay: z.number(),
    beforeFilterPerDay: z.number(),
    heldBack: z.int(),
    analystHours: z.number(),
    analystHoursPerDay: z.number(),
    judged: z.int(),
    truePositives: z.int(),
    precision: z.number().nullable(),
    incidentsFound: z.int(),
    averagePrecision: z.number().nullable(),
  })
  .openapi('ReplaySide')

const KnownIncident = z.strictObject({
  incidentId: z.string(),
  attackType: z.string().nullable(),
  days: z.array(z.string()),
})

export const Replay = z
  .strictObject({
    change: Change,
    from: Moment,
    to: Moment,
    days: z.int(),
    minutesPerAlert: z.number(),
    before: Side,
    after: Side,
    kept: z.int().openapi({ description: 'alerts that both sides show' }),
    gained: z.array(AlertChange),
    lost: z.array(AlertChange),
    incidents: z.strictObject({
      knownFrom: z.enum(['labels', 'verdicts']).nullable(),
      known: z.int(),
      gained: z.array(KnownIncident),
      lost: z.array(KnownIncident),
    }),
    stored: z.strictObject({ alerts: z.int(), differing: z.int() }),
    notes: z.array(z.string()),
  })
  .openapi('Replay', { description: 'What a change would have made of the stored history.' })

export const Comparison = z
  .strictObject({
    champion: z.string(),
    challenger: z.string(),
    replay: Replay,
    scoreDrift: z.strictObject({ champion: z.number().nullable(), challenger: z.number().nullable() }),
    findings: z.array(
      z.strictObject({
        rule: z.enum(['precision', 'ranking', 'incidents', 'alerts', 'drift']),
        verdict: z.enum(['passes', 'fails', 'unknown']),
        text: z.string(),
      }),
    ),
    passes: z.boolean().openapi({ description: 'no rule of the promotion gate fails' }),
  })
  .openapi('ModelComparison')

export const Promotion = z
  .strictObject({
    name: z.string(),
    version: z.int(),
    contentId: z.string(),
    replaced: z.int().openapi({ description: 'the version used until then' }),
    at: z.string(),
    who: z.string(),
    because: z.string(),
    how: z.enum(['gate', 'forced', 'pinned']),
  })
  .openapi('Promotion')

/** What a job found or did; one of them. */
export const JobResult = z.strictObject({
  replay: Replay.optional(),
  comparison: Comparison.nullish(),
  promotion: Promotion.optional(),
})
export type JobResult = z.infer<typeof JobResult>
