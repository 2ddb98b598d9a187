import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SourceName, TokenKind } from '../ingest/source.ts'
import { KeyhoundError } from '../lib/errors.ts'
import type { Intensity } from '../simulate/inject/model.ts'
import { openWorkspace, type Workspace } from '../sql/workspace.ts'
import type { Context } from './context.ts'
import { ingest } from './ingest.ts'
import {
  type InjectedIncident,
  type Injection,
  type PlanOptions,
  planInjection,
  type SkippedAttack,
} from './inject/plan.ts'
import { loadInjected, writeInventory, writeLabels, writeLog } from './inject/write.ts'

/** What is injected into which log, and where the copy goes. */
export interface InjectOptions extends PlanOptions {
  /** Folder to write to: events/, labels.csv, incidents.csv and, with an inventory, tokens.csv. */
  readonly out: string
  /** Logs to inject into, read as ingest reads them. @default the events of the workspace */
  readonly into?: readonly string[]
  /** Folder for reading those logs; gone afterwards. Needed with `into` or `inventory`. */
  readonly scratch?: string
  /** Token inventory, for logs or workspaces that have none yet. */
  readonly inventory?: string
  /** @default 'auto' */
  readonly source?: 'auto' | SourceName
  /** JSON file {event column: log column}. */
  readonly map?: string
  readonly tokens?: TokenKind
}

/** What was written; the period, ISO 8601 UTC, is that of the injected attacks. */
export interface InjectSummary {
  /** Rows written, injected ones included. */
  readonly events: number
  readonly injectedEvents: number
  /** Share of the events within the period that is injected. */
  readonly shareOfPeriod: number
  readonly from: string
  readonly to: string
  readonly incidents: readonly InjectedKind[]
  readonly skipped: readonly SkippedAttack[]
  readonly notes: readonly string[]
  readonly files: readonly string[]
  readonly labels: string
  readonly inventory: string | null
}

/** Incidents of one attack and intensity. */
export interface InjectedKind {
  readonly attack: string
  readonly intensity: Intensity
  readonly incidents: number
  readonly events: number
}

/**
 * Writes a copy of a log with attacks in it, and what is needed to grade a detector on them. The log's own events are copied as they
 * are; injected ones take over what their victims' events carry. The same log, options and seed give the same rows. Throws
 * 'usage' for unknown attacks, 'conflict' when the copy would land among the logs, 'bad-input' when nothing can be injected.
 */
export async function inject(context: Context, options: InjectOptions): Promise<InjectSummary> {
  const { engine } = context
  const source = await openSource(context, options)
  const injection = await planInjection({ ...context, workspace: source }, options)
  refuseNothing(injection)
  const folder = join(options.out, 'events')
  mkdirSync(folder, { recursive: true })
  await loadInjected(engine, injection.incidents)
  const files = await writeLog(engine, source, folder, injection)
  await writeLabels(engine, options.out, injection.incidents)
  const inventory = await writeInventory(engine, source, options.out, injection)
  await engine.run('DROP TABLE injected')
  const [own] = await engine.rows<{ n: number; within: number }>(
    `SELECT count(*) AS n, count(*) FILTER (epoch_ms(time) >= ${injection.facts.from}) AS within FROM events`,
  )
  return {
    ...describe(injection, own!),
    files,
    labels: join(options.out, 'labels.csv'),
    inventory,
  }
}

/** Figures of an injection, in a log of `n` events of which `within` lie in the period. */
function describe({ facts, incidents, skipped, notes }: Injection, own: { n: number; within: number }) {
  const injectedEvents = incidents.reduce((sum, incident) => sum + incident.events.length, 0)
  return {
    events: own.n + injectedEvents,
    injectedEvents,
    shareOfPeriod: injectedEvents / (own.within + injectedEvents),
    from: new Date(facts.from).toISOString(),
    to: new Date(facts.to).toISOString(),
    incidents: kindsOf(incidents),
    skipped,
    notes,
  }
}

/** Counts of incidents by attack and intensity, in the order of their first. */
export function kindsOf(incidents: readonly InjectedIncident[]): InjectedKind[] {
  const kinds = new Map<string, InjectedKind>()
  for (const { attackType: attack, intensity, events } of incidents) {
    const known = kinds.get(`${attack} ${intensity}`) ?? { attack, intensity, incidents: 0, events: 0 }
    kinds.set(`${attack} ${intensity}`, {
      ...known,
      incidents: known.incidents + 1,
      events: known.events + events.length,
    })
  }
  return [...kinds.values()]
}

export function refuseNothing({ incidents, skipped }: Injection): void {
  if (incidents.length > 0) return
  const reasons = [...new Set(skipped.map(one => `${one.attack}: ${one.reason}`))]
  throw new KeyhoundError('bad-input', `nothing can be injected into this log: ${reasons.join('; ')}`)
}

/** The workspace whose events are injected into: the given one, or a scratch one that the given logs are read into. */
async function openSource(context: Context, options: InjectOptions): Promise<Workspace> {
  const { workspace } = context
  const into = options.into ?? []
  const out = resolve(options.out)
  const inputs = into.length > 0 ? into.map(path => resolve(path)) : [resolve(workspace.events)]
  for (const input of inputs)
    if (input === out || input === join(out, 'events') || out.startsWith(`${input}/`))
      throw new KeyhoundError(
        'conflict',
        `${options.out} is where the logs lie: attacks are never written among real events; name another folder with --out`,
        { where: options.out },
      )
  if (into.length === 0 && options.inventory === undefined) return workspace
  if (options.scratch === undefined)
    throw new KeyhoundError('usage', 'reading logs or an inventory needs a scratch folder')
  // Under the same key, tokens get the ids that the workspace knows them by.
  const scratch: Workspace = { ...openWorkspace(options.scratch), keyFile: workspace.keyFile }
  await ingest(
    { ...context, workspace: scratch },
    {
      paths: into,
      stop: false,
      ...(options.inventory !== undefined && { inventory: options.inventory }),
      ...(options.source !== undefined && { source: options.source }),
      ...(options.map !== undefined && { map: options.map }),
      ...(options.tokens !== undefined && { tokens: options.tokens }),
    },
  )
  return into.length > 0 ? scratch : { ...scratch, events: workspace.events }
}
