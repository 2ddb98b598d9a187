import { useEffect, useRef } from 'preact/hooks'

/** Whether a key is meant for a text, a dialog or the browser rather than for the view. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true
  const target = event.target as HTMLElement | null
  return target?.closest('input, textarea, select, [contenteditable], dialog') != null
}

/** What the keys of a view do, by `KeyboardEvent.key`; nothing while somebody types or a dialog is open. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const act = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined
      if (act === undefined || isTyping(event)) return
      // Enter on a button or a link is theirs, unless it leaves the keys to the view.
      if (
        event.key === 'Enter' &&
        (event.target as HTMLElement).closest('a, button:not([data-view-keys])') !== null
      )
        return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}
