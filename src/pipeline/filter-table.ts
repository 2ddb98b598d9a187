import { type ContextName, FILTER_CONTEXT } from '../filter/context.ts'
import { createMatrix, type Matrix } from '../lib/matrix.ts'
import { DETECTOR_NAMES, type Scored } from '../scoring/score-windows.ts'
import type { VerdictRecord } from '../state/verdicts.ts'
import { countAlike } from './alike.ts'
import type { WindowKeys } from './batch.ts'
import type { Devices, Facts } from './facts.ts'
import type { Likeness } from './likeness.ts'

/** What was known of earlier alerts when a token-hour came up. */
export interface AlertHistory {
  readonly alerts: { readonly tenantId: string; readonly tokenId: string; readonly at: number }[]
  readonly verdicts: readonly VerdictRecord[]
}

const DAY_MS = 86_400_000

const SERVICE_ROLE = /service|integration|bot|ci|runner|sync|pipeline|backup|monitor|cron|job/i
const ADMIN_ROLE = /admin|owner|root|security|finance|billing/i

/** The table that the filter judges: score, every detector's evidence, and the circumstances; (rows, columns), NaN = unknown. */
export function filterTable(
  scored: Scored,
  keys: WindowKeys,
  rows: readonly number[],
  facts: readonly Facts[],
  devices: readonly Devices[],
  likenesses: readonly Likeness[],
  history: AlertHistory,
): Matrix {
  const names = ['score', ...DETECTOR_NAMES, ...CONTEXT]
  const table = createMatrix(rows.length, names)
  rows.forEach((row, i) => {
    const at = i * names.length
    table.data[at] = scored.score[row]!
    for (let d = 0; d < DETECTOR_NAMES.length; d++) {
      table.data[at + 1 + d] = scored.evidence.data[row * scored.evidence.cols + d]!
    }
    const circumstances = circumstancesOf(keys, row, facts[i]!, devices[i]!, likenesses[i]!, history)
    CONTEXT.forEach((name, c) => {
      table.data[at + 1 + DETECTOR_NAMES.length + c] = circumstances[name]
    })
  })
  return table
}

const CONTEXT: readonly ContextName[] = FILTER_CONTEXT.map(feature => feature.name)

function circumstancesOf(
  keys: WindowKeys,
  row: number,
  facts: Facts,
  { deviceType, networkType }: Devices,
  likeness: Likeness,
  history: AlertHistory,
): Record<ContextName, number> {
  const time = keys.windowStart[row]!
  const tenant = keys.tenantId[row]!
  const token = keys.tokenId[row]!
  const role = keys.role[row]
  const is = (value: unknown, wanted: string) =>
    typeof value === 'string' ? Number(value === wanted) : Number.NaN
  const matches = (pattern: RegExp) => (role == null ? Number.NaN : Number(pattern.test(role)))
  return {
    tenant_shift: highest(facts, [
      'tenant_moved',
      'tenant_new_client',
      'tenant_new_operation',
      'tenant_server_errors',
    ]),
    network_kind_hosting: is(networkType, 'hosting'),
    network_kind_vpn: is(networkType, 'vpn'),
    network_kind_tor: is(networkType, 'tor'),
    network_kind_mobile: is(networkType, 'mobile'),
    device_server: is(deviceType, 'server'),
    device_browser: is(deviceType, 'desktop'),
    device_mobile: is(deviceType, 'mobile'),
    role_service: matches(SERVICE_ROLE),
    role_admin: matches(ADMIN_ROLE),
    sensitivity: Number(facts.sensitive_actual ?? 0) / Math.max(1, Number(facts.requests_actual ?? 1)),
    maturity: Number(facts.maturity ?? Number.NaN),
    token_age_days: Math.expm1(Number(facts.active_days ?? Number.NaN)),
    peer_adoption: highest(facts, ['operation_adopted', 'asn_adopted', 'client_adopted']),
    alerts_last_7d: history.alerts.filter(
      alert =>
        alert.tenantId === tenant &&
        alert.tokenId === token &&
        alert.at < time &&
        alert.at >= time - 7 * DAY_MS,
    ).length,
    ...countAlike(history.verdicts, { tenantId: tenant, tokenId: token, time, likeness }),
  }
}

/** Largest of the named facts; NaN when none is known. */
function highest(facts: Facts, names: readonly string[]): number {
  const known = names.map(name => facts[name]).filter((value): value is number => typeof value === 'number')
  return known.length === 0 ? Number.NaN : Math.max(...known)
}
