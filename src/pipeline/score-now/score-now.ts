import type { Standing } from '../../engine/standing.ts'
import { type PlainEvent, readPlainEvents } from '../../ingest/plain-events.ts'
import { DAY_MS, dateOf, HOUR_MS } from '../../kernel/memory.ts'
import type { AddedEvent } from '../../kernel/standing-day.ts'
import { scoreWindows } from '../../scoring/score-windows.ts'
import type { Workspace } from '../../sql/workspace.ts'
import type { WindowBatch } from '../batch.ts'
import { batchOf, startOf } from '../day-batch.ts'
import { type Devices, factsOf } from '../facts.ts'
import { explainedRows, judgeRows } from '../judge.ts'
import type { Model } from '../models.ts'
import {
  answer,
  type EventOptions,
  type EventScores,
  type EventSource,
  hoursOf,
  keyOf,
} from '../score-events.ts'
import { linesOf } from './lines-of.ts'
import { createReadyDays, type Freshness, type Lend, type ReadyDay } from './ready-days.ts'
import { spellEvents } from './spell-events.ts'
import { type Described, usualOf } from './usual-devices.ts'

/** Scores events at once, with days that stand ready. */
export interface ScoreNow {
  /**
   * The answer that `scoreEvents` would give, to the last bit. Null where only that can give it: for other formats and columns, and events
   * that change more than their own tokens.
   */
  score(model: Model, source: EventSource, options: EventOptions): Promise<EventScores | null>
  /** Makes the day of the newest event stand ready. */
  warm(model: Model): Promise<void>
  /** Compares the ready days with the workspace before the next answer. */
  changed(): void
}

export function createScoreNow(workspace: Workspace, lend: Lend, freshness: Freshness): ScoreNow {
  const days = createReadyDays(workspace, lend, freshness)
  return {
    changed: days.changed,
    warm: days.warm,
    async score(model, source, options) {
      const { source: format = 'auto', tokens = 'secret', tenant } = options
      const isPlain = format === 'auto' || format === 'generic'
      if (
        !isPlain ||
        options.map !== undefined ||
        options.mmdb !== undefined ||
        options.networkTypes !== undefined
      )
        return null
      const lines = linesOf(source)
      if (lines === null) return null
      const lookups = await days.lookups()
      const reading = readPlainEvents(lines, { ...lookups, tokens, ...(tenant !== undefined && { tenant }) })
      if (reading === null) return null
      const { events, read } = reading
      const day = Math.floor(events[0]!.time / DAY_MS)
      if (events.some(event => Math.floor(event.time / DAY_MS) !== day)) return null
      const hours = scoreWith(await days.ready(dateOf(day), model), events)
      return hours === null ? null : answer(model, hours, { read, rejected: 0, rejectsByReason: {} })
    },
  }
}

/** Synchronous, so that no other request uses the ready day meanwhile. */
function scoreWith({ standing, scorer }: ReadyDay, events: readonly PlainEvent[]) {
  const spelled = spellEvents(events)
  if (spelled === null) return null
  const wanted = new Map<string, number>()
  for (const event of events) {
    const hour = Math.floor(event.time / HOUR_MS) * HOUR_MS
    const key = keyOf(event.tenant_id, event.token_id, hour)
    wanted.set(key, (wanted.get(key) ?? 0) + 1)
  }
  const { catalogue } = standing
  const { tuples } = standing.resident.kernel
  const { model, budgetPerDay, history } = scorer
  const by = { detectors: model.detectors, filter: model.filter, budgetPerDay, history }
  const hours = standing.day.judgeWith(spelled, ({ table, kept }) => {
    const { entities } = tuples
    const isWanted = (row: number) => {
      const { token } = table.tokenDay[row]!
      const tenantId = entities.tenantIds[entities.tenantOf[token]!]!
      return wanted.has(keyOf(tenantId, entities.tokenIds[token]!, startOf(table, row)))
    }
    const batch = batchOf({ table, tuples, catalogue }, isWanted, model.detectors.ownFeatures ?? [])
    const scored = scoreWindows(model.detectors, batch)
    const explained = explainedRows(scored, by)
    const facts = explained.map(row => factsOf(batch, row, batch.evidence(row)))
    const devices = by.filter === null ? [] : devicesOf(standing, batch, explained, kept, events)
    const judgements = judgeRows(batch, scored, by, { explained, facts, devices })
    return hoursOf(batch, { scored, judgements }, wanted)
  })
  return hours ?? null
}

/** The usual devices of some rows, had the events come. */
function devicesOf(
  { details }: Standing,
  { keys }: WindowBatch,
  rows: readonly number[],
  kept: readonly AddedEvent[],
  events: readonly PlainEvent[],
): Devices[] {
  const described = new Map(
    events.map(one => [identityOf(one.event_id, one.time, one.tenant_id, one.token_id), one]),
  )
  const added = kept.map((event): Described => {
    const { tenantId, tokenId } = event.who
    const one = described.get(identityOf(event.eventId, event.time, tenantId, tokenId))!
    return { event, device: one.device_type as string | null, network: one.network_type as string | null }
  })
  return rows.map(row => {
    const [tenantId, tokenId, start] = [keys.tenantId[row]!, keys.tokenId[row]!, keys.windowStart[row]!]
    return usualOf(details, { tenantId, tokenId, start }, added)
  })
}

function identityOf(eventId: string, time: number, tenantId: string, tokenId: string): string {
  return JSON.stringify([eventId, time, tenantId, tokenId])
}
