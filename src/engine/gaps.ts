import { listDays, type Workspace } from '../sql/workspace.ts'
import { readTold } from './history-files.ts'

/** Hours without any event of a tenant, or of the whole log, in which it always has some: logging failed, nobody fell silent. */
export interface LoggingGap {
  /** Null for the whole log. */
  readonly tenantId: string | null
  /** UTC, inclusive; the first hour that always had events. */
  readonly start: Date
  /** UTC, exclusive. */
  readonly finish: Date
  readonly hours: number
}

/**
 * Gaps that ended on the given days, in time order; what the whole log lacks is told once, not for each tenant again. In a log of one
 * tenant both are one.
 */
export function readGaps(
  workspace: Workspace,
  days: readonly string[] = listDays(workspace.features),
): LoggingGap[] {
  const gaps = days.flatMap(day => readTold(workspace, day).gaps)
  const ofAll = gaps.filter(gap => gap.tenantId === null)
  const told = gaps.filter(
    gap => gap.tenantId === null || !ofAll.some(all => all.start <= gap.start && all.finish >= gap.finish),
  )
  return told
    .sort((a, b) => a.start - b.start || (a.tenantId ?? '').localeCompare(b.tenantId ?? ''))
    .map(({ tenantId, start, finish }) => ({
      tenantId,
      start: new Date(start),
      finish: new Date(finish),
      hours: (finish - start) / 3_600_000,
    }))
}

/** `gap: 3 h without any event of tenant acme, 2026-03-17 09:00 to 12:00 UTC`. */
export function gapText({ tenantId, start, finish, hours }: LoggingGap): string {
  const minute = (time: Date) => time.toISOString().slice(0, 16).replace('T', ' ')
  const end =
    minute(start).slice(0, 10) === minute(finish).slice(0, 10) ? minute(finish).slice(11) : minute(finish)
  const whose = tenantId === null ? '' : ` of tenant ${tenantId}`
  return `gap: ${hours} h without any event${whose}, ${minute(start)} to ${end} UTC; not taken for silence`
}
