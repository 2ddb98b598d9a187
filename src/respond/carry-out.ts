import { KeyhoundError, messageOf } from '../lib/errors.ts'
import type { Config } from '../schema/config.ts'
import { type Action, UNDOABLE } from '../schema/playbooks.ts'
import { claimLease, releaseLease } from '../state/leases.ts'
import { getResponse, moveResponse, type ResponseAction } from '../state/responses.ts'
import type { By, State } from '../state/state.ts'
import { type ActionOutcome, type ActionRequest, type Adapter, refused } from './adapter.ts'
import { briefOf, type StoredBrief } from './brief.ts'
import { openAdapter } from './open-adapter.ts'
import type { Outside } from './outside.ts'

/** What carrying out needs. */
export interface Desk {
  readonly state: State
  readonly config: Config
  readonly outside: Outside
}

const HOUR_MS = 3_600_000
/** Longer than any adapter takes with its time-outs; a machine that dies keeps a response for so long. */
const LEASE_MS = 300_000

/**
 * Approves a proposal, or a failed action once more, and carries it out; answers how it then stands. Throws `not-found` for an
 * unknown id, `conflict` for one that is not to be approved: a dry run, one that is past its time, one that was done already.
 */
export async function approveResponse(
  desk: Desk,
  id: string,
  by: By,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<ResponseAction> {
  const response = await findResponse(desk.state, id)
  const problem = notToBeApproved(response, by.at)
  if (problem !== null) throw new KeyhoundError('conflict', `response ${id} ${problem}`)
  await moveResponse(desk.state, id, { to: 'approved', detail }, by)
  return executeResponse(desk, id, by)
}

/** Turns a proposal down. */
export function rejectResponse({ state }: Pick<Desk, 'state'>, id: string, note: string, by: By) {
  return moveResponse(state, id, { to: 'rejected', detail: { note } }, by)
}

function notToBeApproved({ dryRun, status, expiresAt, playbook, detail }: ResponseAction, now: Date) {
  if (dryRun) {
    return `is a dry run: it only says what would be done; set "mode" of playbook "${playbook}" to approve`
  }
  if (status === 'failed' && detail.failedIn === 'undo') {
    return 'failed while it was undone; `keyhound respond undo` tries again'
  }
  return expiresAt !== null && expiresAt <= now ? 'was not approved in time; it is worth another look' : null
}

/** Carries out an approved action and notes how it ended. Killed in between, it is carried out again: adapters allow for that. */
export function executeResponse(desk: Desk, id: string, by: By): Promise<ResponseAction> {
  return alone(desk, id, () => execute(desk, id, by))
}

async function execute(desk: Desk, id: string, by: By): Promise<ResponseAction> {
  const response = await findResponse(desk.state, id)
  if (response.status !== 'approved')
    throw new KeyhoundError('conflict', `response ${id} is ${response.status}, not approved`)
  const undoAt = undoTime(response, desk)
  const outcome = await attempt(response, desk, adapter => adapter.execute(requestOf(response, undoAt)))
  if (outcome.ok) {
    const detail = { ...outcome.detail, ...CLEARED }
    return moveResponse(desk.state, id, { to: 'executed', detail, expiresAt: undoAt }, by)
  }
  return moveResponse(desk.state, id, { to: 'failed', detail: failureOf(response, 'execute', outcome) }, by)
}

/** Takes an executed action back, because. Throws `conflict` where that cannot be. */
export function undoResponse(desk: Desk, id: string, because: string, by: By): Promise<ResponseAction> {
  return alone(desk, id, () => undo(desk, id, because, by))
}

async function undo(desk: Desk, id: string, because: string, by: By): Promise<ResponseAction> {
  const response = await findResponse(desk.state, id)
  const isOpen =
    response.status === 'executed' || (response.status === 'failed' && response.detail.failedIn === 'undo')
  if (!isOpen) {
    throw new KeyhoundError('conflict', `response ${id} is ${response.status}; only executed ones are undone`)
  }
  if (!canUndo(response, desk.config)) {
    throw new KeyhoundError(
      'conflict',
      `response ${id}: ${response.action} by ${response.adapter} is for good`,
    )
  }
  const outcome = await attempt(
    response,
    desk,
    adapter =>
      adapter.undo?.(requestOf(response, null), response.detail) ?? Promise.resolve(refused('cannot undo')),
  )
  if (outcome.ok) {
    const detail = { ...outcome.detail, ...CLEARED, because }
    return moveResponse(desk.state, id, { to: 'undone', detail, expiresAt: null }, by)
  }
  const detail = failureOf(response, 'undo', outcome)
  // One that failed already stays as it is, with why.
  if (response.status === 'failed') return response
  return moveResponse(desk.state, id, { to: 'failed', detail }, by)
}

/** One process at a time turns to the outside for a response; throws `conflict` while another does. */
async function alone<T>({ state, outside }: Desk, id: string, work: () => Promise<T>): Promise<T> {
  const wanted = { name: `response:${id}`, purpose: 'respond', since: outside.clock(), ms: LEASE_MS }
  const claim = await claimLease(state, wanted)
  if (!('lease' in claim))
    throw new KeyhoundError('conflict', `response ${id} is being carried out by another process`)
  try {
    return await work()
  } finally {
    await releaseLease(state, claim.lease)
  }
}

/** Whether an action can be taken back by the adapter that the configuration has for it. */
export function canUndo({ adapter: name, action }: ResponseAction, { adapters }: Config): boolean {
  const adapter = adapters.find(one => one.name === name)
  return adapter !== undefined && UNDOABLE[adapter.kind].includes(action as Action)
}

/** What a success leaves of earlier failures. */
const CLEARED = { error: null, failedIn: null, isFinal: null }

function failureOf(
  { detail }: ResponseAction,
  failedIn: 'execute' | 'undo',
  { error, isFinal }: Extract<ActionOutcome, { ok: false }>,
) {
  return { error, failedIn, isFinal, failures: Number(detail.failures ?? 0) + 1 }
}

/** A restriction ends by itself; everything else stays. */
function undoTime({ playbook, action }: ResponseAction, { config, outside }: Desk): Date | null {
  const hours = config.playbooks.find(one => one.name === playbook)?.restrictHours
  return action === 'restrict' && hours ? new Date(outside.clock().getTime() + hours * HOUR_MS) : null
}

async function attempt(
  { adapter: name }: ResponseAction,
  { config, outside }: Desk,
  use: (adapter: Adapter) => Promise<ActionOutcome>,
): Promise<ActionOutcome> {
  const adapter = config.adapters.find(one => one.name === name)
  if (adapter === undefined) return refused(`the configuration has no adapter "${name}" any more`)
  try {
    return await use(openAdapter(adapter, outside))
  } catch (error) {
    return refused(messageOf(error), false)
  }
}

function requestOf({ id, action, playbook, detail }: ResponseAction, undoAt: Date | null): ActionRequest {
  return { id, action: action as Action, playbook, alert: briefOf(detail.alert as StoredBrief), undoAt }
}

async function findResponse(state: State, id: string): Promise<ResponseAction> {
  const response = await getResponse(state, id)
  if (response !== null) return response
  throw new KeyhoundError('not-found', `there is no response ${id}; \`keyhound respond list\` shows them`)
}
