import type { EventDetails } from '../../engine/standing.ts'
import { HOUR_MS } from '../../kernel/memory.ts'
import type { AddedEvent } from '../../kernel/standing-day.ts'
import type { Devices } from '../facts.ts'

/** An added event with what it adds to the usual device and kind of network. */
export interface Described {
  readonly event: AddedEvent
  readonly device: string | null
  readonly network: string | null
}

/** The usual device and kind of network of a token-hour; of equally usual ones the first by file and row, added events last. */
export function usualOf(
  details: EventDetails,
  { tenantId, tokenId, start }: { tenantId: string; tokenId: string; start: number },
  added: readonly Described[],
): Devices {
  const { times, devices, networks, positions } = details.of(tenantId, tokenId)
  const within = [...times.keys()]
    .filter(i => times[i]! >= start && times[i]! < start + HOUR_MS)
    .sort((a, b) => positions[a]! - positions[b]!)
  const mine = added.filter(
    ({ event }) =>
      event.who.tenantId === tenantId &&
      event.who.tokenId === tokenId &&
      event.time >= start &&
      event.time < start + HOUR_MS,
  )
  return {
    deviceType: modeOf([...within.map(i => devices[i]!), ...mine.map(({ device }) => device)]),
    networkType: modeOf([...within.map(i => networks[i]!), ...mine.map(({ network }) => network)]),
  }
}

/** The commonest text, the first of equals; null where there is none. */
function modeOf(texts: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>()
  for (const text of texts) if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1)
  let mode: string | null = null
  for (const [text, count] of counts) if (mode === null || count > counts.get(mode)!) mode = text
  return mode
}
