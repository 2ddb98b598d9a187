import icon from '../icon.svg?url'
import { isLive } from '../lib/live.ts'
import { logOut, session } from '../lib/session.ts'
import { THEMES, theme, ZONES, zone, zoneName } from '../lib/settings.ts'
import { Button } from '../ui/button.tsx'

const next = <T,>(values: readonly T[], value: T): T => values[(values.indexOf(value) + 1) % values.length]!

/** The top of the page: who is logged in, whether the figures are of now, in which zone, in which theme. */
export function Bar() {
  const who = session.value?.who
  return (
    <header class="bar">
      <a class="brand" href="/">
        <img src={icon} alt="" />
        Keyhound
      </a>
      <span class="grow" />
      <span class="live" data-live={isLive.value} role="status">
        {isLive.value ? 'live' : 'no connection'}
      </span>
      <Button
        kind="quiet"
        title="Times are shown in this zone; press for the other"
        onClick={() => {
          zone.value = next(ZONES, zone.value)
        }}
      >
        <span class="prefix">Times</span>
        {zoneName()}
      </Button>
      <Button
        kind="quiet"
        title="Colours: as the system, light, dark"
        onClick={() => {
          theme.value = next(THEMES, theme.value)
        }}
      >
        <span class="prefix">Theme</span>
        {theme.value}
      </Button>
      {who && (
        <span class="who cut quiet small wide" title={`${who.name}, ${who.role}`}>
          {who.name} · {who.role}
          {who.tenantId !== null && ` of ${who.tenantId}`}
        </span>
      )}
      {session.value?.isKeyNeeded && (
        <Button kind="quiet" onClick={() => void logOut()}>
          Log out
        </Button>
      )}
    </header>
  )
}
