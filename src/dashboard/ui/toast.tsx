import { signal } from '@preact/signals'
import { Button } from './button.tsx'

interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'good' | 'bad'
  readonly undo?: () => void
}

/** Long enough to read and to undo, ms; what went wrong stays until it is dismissed. */
const SHOWN_MS = 6000

const toasts = signal<readonly Toast[]>([])
let lastId = 0

/** Says something in passing, in place of what was said before; what went wrong stays beside it. */
export function say(text: string, options: { tone?: Toast['tone']; undo?: () => void } = {}): void {
  const { tone = 'good', undo } = options
  const id = ++lastId
  toasts.value = [...toasts.value.filter(toast => toast.tone === 'bad').slice(-2), { id, text, tone, undo }]
  if (tone === 'good') setTimeout(() => dismiss(id), SHOWN_MS)
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter(toast => toast.id !== id)
}

/** Where toasts appear; once, in the shell. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(toast => (
        <div key={toast.id} class="toast" data-tone={toast.tone}>
          <span class="grow">{toast.text}</span>
          {toast.undo && (
            <Button
              kind="quiet"
              onClick={() => {
                dismiss(toast.id)
                toast.undo!()
              }}
            >
              Undo
            </Button>
          )}
          <Button kind="quiet" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
            ×
          </Button>
        </div>
      ))}
    </div>
  )
}
