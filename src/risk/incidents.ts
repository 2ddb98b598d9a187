/** What tells that two alerts belong to one campaign. */
export interface Linkable {
  readonly alertId: string
  readonly tenantId: string
  readonly principalId: string
  readonly tokenId: string
  /** ms since the epoch. */
  readonly firstSeen: number
  /** New addresses and networks that the alert is about: shared ones join tokens. */
  readonly places: readonly string[]
  /** Set for alerts of earlier runs: their incident keeps its name. */
  readonly incidentId?: string | null
}

/** Alerts of one token or principal further apart than this are two stories. */
const SAME_ENTITY_MS = 3 * 86_400_000
/** Alerts of different tokens from one new place further apart than this are a coincidence. */
const SAME_PLACE_MS = 86_400_000

/**
 * Groups alerts into incidents: same principal within three days of the last, or the same new place within one day. Answers
 * the incident of each alert, named by its earliest alert (or by the incident that an earlier run named).
 */
export function groupIncidents(alerts: readonly Linkable[]): Map<string, string> {
  const sorted = [...alerts].sort((a, b) => a.firstSeen - b.firstSeen || (a.alertId < b.alertId ? -1 : 1))
  const parent = sorted.map((_, i) => i)
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i]!
    return i
  }
  const join = (a: number, b: number) => {
    const [low, high] = [Math.min(root(a), root(b)), Math.max(root(a), root(b))]
    parent[high] = low
  }
  const last = new Map<string, number>()
  const link = (key: string, i: number, within: number) => {
    const before = last.get(key)
    if (before !== undefined && sorted[i]!.firstSeen - sorted[before]!.firstSeen <= within) join(before, i)
    last.set(key, i)
  }
  sorted.forEach((alert, i) => {
    link(`principal ${alert.tenantId} ${alert.principalId}`, i, SAME_ENTITY_MS)
    for (const place of alert.places) link(`place ${place}`, i, SAME_PLACE_MS)
  })
  const names = new Map<number, string>()
  sorted.forEach((alert, i) => {
    if (alert.incidentId != null && !names.has(root(i))) names.set(root(i), alert.incidentId)
  })
  sorted.forEach((alert, i) => {
    if (!names.has(root(i))) names.set(root(i), `inc-${alert.alertId.slice(0, 12)}`)
  })
  return new Map(sorted.map((alert, i) => [alert.alertId, names.get(root(i))!]))
}
