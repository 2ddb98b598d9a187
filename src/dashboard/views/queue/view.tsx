import './queue.css'
import { signal, useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { alertAddress, tokenAddress } from '../../lib/addresses.ts'
import { api, ask } from '../../lib/api.ts'
import { useKeys } from '../../lib/keys.ts'
import { useResource } from '../../lib/resource.ts'
import { mayTriage } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState, Loaded } from '../../ui/states.tsx'
import { say } from '../../ui/toast.tsx'
import { useDesk, type Verdict } from './desk.ts'
import { AlertDetail, VERDICT_KEYS } from './detail.tsx'
import { AssignDialog, HelpDialog, NoteDialog, SuppressDialog } from './dialogs.tsx'
import { QueueFigures } from './figures.tsx'
import { type Alert, arrange, type Filter, OPEN_QUEUE } from './filter.ts'
import { FilterBar } from './filter-bar.tsx'
import { AlertList } from './list.tsx'

/** Kept while other views are looked at: who comes back goes on where they were. */
const filter = signal<Filter>(OPEN_QUEUE)

type Open = 'suppress' | 'note' | 'assign' | 'help' | null

/** Triage: the alerts of the budget, one after the other, by keyboard. */
export default function Queue() {
  const { query, route } = useLocation()
  const open = useSignal<Open>(null)
  const search = useRef<HTMLInputElement>(null)
  const desk = useDesk(filter.value)
  const figures = useResource(() => ask(api.GET('/v1/queue')), '', ['alerts', 'desk', 'scores', 'models'])
  const alerts = arrange(desk.alerts, filter.value)
  const asked = query.alert ?? null
  const linked = useLinked(asked, desk.listed.data)
  const at = alerts.findIndex(alert => alert.alertId === asked)
  const chosen = alerts[at] ?? linked ?? alerts[0] ?? null

  const choose = (alertId: string | null, isReplaced = true) => {
    route(alertId === null ? '/' : alertAddress(alertId), isReplaced)
  }
  /** Goes on before the alert leaves the list. */
  const goOn = (step: 1 | -1) => {
    const from = alerts.findIndex(alert => alert.alertId === chosen?.alertId)
    const next = alerts[from + step]
    if (next !== undefined) choose(next.alertId)
    return next
  }
  const withChosen = (act: (alert: Alert) => void) => () => {
    if (chosen === null) return
    if (mayTriage.value) act(chosen)
    else say('This key reads; it takes one of role analyst or admin', { tone: 'bad' })
  }
  const judge = (verdict: Verdict) =>
    withChosen(alert => {
      const isLeaving = ['open', 'acknowledged'].includes(filter.value.status)
      if (isLeaving && goOn(1) === undefined) goOn(-1)
      void desk.judge(alert, verdict)
    })
  const openDialog = (which: Open) => withChosen(() => (open.value = which))
  const close = () => {
    open.value = null
  }
  useKeys({
    j: () => void goOn(1),
    ArrowDown: () => void goOn(1),
    k: () => void goOn(-1),
    ArrowUp: () => void goOn(-1),
    Enter: () => chosen && route(tokenAddress(chosen)),
    ...Object.fromEntries(VERDICT_KEYS.map((verdict, i) => [String(i + 1), judge(verdict)])),
    s: openDialog('suppress'),
    n: openDialog('note'),
    A: openDialog('assign'),
    a: withChosen(alert => alert.status === 'new' && void desk.takeUp(alert)),
    u: () => void desk.undo(),
    '/': () => search.current?.focus(),
    '?': () => (open.value = 'help'),
  })

  return (
    <div class="view queue" data-open={asked !== null}>
      <div class="view-head">
        <h1>Queue</h1>
        <span class="grow" />
        <Button kind="quiet" shortcut="?" onClick={() => (open.value = 'help')}>
          Keys
        </Button>
      </div>
      <Loaded of={figures} what="figures">
        {data => <QueueFigures of={data} />}
      </Loaded>
      <FilterBar
        filter={filter.value}
        alerts={desk.alerts}
        shown={alerts.length}
        search={search}
        onChange={changed => {
          filter.value = { ...filter.value, ...changed }
        }}
      />
      <Loaded of={desk.listed} what="alerts">
        {() =>
          chosen === null ? (
            <div class="card">
              <Nothing filter={filter.value} isScored={figures.data?.day != null} />
            </div>
          ) : (
            <div class="queue-split">
              <p class="unseen" role="status">
                {chosen.severity}, risk {chosen.risk.toFixed(0)}: {chosen.title}
              </p>
              <AlertList
                alerts={alerts}
                order={filter.value.order}
                budgetPerDay={filter.value.status === 'open' ? (figures.data?.budgetPerDay ?? null) : null}
                chosen={chosen.alertId}
                onChoose={id => choose(id, asked !== null)}
              />
              <div class="queue-detail">
                <AlertDetail
                  alert={chosen}
                  onJudge={verdict => judge(verdict)()}
                  onTakeUp={withChosen(alert => void desk.takeUp(alert))}
                  onAssign={openDialog('assign')}
                  onNote={openDialog('note')}
                  onSuppress={openDialog('suppress')}
                  onBack={() => choose(null)}
                />
              </div>
            </div>
          )
        }
      </Loaded>
      {open.value === 'help' && <HelpDialog onClose={close} />}
      {chosen !== null && open.value === 'suppress' && (
        <SuppressDialog
          alert={chosen}
          onClose={close}
          onDone={wish => {
            close()
            if (wish.isJudged && goOn(1) === undefined) goOn(-1)
            void desk.suppress(chosen, wish)
          }}
        />
      )}
      {chosen !== null && open.value === 'note' && (
        <NoteDialog
          alert={chosen}
          onClose={close}
          onDone={note => {
            close()
            void desk.note(chosen, note)
          }}
        />
      )}
      {chosen !== null && open.value === 'assign' && (
        <AssignDialog
          alert={chosen}
          onClose={close}
          onDone={who => {
            close()
            void desk.assign(chosen, who)
          }}
        />
      )}
    </div>
  )
}

/** The alert that the address names, when the filter does not show it: closed, folded, beyond the list. */
function useLinked(asked: string | null, listed: readonly Alert[] | null): Alert | null {
  const isMissing = asked !== null && listed !== null && !listed.some(alert => alert.alertId === asked)
  const found = useResource(
    async () =>
      isMissing
        ? await ask(api.GET('/v1/alerts/{alertId}', { params: { path: { alertId: asked } } })).catch(
            () => null,
          )
        : null,
    isMissing ? asked : '',
    ['desk'],
  )
  return isMissing ? found.data : null
}

function Nothing({ filter, isScored }: { readonly filter: Filter; readonly isScored: boolean }) {
  if (!isScored) {
    return (
      <EmptyState title="Nothing is scored yet">
        <p>
          <code>keyhound ingest</code> brings logs, <code>keyhound train</code> learns what is usual in them,
          and <code>keyhound score</code> raises alerts. This page shows them by itself.
        </p>
      </EmptyState>
    )
  }
  const isWhole = filter.text === '' && filter.tenantId === '' && filter.severity === 'info'
  return isWhole && filter.status === 'open' ? (
    <EmptyState title="The queue is empty">
      <p>
        Every alert is judged, held back or folded. The next scoring may bring more; this page shows them by
        itself.
      </p>
    </EmptyState>
  ) : (
    <EmptyState title="No alert matches">
      <p>Widen the search, the severity or the status.</p>
    </EmptyState>
  )
}
