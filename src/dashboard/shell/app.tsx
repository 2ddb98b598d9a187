import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { ErrorBoundary } from 'preact-iso/lazy'
import { exec, LocationProvider, Route, Router, useLocation } from 'preact-iso/router'
import type { ApiError } from '../lib/api.ts'
import { loadSession, session } from '../lib/session.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx'
import { Toasts } from '../ui/toast.tsx'
import { Bar } from './bar.tsx'
import { Login } from './login.tsx'
import { Navigation } from './navigation.tsx'
import { VIEWS } from './views.ts'

/** The page: the login, or the bar, the navigation and the view of the address. */
export function App() {
  const failed = useSignal<ApiError | null>(null)
  const start = () => {
    failed.value = null
    loadSession().catch(error => {
      failed.value = error
    })
  }
  useEffect(start, [])
  if (failed.value !== null) return <ErrorState error={failed.value} onRetry={start} />
  if (session.value === null) return <Loading what="Keyhound" />
  if (session.value.who === null) return <Login />
  return (
    <LocationProvider>
      <Shell />
    </LocationProvider>
  )
}

function Shell() {
  const broken = useSignal<Error | null>(null)
  useArrival()
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <div class="shell">
        <Bar />
        <Navigation />
        <main class="main" id="main" tabIndex={-1}>
          <ErrorBoundary
            onError={error => {
              broken.value = error
            }}
          >
            {broken.value === null ? (
              <Router>
                {VIEWS.map(view => (
                  <Route key={view.path} path={view.path} component={view.component} />
                ))}
                <Route default component={Nowhere} />
              </Router>
            ) : (
              <EmptyState title="This view failed">
                <p>{broken.value.message}</p>
                <Button onClick={() => location.reload()}>Load it again</Button>
              </EmptyState>
            )}
          </ErrorBoundary>
        </main>
      </div>
      <Toasts />
    </>
  )
}

/** Arriving at a view: the window is named after it, it begins at its top, and the keyboard goes on from there. */
function useArrival(): void {
  const { path } = useLocation()
  const isFirst = useRef(true)
  useEffect(() => {
    const view = VIEWS.find(one => exec(path, one.path) !== undefined)
    document.title = view === undefined ? 'Keyhound' : `${view.title} · Keyhound`
    const main = document.getElementById('main')
    main?.scrollTo(0, 0)
    if (!isFirst.current) main?.focus({ preventScroll: true })
    isFirst.current = false
  }, [path])
}

function Nowhere() {
  return (
    <EmptyState title="There is no such view">
      <p>
        Nothing is at <code>{location.pathname}</code>.
      </p>
      <a href="/">Go to the queue</a>
    </EmptyState>
  )
}
