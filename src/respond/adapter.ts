import type { Action } from '../schema/playbooks.ts'
import type { AlertBrief } from './brief.ts'

/** What an adapter is to do. */
export interface ActionRequest {
  /** Idempotency key: the same at every attempt. */
  readonly id: string
  readonly action: Action
  readonly playbook: string
  readonly alert: AlertBrief
  /** When it will be undone by itself, null: not. */
  readonly undoAt: Date | null
}

/** What came of it; `detail` is kept, shown and given to undoing, so it holds no secret. */
export type ActionOutcome =
  | { readonly ok: true; readonly detail: Readonly<Record<string, string | number>> }
  | { readonly ok: false; readonly error: string; readonly isFinal: boolean }

/** Carries out actions at a provider. Doing the same twice must do no more than doing it once. */
export interface Adapter {
  execute(request: ActionRequest): Promise<ActionOutcome>
  /** Takes an executed action back; `detail` is what executing answered. */
  undo?(request: ActionRequest, detail: Readonly<Record<string, unknown>>): Promise<ActionOutcome>
}

export function refused(error: string, isFinal = true): ActionOutcome {
  return { ok: false, error, isFinal }
}
