import { useEffect } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { isTyping } from '../lib/keys.ts'
import { seesInstallation } from '../lib/session.ts'
import { ROUTES } from '../routes.ts'

/** After g, so long for the letter of a view, ms. */
const CHORD_MS = 1000

/** The views that the key may see; g and a letter goes to each. */
export function Navigation() {
  const { path, route } = useLocation()
  const shown = ROUTES.filter(
    ({ nav }) => nav !== undefined && (nav.isInstallation !== true || seesInstallation.value),
  )
  useEffect(() => {
    let since = Number.NEGATIVE_INFINITY
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return
      const wanted = shown.find(({ nav }) => nav!.key === event.key)
      if (wanted !== undefined && event.timeStamp - since < CHORD_MS) {
        event.preventDefault()
        event.stopImmediatePropagation()
        route(wanted.path)
      }
      since = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
    }
    // Before the keys of the view.
    document.addEventListener('keydown', press, { capture: true })
    return () => document.removeEventListener('keydown', press, { capture: true })
  }, [shown.length])
  return (
    <nav class="nav" aria-label="Views">
      <ul>
        {shown.map(({ path: target, title, nav }) => (
          <li key={target}>
            <a href={target} aria-current={isUnder(path, target) ? 'page' : undefined}>
              <svg
                viewBox="0 0 16 16"
                fill="none"
                stroke="currentColor"
                stroke-width="1.5"
                aria-hidden="true"
              >
                <path d={nav!.icon} stroke-linecap="round" stroke-linejoin="round" />
              </svg>
              <span class="grow">{title}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

const isUnder = (path: string, target: string): boolean =>
  path === target || (target !== '/' && path.startsWith(`${target}/`))
