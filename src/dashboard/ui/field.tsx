import type {
  InputHTMLAttributes,
  PartialInputHTMLAttributes,
  PartialSelectHTMLAttributes,
  TextareaHTMLAttributes,
} from 'preact'
import { useId } from 'preact/hooks'

interface Described {
  readonly label: string
  readonly hint?: string
  /** What is wrong with it. */
  readonly wrong?: string | null
}

type Props<T> = Described & Omit<T, 'class' | 'label' | 'id' | 'role' | 'type'>

function Frame({ label, hint, wrong, id, children }: Described & { id: string; children: preact.VNode }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {wrong != null && (
        <span class="wrong" role="alert" id={`${id}-wrong`}>
          {wrong}
        </span>
      )}
    </div>
  )
}

const describedBy = (id: string, { hint, wrong }: Described) =>
  [hint !== undefined && `${id}-hint`, wrong != null && `${id}-wrong`].filter(Boolean).join(' ') || undefined

interface FieldProps extends Props<PartialInputHTMLAttributes<HTMLInputElement>> {
  readonly type?: 'text' | 'password' | 'search' | 'number' | 'date'
}

/** A labelled input. */
export function Field({ label, hint, wrong, type = 'text', ...rest }: FieldProps) {
  const id = useId()
  const described = { label, hint, wrong }
  return (
    <Frame {...described} id={id}>
      <input
        {...({ ...rest, type } as InputHTMLAttributes<HTMLInputElement>)}
        id={id}
        class="input"
        aria-invalid={wrong != null}
        aria-describedby={describedBy(id, described)}
      />
    </Frame>
  )
}

/** A labelled text of several lines. */
export function TextField({
  label,
  hint,
  wrong,
  ...rest
}: Props<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  const id = useId()
  const described = { label, hint, wrong }
  return (
    <Frame {...described} id={id}>
      <textarea
        rows={3}
        {...rest}
        id={id}
        class="input"
        aria-invalid={wrong != null}
        aria-describedby={describedBy(id, described)}
      />
    </Frame>
  )
}

interface ChoiceProps extends Props<PartialSelectHTMLAttributes<HTMLSelectElement>> {
  /** Values with their words. */
  readonly options: readonly (readonly [value: string, text: string])[]
}

/** A labelled choice of one. */
export function Choice({ label, hint, wrong, options, value, ...rest }: ChoiceProps) {
  const id = useId()
  const described = { label, hint, wrong }
  return (
    <Frame {...described} id={id}>
      <select {...rest} value={value} id={id} class="input" aria-describedby={describedBy(id, described)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </Frame>
  )
}
