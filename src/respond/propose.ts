import type { Context } from '../pipeline/context.ts'
import { listAlerts, type TriagedAlert } from '../pipeline/triage.ts'
import type { Config } from '../schema/config.ts'
import type { Playbook } from '../schema/playbooks.ts'
import { proposeResponse } from '../state/responses.ts'
import type { State } from '../state/state.ts'
import { storeBrief } from './brief.ts'
import { readReopenings, responseIdOf } from './idempotency.ts'
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

/** Proposes what the playbooks say of the open alerts of the queue; what was proposed before stands as it does. */
export async function proposeResponses(
  context: Context,
  state: State,
  config: Config,
  at: Date,
): Promise<Proposed[]> {
  const from = new Date(at.getTime() - config.delivery.mostAgeDays * DAY_MS)
  const open = (await listAlerts(context, { status: 'open', from })).filter(one => one.shown === 'queue')
  if (open.length === 0) return []
  const earliest = new Date(from.getTime() - PERSISTENCE_DAYS * DAY_MS)
  const alertedDays = countAlertedDays(await listAlerts(context, { from: earliest }))
  const reopenings = await readReopenings(state)
  const proposed: Proposed[] = []
  for (const alert of open) {
    for (const playbook of config.playbooks) {
      if (!matches(playbook, alert, alertedDays(alert))) continue
      proposed.push(
        ...(await propose(state, config, playbook, alert, reopenings.get(alert.alertId) ?? 0, at)),
      )
    }
  }
  return proposed
}

async function propose(
  state: State,
  config: Config,
  playbook: Playbook,
  alert: TriagedAlert,
  reopened: number,
  at: Date,
): Promise<Proposed[]> {
  const { alertId, tenantId, tokenId } = alert
  const dryRun = playbook.mode === 'dry-run'
  const proposed: Proposed[] = []
  for (const { action, adapter: name } of playbook.actions) {
    const adapter = config.adapters.find(one => one.name === name)
    if (adapter === undefined) continue
    const facts = { alertId, playbook: playbook.name, action, adapter: name }
    const id = responseIdOf({ ...facts, reopened, dryRun })
    const isNew = await proposeResponse(
      state,
      {
        ...facts,
        id,
        tenantId,
        target: tokenId,
        dryRun,
        expiresAt: new Date(at.getTime() + playbook.approvalHours * HOUR_MS),
        detail: { would: describeAction(adapter, action, tokenId), alert: storeBrief(alert) },
      },
      { actor: `playbook:${playbook.name}`, at },
    )
    proposed.push({ id, playbook, alertId, isNew })
  }
  return proposed
}
