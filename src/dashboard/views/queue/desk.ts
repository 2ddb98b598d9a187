import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { type ApiError, api, ask, askAll } from '../../lib/api.ts'
import { lookForChanges } from '../../lib/live.ts'
import { type Resource, useResource } from '../../lib/resource.ts'
import { verdictText } from '../../ui/badge.tsx'
import { say } from '../../ui/toast.tsx'
import type { Alert, Filter } from './filter.ts'

/** Alerts listed at most; a queue that is longer is nobody's queue. */
const MOST = 1000
const PAGE = 500

export type Verdict = NonNullable<Alert['verdict']>['verdict']

/** What a suppression is to match, and for how long. */
export interface SuppressionWish {
  readonly scope: { tenantId: string; tokenId?: string; principalId?: string; reasonCode?: string }
  readonly because: string
  readonly days: number
  /** Also judge the alert at hand a benign trigger. */
  readonly isJudged: boolean
}

/** The alerts of a filter, and what can be done to them. */
export interface Desk {
  readonly listed: Resource<Alert[]>
  /** As the API has them, with the changes that are on their way. */
  readonly alerts: readonly Alert[]
  judge(alert: Alert, verdict: Verdict): Promise<void>
  takeUp(alert: Alert): Promise<void>
  assign(alert: Alert, assignee: string | null): Promise<void>
  note(alert: Alert, note: string): Promise<void>
  suppress(alert: Alert, wish: SuppressionWish): Promise<void>
  /** Undoes the last change that this person made, answered or not; again: the one before it. */
  undo(): Promise<void>
}

/** A change that can be undone, in the order in which the person made them. */
interface Done {
  /** Whether the server has made the change, once it answers. */
  readonly answer: Promise<boolean>
  readonly undo: (() => Promise<unknown>) | undefined
  readonly undone: string
}

/** A change that is on its way: what it makes of the alert, or that it leaves the list. */
type Pending = Partial<Alert> | 'leaves'

/**
 * Changes are shown at once and sent; one that is refused is taken back, and said. A pending change is forgotten when the list was read
 * again after it was answered, so nothing flickers in between.
 */
export function useDesk({ status, severity, tenantId }: Filter): Desk {
  const listed = useResource(
    () =>
      askAll<Alert>(
        cursor =>
          api.GET('/v1/alerts', {
            params: { query: { status, severity, limit: PAGE, cursor, tenantId: tenantId || undefined } },
          }),
        MOST,
      ),
    [status, severity, tenantId].join(),
    ['alerts', 'desk'],
  )
  const pending = useSignal<ReadonlyMap<string, Pending>>(new Map())
  const done = useRef<Done[]>([])

  const mark = (alertId: string, change: Pending | null) => {
    const next = new Map(pending.value)
    if (change === null) next.delete(alertId)
    else next.set(alertId, change)
    pending.value = next
  }
  const act = async (
    alert: Alert,
    change: Pending,
    send: () => Promise<unknown>,
    { text, undo, undone = 'Undone' }: { text: string; undo?: () => Promise<unknown>; undone?: string },
  ) => {
    mark(alert.alertId, change)
    const answer = send()
    const action: Done = {
      answer: answer.then(
        () => true,
        () => false,
      ),
      undo,
      undone,
    }
    if (undo !== undefined) done.current.push(action)
    try {
      await answer
    } catch (error) {
      forget(action)
      mark(alert.alertId, null)
      say(`${alert.title}: ${(error as ApiError).message}`, { tone: 'bad' })
      return
    }
    say(text, undo && { undo: () => void takeBack(action) })
    await readAnew()
    mark(alert.alertId, null)
  }
  const forget = (action: Done) => {
    const had = done.current.includes(action)
    done.current = done.current.filter(one => one !== action)
    return had
  }
  /** Waits for the change itself first: a slow server must not make an earlier change the last one. */
  const takeBack = async (action: Done) => {
    if (!forget(action) || !(await action.answer)) return
    try {
      await action.undo!()
      say(action.undone)
    } catch (error) {
      say(`Not undone: ${(error as ApiError).message}`, { tone: 'bad' })
    }
    await readAnew()
  }
  /** The list of after now, and the figures that hang on the same mark. */
  const readAnew = async () => {
    const now = performance.now()
    await lookForChanges()
    await listed.reload(now)
  }

  const path = (alert: Alert) => ({ params: { path: { alertId: alert.alertId } } })
  const change = (
    alert: Alert,
    body: { status?: 'new' | 'acknowledged'; assignee?: string | null; note?: string },
  ) => ask(api.PATCH('/v1/alerts/{alertId}', { ...path(alert), body }))
  const giveVerdict = (alert: Alert, verdict: Verdict) =>
    ask(api.POST('/v1/alerts/{alertId}/verdict', { ...path(alert), body: { verdict } }))
  const withdraw = (alert: Alert) => ask(api.DELETE('/v1/alerts/{alertId}/verdict', path(alert)))
  const closed: Pending = ['open', 'acknowledged'].includes(status) ? 'leaves' : { status: 'closed' }
  const withdrawn = 'Verdict withdrawn'

  return {
    listed,
    alerts: (listed.data ?? []).flatMap(alert => {
      const change = pending.value.get(alert.alertId)
      return change === 'leaves' ? [] : [{ ...alert, ...change }]
    }),
    judge: (alert, verdict) =>
      act(alert, closed, () => giveVerdict(alert, verdict), {
        text: `Judged ${verdictText(verdict)}: ${alert.title}`,
        undo: () => withdraw(alert),
        undone: `${withdrawn}: ${alert.title}`,
      }),
    takeUp: alert =>
      act(alert, { status: 'acknowledged' }, () => change(alert, { status: 'acknowledged' }), {
        text: `Taken up: ${alert.title}`,
      }),
    assign: (alert, assignee) =>
      act(alert, { assignee }, () => change(alert, { assignee }), {
        text: assignee === null ? 'Nobody has it now' : `${assignee} has it now`,
        undo: () => change(alert, { assignee: alert.assignee }),
      }),
    note: (alert, note) => act(alert, { note }, () => change(alert, { note }), { text: 'Noted' }),
    suppress: (alert, { scope, because, days, isJudged }) => {
      let suppressionId: number
      return act(
        alert,
        isJudged ? closed : {},
        async () => {
          const made = await ask(api.POST('/v1/suppressions', { body: { ...scope, because, days } }))
          suppressionId = made.suppressionId
          if (isJudged) await giveVerdict(alert, 'benign_trigger')
        },
        {
          text: `Held back for ${days} days, from the next scoring on`,
          undo: async () => {
            await ask(api.DELETE('/v1/suppressions/{suppressionId}', { params: { path: { suppressionId } } }))
            if (isJudged) await withdraw(alert)
          },
          undone: isJudged ? `Suppression ended. ${withdrawn}` : 'Suppression ended',
        },
      )
    },
    async undo() {
      const last = done.current.at(-1)
      if (last === undefined) say('Nothing to undo')
      else await takeBack(last)
    },
  }
}
