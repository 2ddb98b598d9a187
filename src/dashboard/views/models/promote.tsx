import { useSignal } from '@preact/signals'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'

interface PromoteProps {
  readonly model: string
  readonly champion: string
  readonly onClose: () => void
  /** With a reason, the gate is overruled. */
  readonly onPromote: (because: string | null) => void
}

/** Asks how a version is to be promoted: through the gate, or over it with a reason that is kept. */
export function PromoteDialog({ model, champion, onClose, onPromote }: PromoteProps) {
  const because = useSignal('')
  const reason = because.value.trim()
  return (
    <Dialog title={`Use ${model} from now on`} onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault()
          onPromote(reason === '' ? null : reason)
        }}
      >
        <p>
          It is compared with {champion} over the stored hours first; where a rule of the gate fails, nothing
          changes. Who decided, when and why is kept.
        </p>
        <Field
          label="Overrule the gate because"
          hint="Leave it empty to go through the gate."
          value={because.value}
          onInput={event => {
            because.value = event.currentTarget.value
          }}
        />
        <div class="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind={reason === '' ? 'primary' : 'danger'} type="submit">
            {reason === '' ? 'Promote if the gate passes' : 'Promote without the gate'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
