import type { Context } from '../pipeline/context.ts'
import { listAlerts, type TriagedAlert } from '../pipeline/triage.ts'
import type { Config } from '../schema/config.ts'
import type { Playbook } from '../schema/playbooks.ts'
import { listResponses, proposeResponse, type ResponseAction } from '../state/responses.ts'
import type { State } from '../state/state.ts'
import { storeBrief } from './brief.ts'
import { countClosings, responseIdOf } from './idempotency.ts'
import { countAlertedDays, matches, PERSISTENCE_DAYS } from './match.ts'
import { describeAction } from './open-adapter.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** A proposal that stands for an open alert, new or not. */
export interface Proposed {
  readonly id: string
  readonly playbook: Playbook
  readonly alertId: string
  readonly isNew: boolean
}

/** Responses that are read at once: more than stand open at any time. */
const MOST = 100_000

/**
 * Proposes what the playbooks say of the open alerts, folded ones included: they may be of other tokens. What was proposed before stands
 * as it does, and what is proposed for or in force on a token is not proposed for it again.
 */
export async function proposeResponses(
  context: Context,
  state: State,
  config: Config,
  at: Date,
): Promise<Proposed[]> {
  const from = new Date(at.getTime() - config.delivery.mostAgeDays * DAY_MS)
  const earliest = new Date(from.getTime() - PERSISTENCE_DAYS * DAY_MS)
  const history = await listAlerts(context, { from: earliest })
  const open = history.filter(
    one =>
      one.lastSeen > from && one.shown === 'queue' && (one.status === 'new' || one.status === 'acknowledged'),
  )
  if (open.length === 0) return []
  const alertedDays = countAlertedDays(history)
  const closings = await countClosings(state, open)
  const round: Round = { state, config, standing: await readStanding(state, from), at }
  const proposed: Proposed[] = []
  for (const alert of open) {
    const playbooks = config.playbooks.filter(one => matches(one, alert, alertedDays(alert)))
    for (const playbook of playbooks) {
      proposed.push(...(await propose(round, playbook, alert, closings(alert.alertId))))
    }
  }
  return proposed
}

interface Round {
  readonly state: State
  readonly config: Config
  /** Ids of what stands, by what it does to what. */
  readonly standing: Map<string, string>
  readonly at: Date
}

async function propose(
  { state, config, standing, at }: Round,
  playbook: Playbook,
  alert: TriagedAlert,
  closings: number,
): Promise<Proposed[]> {
  const { alertId, tenantId, tokenId: target } = alert
  const dryRun = playbook.mode === 'dry-run'
  const proposed: Proposed[] = []
  for (const { action, adapter: name } of playbook.actions) {
    const adapter = config.adapters.find(one => one.name === name)
    if (adapter === undefined) continue
    const facts = { alertId, playbook: playbook.name, action, adapter: name }
    const id = responseIdOf({ ...facts, closings, dryRun })
    const key = deedOf({ ...facts, tenantId, target, dryRun })
    const stands = standing.get(key)
    if (stands !== undefined && stands !== id) continue
    const isNew = await proposeResponse(
      state,
      {
        ...facts,
        ...{ id, tenantId, target, dryRun },
        expiresAt: new Date(at.getTime() + playbook.approvalHours * HOUR_MS),
        detail: { would: describeAction(adapter, action, target), alert: storeBrief(alert) },
      },
      { actor: `playbook:${playbook.name}`, at },
    )
    if (isNew) standing.set(key, id)
    proposed.push({ id, playbook, alertId, isNew })
  }
  return proposed
}

/**
 * What waits or is in force, by what it does to what. A restriction is in force until it is undone; the rest, which has no end,
 * counts for as long as alerts are fresh, so that an owner is not told daily, and a key that came back is seen.
 */
async function readStanding(state: State, since: Date): Promise<Map<string, string>> {
  const standing = new Map<string, string>()
  for (const status of ['proposed', 'approved', 'executed', 'failed'] as const) {
    for (const one of await listResponses(state, { status, limit: MOST })) {
      const isOver =
        status === 'failed'
          ? one.detail.failedIn !== 'undo'
          : status === 'executed' && one.action !== 'restrict' && one.changedAt < since
      if (!isOver) standing.set(deedOf(one), one.id)
    }
  }
  return standing
}

function deedOf(
  one: Pick<ResponseAction, 'playbook' | 'action' | 'adapter' | 'tenantId' | 'target' | 'dryRun'>,
): string {
  return JSON.stringify([one.playbook, one.action, one.adapter, one.tenantId, one.target, one.dryRun])
}
