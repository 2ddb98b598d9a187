import type { ButtonHTMLAttributes } from 'preact'

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'class'> {
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger'
  /** Key that does the same, shown beside the words. */
  readonly shortcut?: string
}

export function Button({ kind = 'plain', shortcut, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button {...rest} type={type} class="button" data-kind={kind}>
      {children}
      {shortcut !== undefined && <kbd>{shortcut}</kbd>}
    </button>
  )
}
