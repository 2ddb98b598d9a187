import { api, ask, type Row } from '../../lib/api.ts'
import { useResource } from '../../lib/resource.ts'

export type Listing = Row<'ModelListing'>
export type Evaluation = Row<'ModelEvaluation'>

/** What is known of one version beyond the list. */
export interface Version {
  readonly model: string
  readonly manifest: Row<'Manifest'>
  readonly evaluation: { readonly found: Evaluation | null; readonly missing: string | null }
}

/** The versions that are looked at, in their order. */
export function useVersions(models: readonly string[]) {
  return useResource(
    () =>
      Promise.all(
        models.map(async (model): Promise<Version> => {
          const params = { path: { model } }
          const [manifest, evaluation] = await Promise.all([
            ask(api.GET('/v1/models/{model}', { params })),
            ask(api.GET('/v1/models/{model}/evaluation', { params })),
          ])
          return { model, manifest, evaluation }
        }),
      ),
    models.join(),
    ['models'],
  )
}

export function useDrift(model: string) {
  const params = { path: { model } }
  return useResource(() => ask(api.GET('/v1/models/{model}/drift', { params })), model, ['scores', 'models'])
}

export function usePromotions(model: string) {
  const params = { path: { model } }
  return useResource(() => ask(api.GET('/v1/models/{model}/promotions', { params })), model, ['models'])
}

/** Colours of the versions that are compared, in their order. */
export const COLOURS = ['var(--series-1)', 'var(--series-2)'] as const
