import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { emptySummary } from '../ingest/summary.ts'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { type RunFigures, silentProgress } from '../schema/run.ts'
import { listDays } from '../sql/workspace.ts'
import { forgetRuns } from '../state/runs.ts'
import { withState } from '../state/state.ts'
import type { Batch, OpenSource, Source } from '../streams/source.ts'
import { openSpool, type Spool, type SpoolEntry } from '../streams/spool.ts'
import type { Context } from './context.ts'
import { type IngestError, type IngestOptions, type IngestSummary, ingest } from './ingest.ts'
import { loadModel } from './models.ts'
import { asRun, clockOf } from './run.ts'
import { score } from './score.ts'
import { createFrontier, type Frontier } from './watch/frontier.ts'
import { createMeter, type Meter, type WatchFigures } from './watch/meter.ts'

/** What is watched, and how large and how frequent batches are. */
export interface WatchOptions {
  readonly open: OpenSource
  /** Least time between the beginnings of two batches, and the longest that events are gathered before they are spooled. @default 5000 */
  readonly everyMs?: number
  /** Events read at once at most. @default 100,000: half a minute of work at the rate that ingest and scoring keep up */
  readonly mostEvents?: number
  /** The source is not read while the spool holds more. @default 256 MiB: ten minutes at 5,000 events/s of 90 bytes each */
  readonly spoolBytes?: number
  /** Ends once nothing came for so long and all is worked off. @default never */
  readonly untilIdleMs?: number
  /** Ends after the batch at hand; what is spooled waits for the next start. */
  readonly signal?: AbortSignal
  /** How the events are to be read. */
  readonly ingest?: Omit<IngestOptions, 'paths' | 'inventory' | 'newOnly' | 'noted'>
  /** @default the promoted version */
  readonly model?: string
  /** Tells the world of new alerts; what it throws is said, and the batch counts as done: deliveries have retries of their own. */
  readonly deliver?: (context: Context) => Promise<unknown>
  /** Called as each batch passes a point from which a killed watcher goes on. */
  readonly on?: (moment: WatchMoment) => void | Promise<void>
}

export type WatchMoment = 'spooled' | 'ingested' | 'scored' | 'delivered' | 'committed'

/** What a watcher did until it was stopped, and the model (name@version) that it scored with. */
export interface WatchSummary extends WatchFigures {
  readonly model: string
}

const EVERY_MS = 5000
const MOST_EVENTS = 100_000
const SPOOL_BYTES = 256 * 1024 * 1024
/** Bytes read at once at most: a spool file is held in memory while it is written. */
const MOST_BYTES = 32 * 1024 * 1024
/** How long a batch waits for a scheduled run on the same workspace. */
const WAIT_MS = 600_000
/** Pauses between attempts at a batch that failed, and at a source that does not answer; after the last one the watcher gives up. */
const RETRY_MS: readonly number[] = [500, 2000, 10_000, 30_000, 60_000]
/** Days that came late are scored again at most so often: each is as dear as a day. */
const CATCH_UP_MS = 3_600_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Runs that a watcher makes by the thousand a day are kept so long. */
const RUNS_KEPT_MS = 24 * HOUR_MS
/** Alerts that a batch gathers evidence for: one that stands out is among them, the rest of a storm waits for batches to come. */
const MOST_EVIDENCE = 30
/** Under this name its runs are on record, so that they can be forgotten. */
const ACTOR = 'watch'

/** What the parts of a watcher share. */
interface Watcher {
  readonly context: Context
  readonly options: WatchOptions
  readonly source: Source
  readonly spool: Spool
  readonly frontier: Frontier
  readonly meter: Meter
  readonly said: Set<string>
  /** Rung when the spool changed. */
  readonly bell: Bell
}

/**
 * Watches a source until it is told to stop: gathers events for some seconds, spools them, ingests and scores the hours that they
 * touch, the unfinished one included, publishes and delivers alerts, and commits. At least once, and idempotent by event: a kill at
 * any point loses nothing and doubles nothing. Throws `busy` when another watcher is at work on the workspace, `not-found`
 * without a model.
 */
export async function watch(context: Context, options: WatchOptions): Promise<WatchSummary> {
  return asRun(context, 'watch', alone => watchAlone(alone, options), figuresOf)
}

function figuresOf(summary: WatchSummary): RunFigures {
  const { events, added, rejected, alerts, model, lagSeconds } = summary
  return { rows: events, added, rejects: rejected, alerts, model, lagSeconds }
}

async function watchAlone(context: Context, options: WatchOptions): Promise<WatchSummary> {
  const { workspace, progress } = context
  const { manifest } = await loadModel(workspace, options.model)
  const spool = openSpool(join(workspace.root, 'data', 'spool'))
  const inner: Context = { ...context, progress: silentProgress, waitMs: WAIT_MS, actor: ACTOR }
  const trainedUntil = new Date(manifest.training.until)
  const frontier = createFrontier(await catchUp(inner, options, trainedUntil))
  if (spool.entries.length > 0)
    progress.say(`${spool.entries.length} spooled batches from before are worked off first`)
  const source = await options.open(spool.entries.map(entry => entry.offset))
  const meter = createMeter(progress, clockOf(context))
  const watcher = {
    context: inner,
    options,
    source,
    spool,
    frontier,
    meter,
    said: new Set<string>(),
    bell: createBell(),
  }
  progress.start('watch', 0)
  const stop = new AbortController()
  const both = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal])
  both.addEventListener('abort', watcher.bell.ring, { once: true })
  try {
    const reading = readOn(watcher, both).finally(() => {
      stop.abort()
      watcher.bell.ring()
    })
    // Awaited below, once what is spooled is worked off.
    reading.catch(() => undefined)
    try {
      await workOn(watcher, both, say => progress.say(say))
    } finally {
      stop.abort()
      await reading
    }
    const isTold = options.signal?.aborted === true
    if (!isTold && frontier.isBehind) await catchUp(inner, options, trainedUntil)
    if (!isTold) await settle(watcher)
  } finally {
    progress.done()
    await source.close()
  }
  return { model: `${manifest.name}@${manifest.version}`, ...meter.figures() }
}

/**
 * Scores what a scheduled run would: hours that were left, and days that events came late to. Answers up to where. What the model
 * was trained on is not scored only because nothing came after it yet.
 */
async function catchUp(context: Context, { model }: WatchOptions, trainedUntil: Date): Promise<Date> {
  const { workspace } = context
  const last = listDays(workspace.events).at(-1)
  const isAllTrained = last === undefined || Date.parse(last) + DAY_MS <= trainedUntil.getTime()
  if (isAllTrained && listDays(workspace.scores).length === 0) return trainedUntil
  const { to } = await score(anew(context), { ...(model !== undefined && { model }) })
  return to
}

/** The context at this moment. */
function anew(context: Context): Context {
  return { ...context, now: clockOf(context)() }
}

/** Reads the source into the spool while there is room, until told to stop or idle. */
async function readOn(watcher: Watcher, signal: AbortSignal): Promise<void> {
  const { source, spool, options, bell, meter } = watcher
  const { everyMs = EVERY_MS, mostEvents = MOST_EVENTS, spoolBytes = SPOOL_BYTES, untilIdleMs } = options
  const clock = clockOf(watcher.context)
  const waitMs = Math.min(everyMs, untilIdleMs ?? everyMs)
  let idleSince = performance.now()
  let failures = 0
  /** Read, and not on disk yet: a source does not give it again. */
  let batch: Batch | null = null
  while (!signal.aborted) {
    if (spool.bytes >= spoolBytes) {
      meter.full()
      await bell.wait(everyMs)
      continue
    }
    try {
      batch ??= await source.read({ events: mostEvents, bytes: MOST_BYTES, waitMs, signal })
      if (batch !== null) {
        spool.write(batch, clock())
        source.spooled?.(batch)
        batch = null
        idleSince = performance.now()
        await options.on?.('spooled')
        bell.ring()
      }
      failures = 0
      if (spool.entries.length > 0) idleSince = performance.now()
    } catch (error) {
      const pause = RETRY_MS[failures++]
      if (pause === undefined || !isPassing(error)) throw error
      meter.say(`${source.name}: ${messageOf(error)}; trying again`)
      await setTimeout(pause, undefined, { signal }).catch(() => undefined)
    }
    if (untilIdleMs !== undefined && performance.now() - idleSince >= untilIdleMs) return
  }
}

/** Works off the spool until reading has ended and, unless told to stop, nothing is left. */
async function workOn(watcher: Watcher, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  const { spool, options, bell, context } = watcher
  const { everyMs = EVERY_MS, mostEvents = MOST_EVENTS } = options
  const isTold = () => options.signal?.aborted === true
  let begun = Number.NEGATIVE_INFINITY
  let tidied = Number.NEGATIVE_INFINITY
  while (!isTold()) {
    if (spool.entries.length === 0) {
      if (signal.aborted) return
      await bell.wait(everyMs)
      if (spool.entries.length === 0) await withRetries(() => settle(watcher), say)
      continue
    }
    const early = begun + everyMs - performance.now()
    if (early > 0) await setTimeout(early, undefined, { signal }).catch(() => undefined)
    begun = performance.now()
    await withRetries(() => workOff(watcher, unitOf(spool, 5 * mostEvents)), say)
    bell.ring()
    if (begun - tidied < HOUR_MS) continue
    tidied = begun
    const before = new Date(clockOf(context)().getTime() - RUNS_KEPT_MS)
    await withState(context.workspace, state => forgetRuns(state, ACTOR, before))
  }
}

/** Gathers the evidence that batches left due. */
async function settle({ context, frontier, options: { model } }: Watcher): Promise<void> {
  const { owed } = frontier
  if (owed === null) return
  const { evidenceDue } = await score(anew(context), { ...owed, ...(model !== undefined && { model }) })
  frontier.scored(owed, evidenceDue)
}

/** The oldest entries of one header, up to so many events, at least one entry. */
function unitOf({ entries }: Spool, mostEvents: number): SpoolEntry[] {
  const unit: SpoolEntry[] = []
  let events = 0
  for (const entry of entries) {
    events += entry.events
    if (unit.length > 0 && (events > mostEvents || entry.header !== unit[0]!.header)) break
    unit.push(entry)
  }
  return unit
}

/** One batch from the spool to committed. Done twice it comes to the same. */
async function workOff(watcher: Watcher, unit: readonly SpoolEntry[]): Promise<void> {
  const { source, spool, frontier, meter, options } = watcher
  const context = anew(watcher.context)
  const begun = performance.now()
  const brought = await bring(watcher, context, unit)
  await options.on?.('ingested')
  const ingested = performance.now()
  const period = brought.span === null ? null : frontier.touched(brought.span, context.now)
  const model = options.model === undefined ? {} : { model: options.model }
  const scored =
    period === null ? null : await score(context, { ...period, ...model, mostEvidence: MOST_EVIDENCE })
  if (period !== null && scored !== null) frontier.scored(period, scored.evidenceDue)
  if (frontier.isBehind && frontier.sinceCaughtUpMs() >= CATCH_UP_MS) {
    await score(context, model)
    frontier.caughtUp()
  }
  await options.on?.('scored')
  const done = performance.now()
  await deliver(watcher, context)
  await options.on?.('delivered')
  for (const { offset } of unit) await source.commit(offset)
  spool.remove(unit)
  await options.on?.('committed')
  const seconds = { ingest: ingested - begun, score: done - ingested, deliver: performance.now() - done }
  meter.batch(unit, brought, scored, seconds, spool)
}

/** Ingests a unit; what cannot be read at all is put aside, so that it does not stand in the way of what comes after. */
async function bring(
  watcher: Watcher,
  context: Context,
  unit: readonly SpoolEntry[],
): Promise<IngestSummary> {
  const { spool, options, meter, said } = watcher
  if (unit.every(({ events }) => events === 0)) return emptySummary('', [], [])
  const merged = spool.merge(unit)
  try {
    const summary = await ingest(context, { ...options.ingest, paths: [merged], noted: false, stop: false })
    for (const note of said.has('notes') ? [] : summary.notes) if (!note.startsWith('check ')) meter.say(note)
    said.add('notes')
    for (const { check, source, text } of summary.findings) {
      if (said.has(`${check} ${source}`)) continue
      said.add(`${check} ${source}`)
      meter.say(`check ${check}: ${text}`)
    }
    spool.discard(merged)
    return summary
  } catch (error) {
    if (!(error instanceof KeyhoundError && error.code === 'bad-input' && 'summary' in error)) throw error
    const { summary } = error as IngestError
    // Many rows of it were rejected, and are told with their reasons as such.
    if (summary.added + summary.duplicates > 0) spool.discard(merged)
    else meter.say(`${error.message} Kept as ${spool.refuse(merged)}`)
    return summary
  }
}

async function deliver({ options, meter }: Watcher, context: Context): Promise<void> {
  try {
    await options.deliver?.(context)
  } catch (error) {
    meter.say(`alerts are not delivered yet: ${messageOf(error)}`)
  }
}

/** Other runs, servers that restart and full disks pass; what is wrong with the workspace does not. */
function isPassing(error: unknown): boolean {
  return !(error instanceof KeyhoundError) || error.code === 'busy' || error.code === 'unavailable'
}

async function withRetries(work: () => Promise<void>, say: (line: string) => void): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      await work()
      return
    } catch (error) {
      const pause = RETRY_MS[failures]
      if (pause === undefined || !isPassing(error)) throw error
      say(`${messageOf(error)}; trying the batch again in ${pause / 1000} s`)
      await setTimeout(pause)
    }
  }
}

interface Bell {
  ring(): void
  /** Until it rings, for at most so long. */
  wait(ms: number): Promise<void>
}

function createBell(): Bell {
  const waiting = new Set<() => void>()
  return {
    ring() {
      for (const wake of [...waiting]) wake()
    },
    wait: ms =>
      new Promise(resolve => {
        const wake = () => {
          clearTimeout(timer)
          waiting.delete(wake)
          resolve()
        }
        const timer = globalThis.setTimeout(wake, ms)
        waiting.add(wake)
      }),
  }
}
