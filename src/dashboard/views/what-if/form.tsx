import { FEATURE_GROUPS } from '../../../schema/features.ts'
import { api, ask } from '../../lib/api.ts'
import { useResource } from '../../lib/resource.ts'
import { Choice, Field } from '../../ui/field.tsx'
import { type Draft, KINDS, type Kind, SCOPE_FIELDS } from './change.ts'

interface FormProps {
  readonly draft: Draft
  readonly onChange: (changed: Partial<Draft>) => void
}

const HINTS: Readonly<Record<Kind, string>> = {
  budget: 'How many alerts a day the team can take; the threshold follows from it.',
  risk: 'On the scale of the present budget: 50 changes nothing, more shows fewer alerts.',
  suppress: 'Every field that is filled in must match.',
  unsuppress: 'What it holds back would be shown again.',
  features: 'They count as unknown, which shows what the alerts owe to them.',
  model: 'The stored hours are scored by another version.',
  retrain: 'On the period and with the settings that it was trained on; takes a while.',
  entity: 'Activity, features and a model are built anew, aside; takes a while.',
}

/** What is to be tried. */
export function ChangeForm({ draft, onChange }: FormProps) {
  return (
    <>
      <Choice
        label="What to move"
        options={KINDS}
        value={draft.kind}
        hint={HINTS[draft.kind]}
        onChange={event => onChange({ kind: event.currentTarget.value as Kind })}
      />
      <Fields draft={draft} onChange={onChange} />
    </>
  )
}

function Fields({ draft, onChange }: FormProps) {
  switch (draft.kind) {
    case 'budget':
      return <BudgetField draft={draft} onChange={onChange} />
    case 'risk':
      return (
        <Field
          label="Least risk of an alert"
          type="number"
          min={1}
          max={99}
          required
          value={draft.risk}
          onInput={event => onChange({ risk: event.currentTarget.value })}
        />
      )
    case 'suppress':
      return (
        <>
          {SCOPE_FIELDS.map(([field, label]) => (
            <Field
              key={field}
              label={label}
              value={draft.scope[field]}
              onInput={event => onChange({ scope: { ...draft.scope, [field]: event.currentTarget.value } })}
            />
          ))}
          <Field
            label="Why it is benign"
            required
            value={draft.because}
            onInput={event => onChange({ because: event.currentTarget.value })}
          />
        </>
      )
    case 'unsuppress':
      return <SuppressionField draft={draft} onChange={onChange} />
    case 'features':
      return (
        <fieldset class="field groups">
          <legend>Groups of features</legend>
          {FEATURE_GROUPS.map(group => (
            <label key={group}>
              <input
                type="checkbox"
                checked={draft.groups.includes(group)}
                onChange={() =>
                  onChange({
                    groups: draft.groups.includes(group)
                      ? draft.groups.filter(one => one !== group)
                      : [...draft.groups, group],
                  })
                }
              />{' '}
              {group}
            </label>
          ))}
        </fieldset>
      )
    case 'model':
      return <ModelField draft={draft} onChange={onChange} />
    default:
      return null
  }
}

function BudgetField({ draft, onChange }: FormProps) {
  const figures = useResource(() => ask(api.GET('/v1/queue')), '')
  const now = figures.data?.budgetPerDay
  return (
    <Field
      label="Alerts a day"
      type="number"
      min={0.1}
      step="any"
      required
      hint={now == null ? undefined : `The newest day was scored for ${now} a day.`}
      value={draft.budget}
      onInput={event => onChange({ budget: event.currentTarget.value })}
    />
  )
}

function SuppressionField({ draft, onChange }: FormProps) {
  const found = useResource(
    () => ask(api.GET('/v1/suppressions', { params: { query: { limit: 200 } } })),
    '',
    ['desk'],
  )
  const now = Date.now()
  const inForce = (found.data?.items ?? []).filter(one => Date.parse(one.expiresAt) > now)
  return (
    <Choice
      label="Suppression"
      required
      value={draft.suppressionId}
      hint={inForce.length === 0 && found.data !== null ? 'None is in force.' : undefined}
      options={[
        ['', 'choose one'],
        ...inForce.map(
          one =>
            [
              String(one.suppressionId),
              `${one.suppressionId}: ${one.because} (${one.hits} held back)`,
            ] as const,
        ),
      ]}
      onChange={event => onChange({ suppressionId: event.currentTarget.value })}
    />
  )
}

function ModelField({ draft, onChange }: FormProps) {
  const found = useResource(() => ask(api.GET('/v1/models', { params: { query: { limit: 200 } } })), '', [
    'models',
  ])
  return (
    <Choice
      label="Model"
      required
      value={draft.model}
      options={[
        ['', 'choose one'],
        ...(found.data?.items ?? []).map(
          one => [one.model, one.isUsed ? `${one.model} (in use)` : one.model] as const,
        ),
      ]}
      onChange={event => onChange({ model: event.currentTarget.value })}
    />
  )
}
