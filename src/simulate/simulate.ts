import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { KeyhoundError } from '../lib/errors.ts'
import { createRandom } from '../lib/random.ts'
import type { Progress } from '../schema/run.ts'
import type { Engine } from '../sql/duckdb.ts'
import { FAMILIES, ISSUING_FAMILIES, SEALED_FAMILIES } from './attacks/catalogue.ts'
import { planIncidents } from './attacks/plan.ts'
import { createEmitter } from './emitter.ts'
import { hash } from './hash.ts'
import { createLabels } from './labels.ts'
import { lineageColumns } from './lineage.ts'
import { DAY, type Overlay, type Run } from './model.ts'
import { emitRun } from './runs.ts'
import { emitDay } from './sessions.ts'
import { stageSurprises } from './surprises/stage.ts'
import { planVolumes } from './volumes.ts'
import { createWorld } from './world.ts'
import { dropTables, type Format, loadCatalogues, ownersOf, writeDay, writeTable } from './write.ts'

export { FAMILIES, ISSUING_FAMILIES, SEALED_FAMILIES }

/** How large and how hard a simulated world is. The same options give the same logs. */
export interface SimulateOptions {
  /** Token ids in the inventory, at least 2. */
  tokens: number
  /** Days of log, at least 1. */
  days: number
  /** Benign events wanted; the run comes within 10 % (with the attacks). */
  events: number
  /** Decides everything: the same options give the same rows. */
  seed: number
  /** First day; a UTC midnight. */
  start: Date
  /** Attacks begin on this day (0-based) at the earliest. */
  attackFromDay: number
  incidents: number
  /**
   * easy: foreign networks and clients, visible pace. hard: half of the incidents come from the victim's own network and
   * client, all at a fraction of its pace. mixed: each incident is one or the other.
   */
  difficulty: 'easy' | 'hard' | 'mixed'
  /** Kinds of attack. @default all but the sealed and the issuing ones */
  families?: readonly string[]
  /** Factor on the number of benign surprises. @default 1 */
  surprises?: number
}

/** A small mixed world: four weeks, attacks from the third on. */
export const DEFAULTS: SimulateOptions = {
  tokens: 200,
  days: 28,
  events: 200_000,
  seed: 1,
  start: new Date('2026-09-01T00:00:00Z'),
  attackFromDay: 14,
  incidents: 24,
  difficulty: 'mixed',
  surprises: 1,
}

/** What was written. */
export interface SimulateSummary {
  /** Rows written, malicious ones included. */
  events: number
  maliciousEvents: number
  tokens: number
  /** Incidents with at least one event. */
  incidents: number
  /** Rows of benign.csv. */
  benignSurprises: number
  days: number
  /** Event files, in order of time. */
  files: string[]
}

/**
 * Writes a made-up log with labels: events/events-YYYY-MM-DD.{parquet,csv}, tokens.csv, labels.csv (malicious events),
 * incidents.csv (one row an incident and token), benign.csv (benign surprises) and lineage.csv (which token follows which). Benign events do not depend on the
 * attacks: runs that differ only in incidents, difficulty or families share them all, ids included.
 * @throws KeyhoundError bad-input naming every option out of range
 */
export async function simulate(
  engine: Engine,
  out: string,
  options: SimulateOptions & { format?: Format },
  progress: Progress,
): Promise<SimulateSummary> {
  checkOptions(options)
  const random = createRandom(options.seed)
  const start = options.start.getTime()
  const world = createWorld(random, { tokens: options.tokens, days: options.days, seed: options.seed, start })
  const overlays: Overlay[][] = world.actors.map(() => [])
  const before = planVolumes(world, overlays, options.events)
  const staged = stageSurprises(world, before, options.surprises ?? 1, overlays)
  const extra = staged.runs.reduce((sum, run) => sum + run.count, 0)
  const volumes = planVolumes(world, overlays, Math.max(0.4 * options.events, options.events - extra))
  const incidents = planIncidents(world, volumes, overlays, options)
  const folder = join(out, 'events')
  mkdirSync(folder, { recursive: true })
  const emitter = createEmitter(world)
  const labels = createLabels(world, incidents)
  const runsByDay: Run[][] = Array.from({ length: options.days }, () => [])
  for (const run of [...staged.runs, ...incidents.flatMap(incident => incident.runs)])
    runsByDay[Math.floor((run.start - start) / DAY)]?.push(run)
  const files: string[] = []
  let events = 0
  progress.start('simulate', options.days)
  try {
    await loadCatalogues(engine, world)
    for (let day = 0; day < options.days; day++) {
      for (const actor of world.actors) {
        const own = random.fork('day', actor.index, day)
        const volume = volumes.at(actor, day)
        // Rounding at random keeps the mean of sparse tokens.
        const count = Math.floor(volume + own.next())
        if (count === 0) continue
        emitter.begin(hash(actor.seed, day, actor.index))
        emitDay(world, emitter, actor, day, count, overlays[actor.index]!, own)
      }
      for (const run of runsByDay[day]!) emitRun(emitter, run, random.fork('run', run.stream))
      const rows = emitter.take(day)
      labels.collect(rows)
      events += rows.rows
      files.push(await writeDay(engine, world, folder, day, rows, options.format ?? 'parquet'))
      progress.step(1, files.at(-1)!.slice(-18))
    }
    await writeInventory()
    await writeTable(engine, join(out, 'labels.csv'), labels.labelColumns())
    await writeTable(engine, join(out, 'incidents.csv'), labels.incidentColumns())
    const iso = (time: number) => new Date(Math.min(time, start + options.days * DAY)).toISOString()
    const benign = staged.surprises.flatMap(surprise =>
      surprise.actor.tokens
        .filter(token => token.from < surprise.end && token.until > surprise.start)
        .map(token => ({ ...surprise, token })),
    )
    await writeTable(engine, join(out, 'benign.csv'), {
      kind: benign.map(row => row.kind),
      token_id: benign.map(row => row.token.id),
      start: benign.map(row => iso(row.start)),
      end: benign.map(row => iso(row.end)),
    })
    await writeTable(engine, join(out, 'lineage.csv'), lineageColumns(world))
    progress.done()
    return {
      events,
      maliciousEvents: labels.count(),
      tokens: world.tokens.length,
      incidents: labels.incidents(),
      benignSurprises: benign.length,
      days: options.days,
      files,
    }
  } finally {
    await dropTables(engine)
  }

  async function writeInventory(): Promise<void> {
    const byIndex = ownersOf(world)
    const owners = world.tokens.map(token => ({ token, actor: byIndex.get(token.index)! }))
    await writeTable(engine, join(out, 'tokens.csv'), {
      token_id: owners.map(({ token }) => token.id),
      user_id: owners.map(({ actor }) => actor.userId),
      tenant_id: owners.map(({ actor }) => actor.tenant.id),
      role: owners.map(({ actor }) => actor.role.name),
      scopes: owners.map(({ actor }) => actor.scopes.join(' ')),
    })
  }
}

function checkOptions(options: SimulateOptions): void {
  const problems: string[] = []
  const whole = (
    name: 'tokens' | 'days' | 'events' | 'incidents' | 'seed' | 'attackFromDay',
    least: number,
  ) => {
    if (!Number.isInteger(options[name]) || options[name] < least)
      problems.push(`${name} is ${options[name]}: give a whole number of at least ${least}`)
  }
  whole('tokens', 2)
  whole('days', 1)
  whole('events', 1)
  whole('incidents', 0)
  whole('seed', 0)
  whole('attackFromDay', 0)
  if (!(options.start.getTime() % DAY === 0)) problems.push('start is not a UTC midnight')
  if (!['easy', 'hard', 'mixed'].includes(options.difficulty))
    problems.push(`difficulty is "${options.difficulty}": give easy, hard or mixed`)
  if (options.surprises !== undefined && !(options.surprises >= 0))
    problems.push('surprises has to be 0 or more')
  const known = [...FAMILIES, ...SEALED_FAMILIES, ...ISSUING_FAMILIES]
  for (const family of options.families ?? [])
    if (!known.includes(family))
      problems.push(`attack "${family}" is unknown: choose among ${known.join(', ')}`)
  if (options.families?.length === 0) problems.push('families is empty: leave it out for all of them')
  if (problems.length > 0) throw new KeyhoundError('bad-input', `cannot simulate: ${problems.join('; ')}`)
}
