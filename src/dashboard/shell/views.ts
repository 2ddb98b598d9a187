import type { AnyComponent } from 'preact'
import lazy from 'preact-iso/lazy'
import { ROUTES, type Route } from '../routes.ts'

const FOLDERS = import.meta.glob<{ default: AnyComponent }>('../views/*/view.tsx')

/** A route with its component, which comes when it is first gone to. */
export interface LoadedRoute extends Route {
  readonly component: AnyComponent
}

export const VIEWS: readonly LoadedRoute[] = ROUTES.map(route => {
  const load = FOLDERS[`../views/${route.folder}/view.tsx`]
  if (load === undefined) throw new Error(`routes.ts names views/${route.folder}, which has no view.tsx`)
  return { ...route, component: lazy(load) as unknown as AnyComponent }
})
