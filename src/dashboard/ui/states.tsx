import type { ComponentChildren } from 'preact'
import type { ApiError } from '../lib/api.ts'
import type { Resource } from '../lib/resource.ts'
import { Button } from './button.tsx'

/** Something is on its way. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <div class="state" role="status">
      <span class="spinner" aria-hidden="true" />
      <span>Loading {what}…</span>
    </div>
  )
}

/** There is nothing, which may be good news; say what would bring something. */
export function EmptyState({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ComponentChildren
}) {
  return (
    <div class="state">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

interface ErrorStateProps {
  readonly error: ApiError
  readonly onRetry?: () => void
}

const TITLES: Readonly<Record<number, string>> = {
  0: 'No connection',
  403: 'Not with this key',
  404: 'Not found',
  429: 'Too many requests',
}

/** It went wrong: what, in the API's own words, and what to do. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  return (
    <div class="state" role="alert">
      <h2>{TITLES[error.status] ?? 'That did not work'}</h2>
      <p>{error.message}</p>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}

interface LoadedProps<T> {
  readonly of: Resource<T>
  /** What is loading: "alerts". */
  readonly what: string
  readonly children: (data: T) => ComponentChildren
}

/** Shows data once it is there, and until then what is going on. Data that was there stays when reading again fails. */
export function Loaded<T>({ of, what, children }: LoadedProps<T>) {
  if (of.data !== null) return <>{children(of.data)}</>
  if (of.error !== null && !of.isLoading)
    return <ErrorState error={of.error} onRetry={() => void of.reload()} />
  return <Loading what={what} />
}
