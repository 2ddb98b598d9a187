import { useSignal } from '@preact/signals'
import { wordsOf } from '../../lib/facts.ts'
import { shortId } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Choice, Field, TextField } from '../../ui/field.tsx'
import type { SuppressionWish } from './desk.ts'
import type { Alert } from './filter.ts'

interface DialogProps<T> {
  readonly alert: Alert
  readonly onClose: () => void
  readonly onDone: (wish: T) => void
}

const MOST_DAYS = 365
/** What the configuration takes when nothing is said (alerts.suppressionDays). */
const USUAL_DAYS = 30

/** What to hold back, why, and for how long. */
export function SuppressDialog({ alert, onClose, onDone }: DialogProps<SuppressionWish>) {
  const { tenantId, tokenId, principalId } = alert
  const reasonCode = alert.reasons[0]?.code
  const scopes: [string, string, SuppressionWish['scope']][] = [
    ...(reasonCode === undefined
      ? []
      : ([
          [
            'token-reason',
            `this token, when the chief reason is "${wordsOf(reasonCode)}"`,
            { tenantId, tokenId, reasonCode },
          ],
          [
            'principal-reason',
            `every token of ${shortId(principalId)}, for the same reason`,
            { tenantId, principalId, reasonCode },
          ],
        ] as [string, string, SuppressionWish['scope']][])),
    ['token', 'this token, whatever the reason', { tenantId, tokenId }],
  ]
  const scope = useSignal(scopes[0]![0])
  const because = useSignal('')
  const days = useSignal(USUAL_DAYS)
  const isJudged = useSignal(true)
  return (
    <Dialog title="Hold back alerts like this one" onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault()
          onDone({
            scope: scopes.find(([id]) => id === scope.value)![2],
            because: because.value.trim(),
            days: days.value,
            isJudged: isJudged.value,
          })
        }}
      >
        <Choice
          label="What"
          options={scopes.map(([id, text]) => [id, text])}
          value={scope.value}
          onChange={event => {
            scope.value = event.currentTarget.value
          }}
        />
        <TextField
          label="Why it is benign"
          hint="Whoever finds it next year will ask."
          autoFocus
          required
          maxLength={4000}
          value={because.value}
          onInput={event => {
            because.value = event.currentTarget.value
          }}
        />
        <Field
          label="For how many days"
          hint={`1 to ${MOST_DAYS}; then alerts come back by themselves`}
          type="number"
          min={1}
          max={MOST_DAYS}
          required
          value={days.value}
          onInput={event => {
            days.value = Number(event.currentTarget.value)
          }}
        />
        <label class="row">
          <input
            type="checkbox"
            checked={isJudged.value}
            onChange={event => {
              isJudged.value = event.currentTarget.checked
            }}
          />
          Also judge this alert: benign trigger
        </label>
        <div class="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit">
            Hold back
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** A note to the alert, in place of the one before. */
export function NoteDialog({ alert, onClose, onDone }: DialogProps<string>) {
  const note = useSignal(alert.note ?? '')
  return (
    <Dialog title="Note" onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault()
          onDone(note.value.trim())
        }}
      >
        <TextField
          label="For whoever looks next"
          required
          maxLength={4000}
          value={note.value}
          onInput={event => {
            note.value = event.currentTarget.value
          }}
        />
        <div class="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit">
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Whose the alert is. */
export function AssignDialog({ alert, onClose, onDone }: DialogProps<string | null>) {
  const who = useSignal(alert.assignee ?? '')
  return (
    <Dialog title="Assign" onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault()
          onDone(who.value.trim() || null)
        }}
      >
        <Field
          label="Who looks into it"
          hint="empty: nobody"
          maxLength={200}
          value={who.value}
          onInput={event => {
            who.value = event.currentTarget.value
          }}
        />
        <div class="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit">
            Assign
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

const KEYS: readonly (readonly [string, string])[] = [
  ['j  ↓', 'next alert'],
  ['k  ↑', 'previous alert'],
  ['↵', "the token's story"],
  ['1', 'true positive: misuse'],
  ['2', 'false positive: nothing unusual happened'],
  ['3', 'benign trigger: unusual indeed, and fine'],
  ['4', 'duplicate of another alert'],
  ['s', 'suppress: hold back alerts like it, for a time'],
  ['n', 'note'],
  ['a', 'take up: you look into it'],
  ['A', 'assign to somebody'],
  ['u', 'undo the last change'],
  ['/', 'search'],
  ['g q', 'go to the queue; g and another letter to other views'],
]

/** Every key of the queue. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, text]) => (
          <div key={keys}>
            <dt>
              {keys.split(/ +/).map(key => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <div class="actions">
        <Button kind="primary" onClick={onClose}>
          Close
        </Button>
      </div>
    </Dialog>
  )
}
