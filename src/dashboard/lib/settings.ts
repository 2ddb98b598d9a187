import { effect, signal } from '@preact/signals'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
export const ZONES = ['utc', 'local'] as const
export type Zone = (typeof ZONES)[number]

/** What a browser remembers of how somebody likes the page. Private modes may forbid storage: then it lasts as long as the page. */
function remembered<T extends string>(name: string, values: readonly T[]) {
  const key = `keyhound.${name}`
  let kept: string | null = null
  try {
    kept = localStorage.getItem(key)
  } catch {
    // Said above.
  }
  const value = signal<T>(values.find(one => one === kept) ?? values[0]!)
  effect(() => {
    try {
      localStorage.setItem(key, value.value)
    } catch {
      // Said above.
    }
  })
  return value
}

/** @default as the system says */
export const theme = remembered<Theme>('theme', THEMES)
/** Logs are in UTC, and so is the page unless somebody asks for their own time. */
export const zone = remembered<Zone>('zone', ZONES)

/** The name of the zone that times are shown in: UTC, Europe/Amsterdam. */
export function zoneName(): string {
  return zone.value === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Keeps the document in the theme that is set. */
export function startTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value
  })
}
