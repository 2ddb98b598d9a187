const DAYS_OF: Readonly<Record<string, number>> = { hour: 1 / 24, day: 1, week: 7 }

/** Alerts a day that are taken for a budget at all, as in the configuration. */
const LEAST = 0.1
const MOST = 10_000

/** How a budget is written, for messages. */
export const BUDGET_FORM = `10/day, 70/week, 1/hour, or a number of alerts a day, from ${LEAST} to ${MOST} a day`

/** An alert budget as alerts a day: `10/day`, `70/week`, `1/hour`, `3`. Null when it is none. */
export function parseBudget(text: string): number | null {
  const parts = /^\s*(\d+(?:\.\d+)?)\s*(?:\/\s*(hour|day|week))?\s*$/i.exec(text)
  if (parts === null) return null
  const perDay = Number(parts[1]) / DAYS_OF[(parts[2] ?? 'day').toLowerCase()]!
  return perDay >= LEAST && perDay <= MOST ? perDay : null
}
