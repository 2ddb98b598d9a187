import { join } from 'node:path'
import type { Catalogue } from '../features/catalogue.ts'
import { createDayEvents } from '../kernel/day-events.ts'
import type { DayRecord } from '../kernel/history/history.ts'
import { dayNumber } from '../kernel/memory.ts'
import { StandingDay } from '../kernel/standing-day.ts'
import { type Engine, quoteText } from '../sql/duckdb.ts'
import { listParquet, partition, type Workspace } from '../sql/workspace.ts'
import { fileOf, readEvents } from './read-events.ts'
import { createResident, LostRecord, type Making, type Resident, teach } from './resident.ts'
import { type Rulings, rulingsByNumber } from './rulings.ts'
import { stampsByDay } from './stamps.ts'

/** A day of a workspace that stands ready for events to be judged with it. */
export interface Standing {
  readonly date: string
  /** Of the days before, and of the day itself where it has events: equal ones are equal pasts, events and rulings. */
  readonly stamps: ReadonlyMap<string, string>
  readonly resident: Resident
  readonly catalogue: Catalogue
  readonly day: StandingDay
  readonly details: EventDetails
}

/** What the kernel does not count of a day's events, token by token in order of time and id. */
export interface EventDetails {
  of(tenantId: string, tokenId: string): TokenDetails
}

export interface TokenDetails {
  readonly ids: readonly string[]
  /** Milliseconds since the epoch. */
  readonly times: readonly number[]
  readonly devices: readonly (string | null)[]
  readonly networks: readonly (string | null)[]
  /** Where each event lies among those of the day's files. */
  readonly positions: readonly number[]
}

/** Stamps of the days up to one. */
export function stampsUpTo(
  workspace: Workspace,
  rulings: Rulings,
  date: string,
  catalogue: Catalogue,
): Map<string, string> {
  return new Map([...stampsByDay(workspace, rulings, catalogue)].filter(([day]) => day <= date))
}

/** How a day is made to stand ready. */
export interface StandingOptions {
  readonly making: Making
  readonly rulings: Rulings
  /** A day of the same past gives its kernel away: it is of no use once the new one stands. */
  readonly before?: Standing | undefined
  /** Called in the moment in which the new one stands; with null where the one before is of no use and there is no other yet. */
  readonly put: (standing: Standing | null) => void
}

/**
 * Makes a day stand ready, and publishes nothing: what of the past is not on disk as it should be is made in memory.
 *
 * @param stamps as {@link stampsUpTo} has them
 */
export async function openStanding(
  engine: Engine,
  workspace: Workspace,
  date: string,
  stamps: ReadonlyMap<string, string>,
  options: StandingOptions,
): Promise<void> {
  const { making, rulings, before, put } = options
  const past = new Map([...stamps].filter(([day]) => day < date))
  const made = new Map<number, DayRecord>()
  try {
    const isSamePast = before?.date === date && asText(past) === asText(before.resident.learned)
    const resident = isSamePast ? before.resident : createResident(workspace, making, made)
    if (!isSamePast && !teach(resident, past))
      await learnFromEvents(engine, workspace, past, resident, made, rulings)
    return await stand(engine, workspace, date, stamps, resident, options)
  } catch (error) {
    put(null)
    if (!(error instanceof LostRecord)) throw error
  }
  const resident = createResident(workspace, making, made)
  await learnFromEvents(engine, workspace, past, resident, made, rulings)
  await stand(engine, workspace, date, stamps, resident, options)
}

const asText = (stamps: ReadonlyMap<string, string>) => JSON.stringify([...stamps])

/** Learns the days that the kernel has not learned yet from their events. */
async function learnFromEvents(
  engine: Engine,
  workspace: Workspace,
  past: ReadonlyMap<string, string>,
  { kernel, learned, reader }: Resident,
  made: Map<number, DayRecord>,
  rulings: Rulings,
): Promise<void> {
  for (const [date, stamp] of past) {
    if (learned.has(date)) continue
    const day = dayNumber(date)
    const events = await reader.read(engine, listParquet(partition(workspace.events, date)))
    const { record } = kernel.judge(day, events, rulingsByNumber(rulings, date, kernel.tuples.entities))
    made.set(day, record)
    kernel.learn(record)
    learned.set(date, stamp)
  }
}

async function stand(
  engine: Engine,
  workspace: Workspace,
  date: string,
  stamps: ReadonlyMap<string, string>,
  resident: Resident,
  { making, rulings, put }: StandingOptions,
): Promise<void> {
  const { kernel } = resident
  const { entities } = kernel.tuples
  const events = stamps.has(date) ? await readEvents(engine, workspace, date, resident) : createDayEvents(0)
  // Of the same files, whatever has come since.
  const files = stamps.has(date) ? [...resident.read!.versions].map(fileOf) : []
  const details =
    files.length === 0 ? NO_DETAILS : await readDetails(engine, partition(workspace.events, date), files)
  const idsOf = (token: number) =>
    details.of(entities.tenantIds[entities.tenantOf[token]!]!, entities.tokenIds[token]!).ids
  const held = rulingsByNumber(rulings, date, entities)
  const day = new StandingDay(kernel, dayNumber(date), { events, idsOf }, held)
  put({ date, stamps, resident, catalogue: making.catalogue, day, details })
}

const NO_EVENTS: TokenDetails = { ids: [], times: [], devices: [], networks: [], positions: [] }
const NO_DETAILS: EventDetails = { of: () => NO_EVENTS }

async function readDetails(engine: Engine, folder: string, names: readonly string[]): Promise<EventDetails> {
  const files = [...names].sort().map(name => quoteText(join(folder, name)))
  const columns = await engine.columns(`
SELECT tenant_id, token_id, event_id, epoch_ms(time)::DOUBLE AS time, device_type, network_type,
  file_index::DOUBLE * 4294967296 + file_row_number::DOUBLE AS position
FROM read_parquet([${files.join(', ')}], union_by_name = true, hive_partitioning = false) ORDER BY time, event_id`)
  const texts = (name: string) => columns.get(name) as readonly (string | null)[]
  const numbers = (name: string) => columns.get(name) as Float64Array
  const [tenants, tokens, ids] = [texts('tenant_id'), texts('token_id'), texts('event_id')]
  const [devices, networks] = [texts('device_type'), texts('network_type')]
  const [times, positions] = [numbers('time'), numbers('position')]
  const byTenant = new Map<string, Map<string, Written>>()
  for (let i = 0; i < ids.length; i++) {
    const byToken = byTenant.get(tenants[i]!) ?? new Map<string, Written>()
    byTenant.set(tenants[i]!, byToken)
    let own = byToken.get(tokens[i]!)
    if (own === undefined) {
      own = { ids: [], times: [], devices: [], networks: [], positions: [] }
      byToken.set(tokens[i]!, own)
    }
    own.ids.push(ids[i]!)
    own.times.push(times[i]!)
    own.devices.push(devices[i]!)
    own.networks.push(networks[i]!)
    own.positions.push(positions[i]!)
  }
  return { of: (tenantId, tokenId) => byTenant.get(tenantId)?.get(tokenId) ?? NO_EVENTS }
}

type Written = { [name in keyof TokenDetails]: TokenDetails[name][number][] }
