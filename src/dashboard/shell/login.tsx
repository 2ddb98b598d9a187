import { useSignal } from '@preact/signals'
import icon from '../icon.svg?url'
import type { ApiError } from '../lib/api.ts'
import { logIn } from '../lib/session.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'

/** Asks for an API key. */
export function Login() {
  const key = useSignal('')
  const wrong = useSignal<string | null>(null)
  const isBusy = useSignal(false)
  const submit = async (event: Event) => {
    event.preventDefault()
    isBusy.value = true
    wrong.value = null
    try {
      await logIn(key.value)
    } catch (error) {
      wrong.value = (error as ApiError).message
      isBusy.value = false
    }
  }
  return (
    <main class="login">
      <form class="card" onSubmit={submit}>
        <span class="brand">
          <img src={icon} alt="" />
          Keyhound
        </span>
        <h1>Log in</h1>
        <Field
          label="API key"
          type="password"
          autoComplete="current-password"
          spellcheck={false}
          required
          autoFocus
          value={key.value}
          wrong={wrong.value}
          hint="Made by whoever runs the server: keyhound keys create"
          onInput={event => {
            key.value = event.currentTarget.value
          }}
        />
        <Button kind="primary" type="submit" disabled={isBusy.value}>
          {isBusy.value ? 'Checking…' : 'Log in'}
        </Button>
      </form>
    </main>
  )
}
