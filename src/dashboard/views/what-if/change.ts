import type { Row } from '../../lib/api.ts'

export type Change = Row<'Change'>

/** What can be moved, in the words of the page. */
export const KINDS = [
  ['budget', 'Alert budget'],
  ['risk', 'Least risk of an alert'],
  ['suppress', 'Add a suppression'],
  ['unsuppress', 'End a suppression'],
  ['features', 'Leave features out'],
  ['model', 'Another model'],
  ['retrain', 'Train the model anew'],
  ['entity', 'Look at principals, not tokens'],
] as const
export type Kind = (typeof KINDS)[number][0]

/** What is filled in; each kind reads its own. */
export interface Draft {
  readonly kind: Kind
  readonly budget: string
  readonly risk: string
  readonly scope: Readonly<Record<ScopeField, string>>
  readonly because: string
  readonly suppressionId: string
  readonly groups: readonly string[]
  readonly model: string
}

export const SCOPE_FIELDS = [
  ['tenantId', 'Tenant'],
  ['principalId', 'Principal'],
  ['tokenId', 'Token id'],
  ['operation', 'Operation'],
  ['reasonCode', 'Reason code'],
] as const
export type ScopeField = (typeof SCOPE_FIELDS)[number][0]

export const EMPTY_DRAFT: Draft = {
  kind: 'budget',
  budget: '',
  risk: '50',
  scope: { tenantId: '', principalId: '', tokenId: '', operation: '', reasonCode: '' },
  because: '',
  suppressionId: '',
  groups: [],
  model: '',
}

/** The change that a draft says; null while something that it takes is missing. */
export function changeOf(draft: Draft): Change | null {
  switch (draft.kind) {
    case 'budget':
      return Number(draft.budget) > 0 ? { budget: Number(draft.budget) } : null
    case 'risk':
      return { riskThreshold: Number(draft.risk) }
    case 'suppress': {
      const scope = Object.fromEntries(
        Object.entries(draft.scope)
          .map(([field, value]) => [field, value.trim()] as const)
          .filter(([, value]) => value !== ''),
      )
      const because = draft.because.trim()
      const isWhole = Object.keys(scope).length > 0 && because !== ''
      return isWhole ? { suppressions: { add: [{ ...scope, because }] } } : null
    }
    case 'unsuppress':
      return draft.suppressionId === '' ? null : { suppressions: { remove: [Number(draft.suppressionId)] } }
    case 'features':
      return draft.groups.length === 0 ? null : { features: { leaveOut: [...draft.groups] } }
    case 'model':
      return draft.model === '' ? null : { model: draft.model }
    case 'retrain':
      return { retrain: true }
    case 'entity':
      return { entity: 'principal' }
  }
}

/** A change in a sentence. */
export function describeChange(change: Change): string {
  const parts = [
    change.budget !== undefined && `an alert budget of ${change.budget} a day`,
    change.riskThreshold !== undefined && `alerts from risk ${change.riskThreshold} on`,
    change.scoreThreshold !== undefined && `alerts from score ${change.scoreThreshold} on`,
    ...(change.suppressions?.add ?? []).map(({ because, ...scope }) => {
      const said = SCOPE_FIELDS.filter(([field]) => scope[field] !== undefined).map(
        ([field, name]) => `${name.toLowerCase()} ${scope[field]}`,
      )
      return `${said.join(', ')} suppressed: ${because}`
    }),
    ...(change.suppressions?.remove ?? []).map(id => `suppression ${id} ended`),
    change.features !== undefined && `without ${change.features.leaveOut.join(', ')}`,
    change.model !== undefined && `the model ${change.model}`,
    change.retrain === true && 'the model trained anew',
    change.entity !== undefined && `by ${change.entity}`,
    change.config !== undefined && 'another configuration',
  ]
  return parts.filter(Boolean).join('; ')
}
