import { KeyhoundError } from '../lib/errors.ts'
import { decayedRisk, entityRisk } from '../risk/entity-risk.ts'
import { defaultConfig } from '../schema/config.ts'
import type { Context } from './context.ts'
import { hasStatus, listAlerts, type TriagedAlert } from './triage.ts'

/** A token that was alerted, with the risk that its alerts add up to. */
export interface TokenRisk {
  readonly tenantId: string
  readonly tokenId: string
  readonly principalId: string
  /** 0-100: 100 · (1 − Π(1 − rᵢ/100 · 2^(−ageᵢ/halfLife))) over the alerts that count. */
  readonly entityRisk: number
  /** Alerts in the queue: new or acknowledged, and not folded into another. */
  readonly openAlerts: number
  /** Alerts that count: open ones, and those closed as misuse. */
  readonly countedAlerts: number
  /** End of the last alert, counted or not, UTC. */
  readonly lastAlert: Date
}

/** One alert of a token and what is left of its risk. */
export interface WeighedAlert {
  readonly alert: TriagedAlert
  /** Days since it was last seen. */
  readonly ageDays: number
  /** 0-100; 0 for one that does not count. */
  readonly decayedRisk: number
}

export interface TokenRiskOptions {
  /** The moment that ages count from; alerts that begin later are left out. @default now */
  readonly at?: Date
  readonly tenantId?: string
  /** @default all of them */
  readonly limit?: number
}

const DAY_MS = 86_400_000

/** Tokens that were alerted, by entity risk, the highest first; equal ones by last alert and id. */
export async function listTokenRisks(context: Context, options: TokenRiskOptions = {}): Promise<TokenRisk[]> {
  const risks = [...(await alertsByToken(context, options)).values()].map(alerts =>
    riskOf(weigh(alerts, context, options), halfLifeOf(context)),
  )
  return risks
    .sort(
      (a, b) =>
        b.entityRisk - a.entityRisk ||
        b.lastAlert.getTime() - a.lastAlert.getTime() ||
        (a.tenantId + a.tokenId < b.tenantId + b.tokenId ? -1 : 1),
    )
    .slice(0, options.limit)
}

/** One token with every alert of it, the latest first. Throws `not-found` for a token without alerts, `usage` where several tenants have one of that id. */
export async function findTokenRisk(
  context: Context,
  tokenId: string,
  options: Omit<TokenRiskOptions, 'limit'> = {},
): Promise<TokenRisk & { readonly alerts: readonly WeighedAlert[] }> {
  const found = [...(await alertsByToken(context, options)).values()].filter(
    alerts => alerts[0]!.tokenId === tokenId,
  )
  if (found.length === 0) {
    throw new KeyhoundError(
      'not-found',
      `token ${tokenId} has no alert; \`keyhound tokens list\` shows those that have`,
    )
  }
  if (found.length > 1) {
    const tenants = found.map(alerts => alerts[0]!.tenantId)
    throw new KeyhoundError('usage', `tenants ${tenants.join(', ')} have a token ${tokenId}; name one`)
  }
  const alerts = weigh(found[0]!, context, options)
  return {
    ...riskOf(alerts, halfLifeOf(context)),
    alerts: alerts.toSorted((a, b) => a.ageDays - b.ageDays),
  }
}

function halfLifeOf({ config = defaultConfig() }: Context): number {
  return config.alerts.riskHalfLifeDays
}

async function alertsByToken(
  context: Context,
  { at = context.now, tenantId }: TokenRiskOptions,
): Promise<Map<string, TriagedAlert[]>> {
  const byToken = new Map<string, TriagedAlert[]>()
  for (const alert of await listAlerts(context, { to: at })) {
    if (tenantId !== undefined && alert.tenantId !== tenantId) continue
    const key = JSON.stringify([alert.tenantId, alert.tokenId])
    byToken.set(key, [...(byToken.get(key) ?? []), alert])
  }
  return byToken
}

/** Held back, shown only to learn from, or judged to be no misuse of its own: an alert that adds no risk. */
function counts(alert: TriagedAlert): boolean {
  if (alert.status === 'suppressed' || alert.shown === 'explored') return false
  return alert.status !== 'closed' || alert.life?.judgedAs === 'true_positive'
}

function weigh(
  alerts: readonly TriagedAlert[],
  context: Context,
  { at = context.now }: TokenRiskOptions,
): WeighedAlert[] {
  return alerts.map(alert => {
    const ageDays = Math.max(0, at.getTime() - alert.lastSeen.getTime()) / DAY_MS
    const left = counts(alert) ? decayedRisk({ risk: alert.risk, ageDays }, halfLifeOf(context)) : 0
    return { alert, ageDays, decayedRisk: left }
  })
}

function riskOf(weighed: readonly WeighedAlert[], halfLifeDays: number): TokenRisk {
  const counted = weighed.filter(({ alert }) => counts(alert))
  const latest = weighed.reduce((best, one) => (one.alert.lastSeen > best.alert.lastSeen ? one : best)).alert
  return {
    tenantId: latest.tenantId,
    tokenId: latest.tokenId,
    principalId: latest.principalId,
    entityRisk: entityRisk(
      counted.map(({ alert, ageDays }) => ({ risk: alert.risk, ageDays })),
      halfLifeDays,
    ),
    openAlerts: weighed.filter(({ alert }) => hasStatus(alert, 'open')).length,
    countedAlerts: counted.length,
    lastAlert: latest.lastSeen,
  }
}
