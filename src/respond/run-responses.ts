import { KeyhoundError } from '../lib/errors.ts'
import type { Context } from '../pipeline/context.ts'
import { listAlerts } from '../pipeline/triage.ts'
import { defaultConfig } from '../schema/config.ts'
import { VERDICT_EFFECTS } from '../schema/labels.ts'
import { getResponse, listResponses, moveResponse, type ResponseAction } from '../state/responses.ts'
import { hasState, type State, withState } from '../state/state.ts'
import { listVerdicts } from '../state/verdicts.ts'
import { approveResponse, canUndo, type Desk, executeResponse, undoResponse } from './carry-out.ts'
import { actedOnToday, isConfirmed, type Verdicts } from './confirmed.ts'
import { checkCauses } from './known-causes.ts'
import type { Outside } from './outside.ts'
import { type Proposed, proposeResponses } from './propose.ts'

/** Attempts by itself at an action that failed for a reason that may pass; then somebody has to look. */
const MOST_FAILURES = 5
/** Responses that are read at once: more than wait at any time. */
const MOST = 100_000

/** What changed in a run, in the order in which it did. */
export type ResponseReport = ResponseAction[]

/**
 * One round of the playbooks: undoes restrictions whose time is up, turns down what was judged benign, proposes what open alerts call
 * for, and carries out what is approved or may be done without. Run it after each scoring and every few minutes: what ends does
 * so only then. Throws `usage` for a playbook that waits for a cause that there is not.
 */
export async function runResponses(
  context: Context,
  { outside }: { outside: Outside },
): Promise<ResponseReport> {
  const config = context.config ?? defaultConfig()
  checkCauses(config.playbooks)
  if (config.playbooks.length === 0 && !hasState(context.workspace)) return []
  return withState(context.workspace, async state => {
    const desk: Desk = { state, config, outside }
    const verdicts: Verdicts = new Map((await listVerdicts(state)).map(one => [one.alertId, one]))
    const ended = await endWhatIsOver(desk, verdicts, await readBenign(context))
    const proposed = await proposeResponses(context, state, config, outside.clock())
    const fresh = await Promise.all(
      proposed.filter(one => one.isNew).map(async ({ id }) => (await getResponse(state, id))!),
    )
    const resumed = await resume(desk)
    const automatic = await actAlone(desk, proposed, verdicts)
    return [...ended, ...fresh, ...resumed, ...automatic]
  })
}

/** Alerts that are closed as benign, or folded into one that is; one that was opened again since is not. */
async function readBenign(context: Context): Promise<Set<string>> {
  const closed = await listAlerts(context, { status: 'closed' })
  const benign = closed.filter(({ life }) => {
    const judged = life?.judgedAs
    return judged !== undefined && judged !== null && VERDICT_EFFECTS[judged].filterLabel === 0
  })
  return new Set(benign.map(one => one.alertId))
}

/** Undoes, expires and turns down. */
async function endWhatIsOver(
  desk: Desk,
  verdicts: Verdicts,
  benign: ReadonlySet<string>,
): Promise<ResponseReport> {
  const { state, config, outside } = desk
  const changed: ResponseReport = []
  const now = outside.clock()
  const by = ({ playbook }: ResponseAction) => ({ actor: `playbook:${playbook}`, at: now })
  const isBenign = ({ alertId }: ResponseAction) => benign.has(alertId)
  const isMisuse = ({ alertId }: ResponseAction) => verdicts.get(alertId)?.verdict === 'true_positive'
  const isPast = ({ expiresAt }: ResponseAction) => expiresAt !== null && expiresAt <= now

  const done = await listResponses(state, { status: 'executed', limit: MOST })
  const stuck = await listResponses(state, { status: 'failed', limit: MOST })
  for (const response of [...done, ...stuck.filter(one => one.detail.failedIn === 'undo')]) {
    if (response.action !== 'restrict' || !canUndo(response, config)) continue
    // What is known to be stolen is not given back by a clock; whoever judged it decides.
    const because = isBenign(response)
      ? 'its alert was judged benign'
      : isPast(response) && !isMisuse(response)
        ? 'its time is up'
        : null
    if (because !== null)
      changed.push(...(await unlessTaken(() => undoResponse(desk, response.id, because, by(response)))))
  }
  for (const response of await listResponses(state, { status: 'proposed', limit: MOST })) {
    const { id } = response
    if (isBenign(response)) {
      const detail = { note: 'its alert was judged benign' }
      const step = { to: 'rejected', detail } as const
      changed.push(...(await unlessTaken(() => moveResponse(state, id, step, by(response)))))
    } else if (isPast(response)) {
      changed.push(...(await unlessTaken(() => moveResponse(state, id, { to: 'expired' }, by(response)))))
    }
  }
  return changed
}

/** Carries out what is approved and was cut short, and tries again what failed for a reason that may pass. */
async function resume(desk: Desk): Promise<ResponseReport> {
  const { state, outside } = desk
  const changed: ResponseReport = []
  const at = outside.clock()
  for (const { id, playbook } of await listResponses(state, { status: 'approved', limit: MOST })) {
    const by = { actor: `playbook:${playbook}`, at }
    changed.push(...(await unlessTaken(() => executeResponse(desk, id, by))))
  }
  for (const { id, playbook, detail, expiresAt } of await listFailed(state)) {
    const isWorthIt = detail.isFinal === false && Number(detail.failures) < MOST_FAILURES
    if (!isWorthIt || (expiresAt !== null && expiresAt <= at)) continue
    const by = { actor: `playbook:${playbook}`, at }
    changed.push(...(await unlessTaken(() => approveResponse(desk, id, by))))
  }
  return changed
}

/** Failed before this run, and not while being undone. */
async function listFailed(state: State): Promise<ResponseAction[]> {
  const failed = await listResponses(state, { status: 'failed', limit: MOST })
  return failed.filter(one => one.detail.failedIn === 'execute')
}

/** Approves proposals of playbooks that have earned it, up to so many alerts a day. */
async function actAlone(
  desk: Desk,
  proposed: readonly Proposed[],
  verdicts: Verdicts,
): Promise<ResponseReport> {
  const { state, outside } = desk
  const changed: ResponseReport = []
  for (const playbook of new Set(proposed.map(one => one.playbook))) {
    if (playbook.mode !== 'automatic') continue
    const own = await listResponses(state, { playbook: playbook.name, limit: MOST })
    if (!isConfirmed(playbook, own, verdicts)) continue
    const now = outside.clock()
    const acted = actedOnToday(own, now)
    for (const { id, alertId } of proposed.filter(one => one.playbook === playbook)) {
      const current = own.find(one => one.id === id)
      if (current?.status !== 'proposed' || current.dryRun) continue
      if (!acted.has(alertId) && acted.size >= playbook.mostPerDay) continue
      acted.add(alertId)
      const by = { actor: `playbook:${playbook.name}`, at: now }
      const detail = { automaticAt: now.toISOString() }
      changed.push(...(await unlessTaken(() => approveResponse(desk, id, by, detail))))
    }
  }
  return changed
}

/** What the step came to; nothing when somebody else has taken the response meanwhile. */
async function unlessTaken(step: () => Promise<ResponseAction>): Promise<ResponseAction[]> {
  try {
    return [await step()]
  } catch (error) {
    if (error instanceof KeyhoundError && error.code === 'conflict') return []
    throw error
  }
}
