import { KeyhoundError } from '../lib/errors.ts'
import type { Workspace } from '../sql/workspace.ts'
import { findContent, loadModel, type Model, showModel } from './models.ts'
import type { Provenance } from './provenance.ts'

/**
 * The model that made stored scores, by its content id, whatever it is called today. Throws 'not-found' when no model of the
 * workspace has that content: another one under the same name would tell another story. Without its filter where that was not applied.
 */
export async function loadRecorded(
  workspace: Workspace,
  { model, contentId, isFiltered }: Provenance,
): Promise<Model> {
  const reference = hasContent(workspace, model, contentId) ? model : findContent(workspace, contentId)
  if (reference !== null) {
    const loaded = await loadModel(workspace, reference)
    return isFiltered ? loaded : { ...loaded, filter: null }
  }
  throw new KeyhoundError(
    'not-found',
    `the model that made these scores, ${model} with content ${contentId.slice(0, 12)}, is not in ${workspace.models} any more. ` +
      'Restore its folder, train again on the same data (the same content comes out), or score the period anew',
  )
}

function hasContent(workspace: Workspace, reference: string, contentId: string): boolean {
  try {
    return showModel(workspace, reference).contentId === contentId
  } catch (error) {
    if (error instanceof KeyhoundError && error.code === 'not-found') return false
    throw error
  }
}
